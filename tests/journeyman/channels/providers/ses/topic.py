"""A topic of SNS that signs its messages, as its documentation has it, with a certificate of its own."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding

ARN = "arn:aws:sns:us-west-2:123456789012:MyTopic"
CERTIFICATE = "https://sns.us-west-2.amazonaws.com/SimpleNotificationService-f3ecfb7224c7233fe7bb5f59f96de52f.pem"
SUBSCRIBE = f"https://sns.us-west-2.amazonaws.com/?Action=ConfirmSubscription&TopicArn={ARN}&Token=2336412f37"
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
COVERED = {
    "Notification": ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"],
    "SubscriptionConfirmation": ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"],
}


def pem(since: datetime = NOW - timedelta(days=100)) -> bytes:
    """A certificate of the topic's key that lasts for a year."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sns.amazonaws.com")])
    made = x509.CertificateBuilder(name, name, KEY.public_key(), x509.random_serial_number())
    lasting = made.not_valid_before(since).not_valid_after(since + timedelta(days=365))
    return lasting.sign(KEY, hashes.SHA256()).public_bytes(Encoding.PEM)


def message(text: str, at: datetime = NOW, version: str = "1", **more: Any) -> dict[str, Any]:
    """A message as SNS posts it, signed as it stands."""
    given = {
        "Type": "Notification",
        "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": ARN,
        "Subject": "Amazon SES Email Event Notification",
        "Message": text,
        "Timestamp": at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "SignatureVersion": version,
        "SigningCertURL": CERTIFICATE,
        "UnsubscribeURL": "https://sns.us-west-2.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=arn",
        **more,
    }
    given = {name: value for name, value in given.items() if value is not None}
    said = "".join(f"{name}\n{given[name]}\n" for name in COVERED[given["Type"]] if name in given)
    # Version 1 of the signature is SHA-1, and is what a topic has where nobody set anything else.
    algorithm = hashes.SHA1() if version == "1" else hashes.SHA256()  # noqa: S303
    return {**given, "Signature": base64.b64encode(KEY.sign(said.encode(), padding.PKCS1v15(), algorithm)).decode()}


def confirmation(**more: Any) -> dict[str, Any]:
    """What SNS asks before it sends anything."""
    text = f"You have chosen to subscribe to the topic {ARN}."
    asked = {"Type": "SubscriptionConfirmation", "Subject": None, "Token": "2336412f37", "SubscribeURL": SUBSCRIBE}
    return message(text, **{**asked, **more})


def body(given: dict[str, Any]) -> bytes:
    return json.dumps(given, indent=2).encode()


class Aws:
    """What is fetched of AWS, and which addresses were asked for."""

    def __init__(self, certificate: bytes | None = None) -> None:
        self.asked: list[str] = []
        self.certificate = certificate or pem()

    def __call__(self, url: str) -> bytes:
        self.asked.append(url)
        return self.certificate if url.endswith(".pem") else b"<ConfirmSubscriptionResponse/>"
