"""SendGrid's event webhook, as its documentation prints it."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sendgrid.helpers.eventwebhook import EventWebhook

from journeyman.channels.ports import Callback, ForgedError, Receipt, UnreadableError
from journeyman.channels.providers.sendgrid.callbacks import SendGridCallbacks
from tests.journeyman.channels.providers.mails import fixture

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
PRIVATE = ec.generate_private_key(ec.SECP256R1())
PUBLIC = base64.b64encode(PRIVATE.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
READER = SendGridCallbacks(PUBLIC)
SIGNATURE = "x-twilio-email-event-webhook-signature"
TIMESTAMP = "x-twilio-email-event-webhook-timestamp"


def callback(body: bytes, at: datetime = NOW) -> Callback:
    seconds = str(int(at.timestamp()))
    signature = PRIVATE.sign(seconds.encode() + body, ec.ECDSA(hashes.SHA256()))
    headers = {SIGNATURE: base64.b64encode(signature).decode(), TIMESTAMP: seconds}
    return Callback("POST", "https://journeyman.example/v1/callbacks/mails", headers, body)


def read(events: Any) -> list[Receipt]:
    told = READER.read(callback(json.dumps(events).encode()), NOW)
    return [one for one in told if isinstance(one, Receipt)]


def event(name: str, **more: Any) -> dict[str, Any]:
    (found,) = (one for one in fixture(__file__, "events") if one["event"] == name)
    return {**found, **more}


def test_a_batch_becomes_receipts_of_our_message() -> None:
    receipts = read(fixture(__file__, "events"))
    assert [one.status for one in receipts] == [
        "delivered",
        "opened",
        "clicked",
        "bounced",
        "bounced",
        "complained",
        "unsubscribed",
        "unsubscribed",
    ]
    assert {one.message_id for one in receipts} == {"msg_1"}
    assert {one.provider_message_id for one in receipts} == {"14c5d75ce93"}
    assert {one.at for one in receipts} == {datetime.fromtimestamp(1513299569, UTC)}
    assert [one.address for one in receipts] == [None] * 3 + ["example@test.com"] * 3 + [None] * 2
    assert [one.url for one in receipts if one.url] == ["http://www.sendgrid.com/"]


def test_a_bounce_is_for_good_and_a_block_is_not() -> None:
    (bounce,) = read([event("bounce")])
    (block,) = read([event("bounce", type="blocked")])
    assert (bounce.permanent, block.permanent) == (True, False)
    assert block.address is None
    assert bounce.detail == "5.0.0 500 unknown recipient <address>"


@pytest.mark.parametrize(
    ("reason", "status", "permanent"),
    [
        ("Bounced Address", "bounced", True),
        ("Invalid", "bounced", True),
        ("Spam Reporting Address", "complained", False),
        ("Unsubscribed Address", "unsubscribed", False),
        ("Invalid SMTPAPI header", "failed", False),
    ],
)
def test_what_was_dropped_says_why(reason: str, status: str, permanent: bool) -> None:
    (receipt,) = read([event("dropped", reason=reason)])
    assert (receipt.status, receipt.permanent) == (status, permanent)


def test_an_open_that_nobody_made_is_one_of_a_machine() -> None:
    (human,) = read([event("open")])
    (flagged,) = read([event("open", sg_machine_open=True)])
    (apple,) = read([event("open", useragent="Mozilla/5.0")])
    assert (human.machine, flagged.machine, apple.machine) == (False, True, True)


def test_the_same_news_has_the_same_id_and_other_news_another() -> None:
    ids = [one.id for one in read(fixture(__file__, "events"))]
    assert ids == [one.id for one in read(fixture(__file__, "events"))]
    assert len(set(ids)) == len(ids)
    nameless = event("delivered", sg_event_id=None)
    assert read([nameless])[0].id == read([nameless])[0].id


def test_our_signatures_hold_before_sendgrids_own_validator() -> None:
    given = callback(b'[{"event": "delivered"}]')
    theirs = EventWebhook(PUBLIC)
    assert theirs.verify_signature(given.body.decode(), given.headers[SIGNATURE], given.headers[TIMESTAMP])


def test_a_real_callback_is_let_in() -> None:
    """The one with which SendGrid's own libraries are tested (helpers/eventwebhook)."""
    key = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpigl"
    signature = "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM="
    told = {
        "email": "hello@world.com",
        "event": "dropped",
        "reason": "Bounced Address",
        "sg_event_id": "ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA",
        "sg_message_id": "LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0",
        "smtp-id": "<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>",
        "timestamp": 1600112492,
    }
    body = json.dumps([told], separators=(",", ":")).encode() + b"\r\n"
    given = Callback("POST", "https://journeyman.example/", {SIGNATURE: signature, TIMESTAMP: "1600112502"}, body)
    (receipt,) = SendGridCallbacks(key + "SI8eNEc6wEA3F+g==").read(given, datetime.fromtimestamp(1600112600, UTC))
    assert isinstance(receipt, Receipt)
    assert (receipt.status, receipt.address) == ("bounced", "hello@world.com")


@pytest.mark.parametrize("changed", ["body", "timestamp", "signature", "missing", "old"])
def test_what_is_not_signed_as_it_stands_is_refused(changed: str) -> None:
    given = callback(b"no JSON at all", NOW - timedelta(days=2) if changed == "old" else NOW)
    headers = dict(given.headers)
    if changed == "timestamp":
        headers[TIMESTAMP] = str(int(NOW.timestamp()) + 1)
    if changed == "signature":
        headers[SIGNATURE] = "äöü"
    body = given.body + b" " if changed == "body" else given.body
    given = Callback("POST", given.url, {} if changed == "missing" else headers, body)
    with pytest.raises(ForgedError, match="too old" if changed == "old" else "does not fit"):
        READER.read(given, NOW)


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b'[{"email": "ann@example.com"}]'])
def test_what_is_no_batch_cannot_be_read(body: bytes) -> None:
    with pytest.raises(UnreadableError):
        READER.read(callback(body), NOW)
    assert READER.hello(callback(body)) is None
