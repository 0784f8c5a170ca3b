"""Proofs of webhooks, against vectors that others have published."""

from datetime import UTC, datetime, timedelta

import pytest

from journeyman.customers.hooks.document import Verification
from journeyman.customers.hooks.verification import verify
from journeyman.customers.sources.deliveries import Delivery
from journeyman.customers.sources.errors import SignatureError

SECRET = "whsec_plJ3nmyCDGBKInavdOK15jsl"
BODY = b'{"event_type":"ping","data":{"success":true}}'
SIGNED = {
    "webhook-id": "msg_loFOjxBNrRLzqYUf",
    "webhook-timestamp": "1731705121",
    "webhook-signature": "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=",
}
"""The example of the specification (Standard Webhooks, signature scheme)."""
AT = datetime.fromtimestamp(1731705121, UTC)
STANDARD = Verification(way="standard_webhooks", secret="JOURNEYMAN_HOOK_A")


def test_the_specifications_example_is_genuine() -> None:
    verify(STANDARD, SECRET, Delivery(SIGNED, BODY), AT)
    several = {**SIGNED, "webhook-signature": f"v1,AAAA v1a,BBBB {SIGNED['webhook-signature']}"}
    verify(STANDARD, SECRET, Delivery(several, BODY), AT + timedelta(minutes=4))


@pytest.mark.parametrize(
    ("secret", "changed", "body", "later"),
    [
        (SECRET, {}, BODY + b" ", 0),
        (SECRET, {}, BODY, 400),
        (SECRET, {}, BODY, -400),
        (SECRET, {"webhook-id": "msg_other"}, BODY, 0),
        (SECRET, {"webhook-timestamp": "1731705122"}, BODY, 0),
        (SECRET, {"webhook-timestamp": ""}, BODY, 0),
        (SECRET, {"webhook-timestamp": "9" * 30}, BODY, 0),
        (SECRET, {"webhook-signature": ""}, BODY, 0),
        ("whsec_" + "A" * 32, {}, BODY, 0),
        ("no Base64!", {}, BODY, 0),
    ],
)
def test_what_was_changed_or_is_old_is_not(secret: str, changed: dict[str, str], body: bytes, later: int) -> None:
    with pytest.raises(SignatureError):
        verify(STANDARD, secret, Delivery({**SIGNED, **changed}, body), AT + timedelta(seconds=later))


def test_a_signature_of_github_is_an_hmac_with_a_prefix() -> None:
    """The example of docs.github.com, Validating webhook deliveries."""
    rule = Verification(way="hmac", secret="JOURNEYMAN_HOOK_A", header="X-Hub-Signature-256", prefix="sha256=")
    given = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    genuine = Delivery({"x-hub-signature-256": given}, b"Hello, World!")
    verify(rule, "It's a Secret to Everybody", genuine, AT)
    with pytest.raises(SignatureError):
        verify(rule, "It's a Secret to Everybody", Delivery({}, b"Hello, World!"), AT)
