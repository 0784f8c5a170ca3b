"""Twilio's callbacks, as its documentation prints them."""

import base64
import hmac
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest

from journeyman.channels.ports import Callback, ForgedError, Receipt, Reply, UnreadableError
from journeyman.channels.providers.twilio.callbacks import TwilioCallbacks
from tests.journeyman.channels.providers.twilio.harness import CALLBACK, TOKEN

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SID = "SM1f0e8ae6ade43cb3c0ce4525424e404f"
DELIVERED = {
    "SmsSid": SID,
    "SmsStatus": "delivered",
    "MessageStatus": "delivered",
    "To": "+15558675310",
    "MessageSid": SID,
    "AccountSid": "AC4b8aae9ebc6f4e8a8e7c9ad9e8a4f4ad",
    "From": "+15017122661",
    "ApiVersion": "2010-04-01",
}
"""https://www.twilio.com/docs/messaging/guides/track-outbound-message-status"""
INCOMING = {
    "MessageSid": "SM2d7c5d5a0cb84a4ab3d4f2d7c2d1b3a4",
    "From": "+15558675310",
    "To": "+15017122661",
    "Body": "Stop",
    "NumMedia": "0",
    "OptOutType": "STOP",
    "SmsStatus": "received",
}
"""https://www.twilio.com/docs/messaging/guides/webhook-request"""


def signature(token: str, url: str, fields: dict[str, str]) -> str:
    said = url + "".join(f"{name}{fields[name]}" for name in sorted(fields))
    return base64.b64encode(hmac.digest(token.encode(), said.encode(), "sha1")).decode()


def callback(fields: dict[str, str], url: str = f"{CALLBACK}?message=msg_1", token: str = TOKEN) -> Callback:
    headers = {"x-twilio-signature": signature(token, url, fields)}
    return Callback("POST", url, headers, urlencode(fields).encode())


def read(fields: dict[str, str], **parts: str) -> list[Receipt | Reply]:
    return list(TwilioCallbacks(TOKEN).read(callback(fields, **parts), NOW))


def test_the_signature_is_that_of_the_documentation() -> None:
    """The example of twilio.com/docs/usage/security, which its own libraries are tested with."""
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    number = "+14158675309"
    fields = {"CallSid": "CA1234567890ABCDE", "Caller": number, "Digits": "1234", "From": number, "To": "+18005551212"}
    headers = {"x-twilio-signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8="}
    with pytest.raises(UnreadableError):  # it is let in, and is no message
        TwilioCallbacks("12345").read(Callback("POST", url, headers, urlencode(fields).encode()), NOW)


def test_a_delivery_names_the_message_of_ours() -> None:
    (receipt,) = read(DELIVERED)
    assert isinstance(receipt, Receipt)
    assert (receipt.status, receipt.message_id, receipt.provider_message_id) == ("delivered", "msg_1", SID)
    assert (receipt.address, receipt.permanent) == (None, False)


@pytest.mark.parametrize(("code", "dead"), [("30003", True), ("30006", True), ("30008", False), ("30007", False)])
def test_only_some_errors_say_that_the_number_is_dead(code: str, dead: bool) -> None:
    (receipt,) = read({**DELIVERED, "MessageStatus": "undelivered", "ErrorCode": code})
    assert isinstance(receipt, Receipt)
    assert (receipt.status, receipt.permanent, receipt.address is not None) == ("bounced", dead, dead)
    assert receipt.detail == f"error {code}"


@pytest.mark.parametrize("status", ["queued", "sending", "accepted"])
def test_that_it_is_on_its_way_is_no_news(status: str) -> None:
    assert read({**DELIVERED, "MessageStatus": status, "SmsStatus": status}) == []


def test_what_people_write_is_a_reply_with_twilios_own_reading_of_it() -> None:
    (reply,) = read(INCOMING)
    assert isinstance(reply, Reply)
    assert (reply.channel, reply.sender, reply.text) == ("sms", "+15558675310", "Stop")
    assert reply.properties == {"opt_out": "STOP"}


def test_the_same_news_has_the_same_id_and_other_news_another() -> None:
    assert read(DELIVERED)[0].id == read(DELIVERED)[0].id
    assert read(DELIVERED)[0].id != read({**DELIVERED, "MessageStatus": "sent"})[0].id


@pytest.mark.parametrize("changed", ["token", "url", "body", "missing"])
def test_what_is_not_signed_as_it_stands_is_refused(changed: str) -> None:
    given = callback(DELIVERED, token="another" if changed == "token" else TOKEN)
    if changed == "url":
        given = Callback("POST", f"{CALLBACK}?message=msg_2", given.headers, given.body)
    if changed == "body":
        given = Callback("POST", given.url, given.headers, given.body.replace(b"delivered", b"failed"))
    if changed == "missing":
        given = Callback("POST", given.url, {}, given.body)
    with pytest.raises(ForgedError):
        TwilioCallbacks(TOKEN).read(given, NOW)


def test_what_is_no_form_is_refused() -> None:
    with pytest.raises(UnreadableError):
        TwilioCallbacks(TOKEN).read(Callback("POST", CALLBACK, {}, b"\xff\xfe"), NOW)
