"""Messages of Amazon SNS over HTTP, believed by their signature.

https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message-verify-message-signature.html.

Anybody with an account of AWS can have SNS sign messages: besides the signature, the topic has to be the expected one.
"""

import base64
import binascii
import re
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import httpx
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509 import Certificate, load_pem_x509_certificate
from pydantic import Field, TypeAdapter

from journeyman.channels.callback_bodies import Instant, Told, read_body
from journeyman.channels.ports import ForgedError
from journeyman.kit.errors import OverloadedError

Fetch = Callable[[str], bytes]
"""What a GET request of a URL gives. Raises `httpx.HTTPError` where it gives nothing."""

OLDEST: Final = timedelta(hours=24)
FETCH_SECONDS: Final = 5.0
KEPT: Final = 8
"""Certificates that are kept: SNS has one for a region at a time."""
RETRY_AFTER: Final = 30
"""Seconds after which SNS may come again when its certificate could not be fetched."""
HASHES: Final = {"1": hashes.SHA1, "2": hashes.SHA256}
NOTIFICATION: Final = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
CONFIRMATION: Final = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
_HOST: Final = r"https://sns\.[a-z0-9-]{3,40}\.amazonaws\.com(?:\.cn)?"
_CERTIFICATE: Final = re.compile(rf"{_HOST}/SimpleNotificationService-[A-Za-z0-9]+\.pem", re.ASCII)
_SUBSCRIBE: Final = re.compile(rf"{_HOST}/\?Action=ConfirmSubscription&[!-~]+", re.ASCII)


class SnsMessage(Told):
    """One message, as it stands in the body of a request."""

    type: str = Field(alias="Type")
    id: str = Field(alias="MessageId")
    topic: str = Field(alias="TopicArn")
    message: str = Field(alias="Message")
    timestamp: str = Field(alias="Timestamp")
    signature: str = Field(alias="Signature")
    version: str = Field(default="1", alias="SignatureVersion")
    certificate: str = Field(alias="SigningCertURL")
    subject: str | None = Field(default=None, alias="Subject")
    token: str | None = Field(default=None, alias="Token")
    subscribe: str | None = Field(default=None, alias="SubscribeURL")

    def signed(self) -> bytes:
        """What the signature is over: names and values of some fields, each in a line."""
        names = NOTIFICATION if self.type == "Notification" else CONFIRMATION
        given = self.model_dump(by_alias=True)
        return "".join(f"{name}\n{given[name]}\n" for name in names if given[name] is not None).encode()


MESSAGE: Final = TypeAdapter(SnsMessage)
INSTANT: Final = TypeAdapter(Instant)


def fetched(url: str) -> bytes:
    """What a GET request of a URL gives. Raises `httpx.HTTPError`."""
    answer = httpx.get(url, timeout=FETCH_SECONDS, follow_redirects=False, trust_env=False)
    return answer.raise_for_status().content


class SnsReader:
    """Reads messages of one topic. The certificates come from AWS alone, by `fetch`."""

    def __init__(self, topic: str, fetch: Fetch = fetched) -> None:
        self._topic = topic
        self._fetch = fetch
        self._certificates: OrderedDict[str, Certificate] = OrderedDict()

    def read(self, body: bytes, now: datetime) -> SnsMessage:
        """Raises `ForgedError`, `UnreadableError`, and `OverloadedError` where the certificate cannot be fetched."""
        message = read_body(MESSAGE, body)
        if message.topic != self._topic:
            raise ForgedError("it is of another topic")
        at = INSTANT.validate_python(message.timestamp)
        if at is None or abs(now - at) > OLDEST:
            raise ForgedError("the message is too old")
        self._verify(message, now)
        return message

    def confirm(self, message: SnsMessage) -> None:
        """Tell SNS that the topic may send here. Raises `ForgedError`, and `OverloadedError` where that fails."""
        if message.subscribe is None or not _SUBSCRIBE.fullmatch(message.subscribe):
            raise ForgedError("the address for the confirmation is none of SNS")
        self._get(message.subscribe)

    def _verify(self, message: SnsMessage, now: datetime) -> None:
        certificate = self._certificate(message.certificate)
        key, algorithm = certificate.public_key(), HASHES.get(message.version)
        if not isinstance(key, rsa.RSAPublicKey) or algorithm is None:
            raise ForgedError("the signature is of no known version")
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            raise ForgedError("the certificate is not valid")
        try:
            signature = base64.b64decode(message.signature, validate=True)
            key.verify(signature, message.signed(), padding.PKCS1v15(), algorithm())
        except (InvalidSignature, ValueError, binascii.Error) as error:
            raise ForgedError("the signature does not fit") from error

    def _certificate(self, url: str) -> Certificate:
        if not _CERTIFICATE.fullmatch(url):
            raise ForgedError("the certificate is none of SNS")
        if url not in self._certificates:
            try:
                self._certificates[url] = load_pem_x509_certificate(self._get(url))
            except ValueError as error:
                raise ForgedError("the certificate cannot be read") from error
            while len(self._certificates) > KEPT:
                self._certificates.popitem(last=False)
        return self._certificates[url]

    def _get(self, url: str) -> bytes:
        try:
            return self._fetch(url)
        except httpx.HTTPError as error:
            raise OverloadedError("SNS cannot be reached", RETRY_AFTER) from error
