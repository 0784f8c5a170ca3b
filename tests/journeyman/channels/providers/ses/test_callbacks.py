"""What SES tells through SNS, as its documentation prints it."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from journeyman.channels.ports import Callback, ForgedError, Receipt, Response, UnreadableError
from journeyman.channels.providers.ses.callbacks import SesCallbacks
from journeyman.kit.clock import FixedClock
from tests.journeyman.channels.providers.mails import fixture
from tests.journeyman.channels.providers.ses.topic import ARN, NOW, SUBSCRIBE, Aws, body, confirmation, message

AWS = Aws()
READER = SesCallbacks(ARN, AWS, FixedClock(NOW))
NAMES = ("delivery", "open", "click", "bounce", "complaint", "subscription", "reject", "failure")
ID = "EXAMPLE7c191be45-e9aedb9a-02f9-4d12-a87d-dd0099a07f8a-000000"


def callback(given: dict[str, Any]) -> Callback:
    headers = {"x-amz-sns-message-type": given["Type"], "content-type": "text/plain; charset=UTF-8"}
    return Callback("POST", "https://journeyman.example/v1/callbacks/mails", headers, body(given))


def read(event: Any) -> list[Receipt]:
    told = READER.read(callback(message(json.dumps(event))), NOW)
    return [one for one in told if isinstance(one, Receipt)]


def changed(name: str, part: str, **detail: Any) -> dict[str, Any]:
    document = fixture(__file__, name)
    return {**document, part: {**document[part], **detail}}


@pytest.mark.parametrize(
    ("name", "status", "has_address", "detail"),
    [
        ("delivery", "delivered", False, ""),
        ("open", "opened", False, ""),
        ("click", "clicked", False, ""),
        ("bounce", "bounced", True, "Permanent General smtp; 550 5.1.1 <address> user unknown"),
        ("complaint", "complained", True, ""),
        ("subscription", "unsubscribed", False, ""),
        ("reject", "failed", False, "Bad content"),
        ("failure", "failed", False, "Attribute 'attributeName' is not present in the rendering data."),
    ],
)
def test_each_event_becomes_a_receipt_of_our_message(name: str, status: str, has_address: bool, detail: str) -> None:
    (receipt,) = read(fixture(__file__, name))
    assert (receipt.status, receipt.address) == (status, "recipient@example.com" if has_address else None)
    assert (receipt.message_id, receipt.provider_message_id) == ("msg_1", ID)
    assert receipt.detail == detail
    assert receipt.at <= NOW
    assert receipt.at.tzinfo is UTC
    assert (receipt.url is not None) == (name == "click")
    assert receipt.permanent == (name == "bounce")


@pytest.mark.parametrize("name", ["send", "delay"])
def test_that_it_is_on_its_way_is_no_news(name: str) -> None:
    assert read(fixture(__file__, name)) == []


def test_notifications_of_an_identity_are_read_without_tags() -> None:
    document = fixture(__file__, "bounce")
    del document["mail"]["tags"]
    (receipt,) = read({**document, "eventType": None, "notificationType": "Bounce"})
    assert (receipt.status, receipt.message_id, receipt.provider_message_id) == ("bounced", None, ID)


def test_a_bounce_that_may_pass_leaves_the_address_alone() -> None:
    (receipt,) = read(changed("bounce", "bounce", bounceType="Transient", bounceSubType="MailboxFull"))
    assert (receipt.permanent, receipt.address) == (False, None)


def test_what_is_no_complaint_and_no_farewell_is_left_out() -> None:
    assert read(changed("complaint", "complaint", complaintFeedbackType="not-spam")) == []
    assert read(changed("subscription", "subscription", newTopicPreferences={"unsubscribeAll": False})) == []


def test_an_open_by_apples_servers_is_one_of_a_machine() -> None:
    assert not read(fixture(__file__, "open"))[0].machine
    assert read(changed("open", "open", userAgent="Mozilla/5.0"))[0].machine


def test_the_same_news_has_the_same_id_and_other_news_another() -> None:
    ids = [read(fixture(__file__, name))[0].id for name in NAMES]
    assert ids == [read(fixture(__file__, name))[0].id for name in NAMES]
    assert len(set(ids)) == len(NAMES)
    assert read(changed("open", "open", timestamp="2017-08-09T23:00:19.652Z"))[0].id not in ids


def test_the_address_is_confirmed_before_anything_is_sent_to_it() -> None:
    asked = callback(confirmation())
    assert READER.hello(asked) == Response()
    assert AWS.asked[-1] == SUBSCRIBE
    assert READER.read(asked, NOW) == []
    assert READER.hello(callback(message("{}"))) is None


def test_nobody_else_has_an_address_confirmed() -> None:
    for wrong in ({"TopicArn": ARN + "2"}, {"SubscribeURL": "https://evil.example/"}):
        with pytest.raises(ForgedError):
            READER.hello(callback(confirmation(**wrong)))
    forged = {**confirmation(), "Token": "another"}
    with pytest.raises(ForgedError):
        READER.hello(callback(forged))
    assert "https://evil.example/" not in AWS.asked


def test_a_notification_that_calls_itself_a_confirmation_is_none() -> None:
    headers = {"x-amz-sns-message-type": "SubscriptionConfirmation"}
    assert READER.hello(Callback("POST", "https://journeyman.example/", headers, body(message("{}")))) is None


@pytest.mark.parametrize("what", ["message", "old"])
def test_what_is_not_signed_as_it_stands_is_refused(what: str) -> None:
    given = message("no JSON at all", NOW - timedelta(days=2) if what == "old" else NOW)
    given |= {"Message": "other"} if what == "message" else {}
    with pytest.raises(ForgedError):
        READER.read(callback(given), NOW)


def test_a_topics_own_words_are_no_news() -> None:
    assert (
        READER.read(callback(message("Successfully validated SNS topic for Amazon SES event publishing.")), NOW) == []
    )


def test_what_is_no_event_cannot_be_read() -> None:
    with pytest.raises(UnreadableError):
        read({"eventType": "Bounce"})
    assert read({"eventType": "Other", "mail": {"messageId": "m"}}) == []


def test_news_without_a_time_is_of_now() -> None:
    (receipt,) = read(fixture(__file__, "reject"))
    assert receipt.at == datetime(2026, 3, 2, 12, tzinfo=UTC)
