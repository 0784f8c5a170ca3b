"""LINE's webhooks, as its documentation prints them."""

import base64
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from linebot.v3.webhook import SignatureValidator

from journeyman.channels.ports import Callback, ForgedError, Receipt, Reply, UnreadableError
from journeyman.channels.providers.line.callbacks import LineCallbacks

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECRET, URL = "8c570fa6dd201bb328f1c1eac23a96d8", "https://journeyman.example/v1/callbacks/line"
EVENTS = json.loads((Path(__file__).parent / "fixtures" / "events.json").read_text())
READER = LineCallbacks(SECRET)


def callback(document: Any, secret: str = SECRET) -> Callback:
    body = json.dumps(document).encode()
    signature = base64.b64encode(hmac.digest(secret.encode(), body, "sha256")).decode()
    return Callback("POST", URL, {"x-line-signature": signature}, body)


def read(document: Any) -> list[Receipt | Reply]:
    return list(READER.read(callback(document), NOW))


def test_lines_own_validator_lets_in_what_we_let_in() -> None:
    given, forged = callback(EVENTS), callback(EVENTS, "another")
    theirs = SignatureValidator(SECRET)
    assert theirs.validate(given.body.decode(), given.headers["x-line-signature"])
    assert not theirs.validate(forged.body.decode(), forged.headers["x-line-signature"])


def test_words_presses_and_who_blocks_are_told_apart_and_groups_left_out() -> None:
    said, pressed, left = read(EVENTS)
    assert isinstance(said, Reply)
    assert isinstance(pressed, Reply)
    assert isinstance(left, Receipt)
    assert (said.channel, said.sender, said.text) == ("line", "U80696558e1aa831...", "Stop")
    assert (said.answers, said.at) == ("461230966842064897", datetime(2021, 7, 7, 13, 40, 42, 211000, UTC))
    assert (pressed.sender, pressed.button, pressed.text) == ("U91eeaf62d...", "yes", "")
    assert (left.status, left.address) == ("unsubscribed", "U4af4980629...")


def test_what_is_delivered_again_has_the_same_id() -> None:
    again = json.loads(json.dumps(EVENTS).replace('"isRedelivery": false', '"isRedelivery": true'))
    assert [one.id for one in read(again)] == [one.id for one in read(EVENTS)]
    assert len({one.id for one in read(EVENTS)}) == 3


def test_an_address_is_tried_with_no_events() -> None:
    assert read({"destination": "xxxxxxxxxx", "events": []}) == []


def test_what_is_not_signed_is_refused_before_it_is_read() -> None:
    given = callback(EVENTS)
    changed = Callback("POST", URL, given.headers, given.body.replace(b"Stop", b"Hello"))
    for forged in (callback(EVENTS, "another"), changed, Callback("POST", URL, {}, b"{")):
        with pytest.raises(ForgedError):
            READER.read(forged, NOW)


@pytest.mark.parametrize("document", [[], {}, {"events": [1]}, {"events": [{"source": {"type": "user"}}]}])
def test_what_is_no_webhook_is_unreadable(document: Any) -> None:
    with pytest.raises(UnreadableError):
        read(document)
