"""Messages of SNS: believed by signature and topic, with a certificate that comes from AWS alone."""

import asyncio
from datetime import timedelta

import httpx
import pytest

from journeyman.channels.ports import ForgedError, UnreadableError
from journeyman.channels.sns import SnsReader, fetched
from journeyman.kit.errors import OverloadedError
from tests.journeyman.channels.providers.ses.topic import ARN, CERTIFICATE, NOW, Aws, body, confirmation, message, pem
from tests.parts.other_system import OtherSystem, Says


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("subject", ["A subject", None])
def test_both_versions_of_the_signature_are_read_with_and_without_a_subject(version: str, subject: str | None) -> None:
    aws = Aws()
    read = SnsReader(ARN, aws).read(body(message("Hällo\nthere", version=version, Subject=subject)), NOW)
    assert read.message == "Hällo\nthere"
    assert aws.asked == [CERTIFICATE]


def test_a_certificate_is_fetched_once() -> None:
    aws = Aws()
    reader = SnsReader(ARN, aws)
    for text in ("one", "two"):
        reader.read(body(message(text)), NOW)
    assert aws.asked == [CERTIFICATE]


@pytest.mark.parametrize("field", ["Message", "MessageId", "Subject", "Timestamp", "Type", "Signature"])
def test_what_is_not_signed_as_it_stands_is_refused(field: str) -> None:
    changed = {
        "Message": "other",
        "MessageId": "other",
        "Subject": "other",
        "Timestamp": "2026-03-02T12:00:01.000Z",
        "Type": "UnsubscribeConfirmation",
        "Signature": "bm9uZQ==",
    }
    given = {**message("one"), field: changed[field]}
    with pytest.raises(ForgedError, match="does not fit"):
        SnsReader(ARN, Aws()).read(body(given), NOW)


def test_another_topic_is_refused_though_sns_signed_it() -> None:
    """Whoever has an account of AWS has topics, and certificates of SNS sign what they say."""
    with pytest.raises(ForgedError, match="another topic"):
        SnsReader(ARN, Aws()).read(body(message("one", TopicArn=ARN + "2")), NOW)


@pytest.mark.parametrize("days", [-2, 2])
def test_an_old_message_is_refused(days: int) -> None:
    with pytest.raises(ForgedError, match="too old"):
        SnsReader(ARN, Aws()).read(body(message("one", NOW + timedelta(days=days))), NOW)


@pytest.mark.parametrize(
    "url",
    [
        "http://sns.us-west-2.amazonaws.com/SimpleNotificationService-1.pem",
        "https://sns.us-west-2.amazonaws.com.evil.example/SimpleNotificationService-1.pem",
        "https://sns.us-west-2.amazonaws.com@evil.example/SimpleNotificationService-1.pem",
        "https://sns.us-west-2.amazonaws.com:8443/SimpleNotificationService-1.pem",
        "https://evil.s3.amazonaws.com/SimpleNotificationService-1.pem",
        "https://sns.us-west-2.amazonaws.com/../evil.pem",
        "https://sns.us-west-2.amazonaws.com/SimpleNotificationService-1.pem?x=.pem",
        "https://sns.us-west-2.amazonaws.com/SimpleNotificationService-1.pem\n",
        "file:///etc/passwd",
    ],
)
def test_a_certificate_from_elsewhere_is_not_even_fetched(url: str) -> None:
    aws = Aws()
    with pytest.raises(ForgedError, match="none of SNS"):
        SnsReader(ARN, aws).read(body(message("one", SigningCertURL=url)), NOW)
    assert aws.asked == []


@pytest.mark.parametrize(
    "certificate", [b"no certificate", pem(NOW - timedelta(days=400)), pem(NOW + timedelta(days=1))]
)
def test_a_certificate_that_is_none_or_is_not_valid_proves_nothing(certificate: bytes) -> None:
    with pytest.raises(ForgedError, match="certificate"):
        SnsReader(ARN, Aws(certificate)).read(body(message("one")), NOW)


def test_a_version_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ForgedError, match="version"):
        SnsReader(ARN, Aws()).read(body(message("one", version="3")), NOW)


def test_sns_is_to_come_again_where_its_certificate_cannot_be_fetched() -> None:
    def nobody(url: str) -> bytes:
        raise httpx.ConnectError(url)

    with pytest.raises(OverloadedError):
        SnsReader(ARN, nobody).read(body(message("one")), NOW)


def test_a_subscription_is_confirmed_at_sns_alone() -> None:
    aws = Aws()
    reader = SnsReader(ARN, aws)
    asked = reader.read(body(confirmation()), NOW)
    reader.confirm(asked)
    assert aws.asked == [CERTIFICATE, asked.subscribe]
    for url in ("https://evil.example/?Action=ConfirmSubscription&Token=1", None):
        with pytest.raises(ForgedError, match="none of SNS"):
            reader.confirm(asked.model_copy(update={"subscribe": url}))


@pytest.mark.parametrize("wrong", [b"", b"[]", b"{}", b'{"Type": "Notification"}'])
def test_what_is_no_message_cannot_be_read(wrong: bytes) -> None:
    with pytest.raises(UnreadableError):
        SnsReader(ARN, Aws()).read(wrong, NOW)


async def test_what_is_fetched_comes_without_redirects() -> None:
    async with OtherSystem() as other:
        other.script.append(Says(200, b"-----BEGIN CERTIFICATE-----"))
        assert await asyncio.to_thread(fetched, other.url) == b"-----BEGIN CERTIFICATE-----"
        other.script.append(Says(302, b"", {"location": other.url}))
        with pytest.raises(httpx.HTTPStatusError):
            await asyncio.to_thread(fetched, other.url)
