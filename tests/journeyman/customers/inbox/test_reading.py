"""What the door makes of what clients send."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeyman.customers.inbox.errors import RefusedError, TooLargeError
from journeyman.customers.inbox.events import Incoming
from journeyman.customers.inbox.json_text import Parsed, parse
from journeyman.customers.inbox.reading import read_batch, read_event

NOW = datetime(2026, 11, 22, 9, 0, 0, 123456, tzinfo=UTC)
TRACK: dict[str, Any] = {"type": "track", "event": "Order Completed", "userId": "u1", "messageId": "m1"}


def read(raw: Any, **more: Any) -> Incoming:
    return read_event(raw, received_at=NOW, plain=True, **more)


def read_text(text: str) -> Incoming:
    parsed = parse(text.encode("utf-8", "surrogatepass"))
    return read_event(parsed.document, received_at=NOW, plain=parsed.plain)


def payload(event: Incoming) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(event.payload)
    return loaded


def refusal(raw: Any, **more: Any) -> RefusedError:
    with pytest.raises(RefusedError) as refused:
        read(raw, **more)
    return refused.value


@pytest.mark.parametrize(
    ("raw", "stored"),
    [
        (
            {"type": "track", "event": "Order Completed", "userId": "u1", "properties": {"revenue": 9.5, "note": None}},
            {
                "type": "track",
                "name": "Order Completed",
                "userId": "u1",
                "properties": {"revenue": 9.5, "note": None},
            },
        ),
        (
            {"type": "identify", "userId": "u1", "anonymousId": "a1", "traits": {"plan": "pro"}},
            {
                "type": "identify",
                "name": "Identified",
                "userId": "u1",
                "anonymousId": "a1",
                "traits": {"plan": "pro"},
            },
        ),
        (
            {"type": "page", "anonymousId": "a1", "name": "Pricing", "category": "Docs", "properties": {"url": "/p"}},
            {
                "type": "page",
                "name": "Page Viewed",
                "anonymousId": "a1",
                "properties": {"url": "/p", "name": "Pricing", "category": "Docs"},
            },
        ),
        (
            {"type": "screen", "userId": "u1", "name": "Home", "context": {"app": {"version": "2"}}},
            {
                "type": "screen",
                "name": "Screen Viewed",
                "userId": "u1",
                "properties": {"name": "Home"},
                "context": {"app": {"version": "2"}},
            },
        ),
        (
            {"type": "group", "userId": "u1", "groupId": 7, "traits": {"name": "Acme"}},
            {
                "type": "group",
                "name": "Grouped",
                "userId": "u1",
                "groupId": "7",
                "traits": {"name": "Acme"},
            },
        ),
        (
            {"type": "alias", "userId": "u1", "previousId": "a1"},
            {"type": "alias", "name": "Aliased", "userId": "u1", "previousId": "a1"},
        ),
    ],
)
def test_every_call_has_its_stored_form(raw: dict[str, Any], stored: dict[str, Any]) -> None:
    event = read(
        raw | {"messageId": "m1", "integrations": {}, "channel": "server", "anonymousId": raw.get("anonymousId")}
    )
    assert payload(event) == stored
    assert event.message_id == "m1"
    assert event.subject == ("u:u1" if "userId" in raw else "a:a1")
    assert event.event_time == NOW
    assert ": " not in event.payload


def test_rudders_traits_come_in_the_context() -> None:
    raw = {"type": "identify", "userId": "u1", "context": {"traits": {"plan": "pro", "age": 30}}, "traits": {"age": 31}}
    assert payload(read(raw))["traits"] == {"plan": "pro", "age": 31}
    assert "traits" not in payload(read(TRACK | {"context": {"traits": {"plan": "pro"}}}))


def test_ids_may_be_numbers_and_empty_ones_are_absent() -> None:
    assert read(TRACK | {"userId": 42}).subject == "u:42"
    assert read(TRACK | {"userId": "", "anonymousId": "a1"}).subject == "a:a1"
    assert read(TRACK | {"messageId": 7}).message_id == "7"


@pytest.mark.parametrize("missing", [None, ""])
def test_a_missing_message_id_is_made(missing: str | None) -> None:
    made = {read(TRACK | {"messageId": missing}).message_id for _ in range(3)}
    assert len(made) == 3
    assert all(message_id.startswith("evt_") for message_id in made)


@pytest.mark.parametrize(
    ("raw", "pointer"),
    [
        ({"type": "track", "event": "X"}, "/userId"),
        ({"type": "track", "userId": "u1"}, "/event"),
        (TRACK | {"event": ""}, "/event"),
        (TRACK | {"event": None}, "/event"),
        (TRACK | {"event": "x" * 201}, "/event"),
        (TRACK | {"userId": "x" * 513}, "/userId"),
        (TRACK | {"userId": True}, "/userId"),
        (TRACK | {"userId": ["u1"]}, "/userId"),
        (TRACK | {"messageId": "x" * 513}, "/messageId"),
        (TRACK | {"properties": [1]}, "/properties"),
        (TRACK | {"context": "web"}, "/context"),
        (TRACK | {"type": "charge"}, "/type"),
        (TRACK | {"type": None}, "/type"),
        (TRACK | {"type": {}}, "/type"),
        ({"type": "alias", "userId": "u1"}, "/previousId"),
        ({"type": "alias", "anonymousId": "a1", "previousId": "a2"}, "/userId"),
        ({"type": "group", "userId": "u1"}, "/groupId"),
        ([], ""),
        ("track", ""),
        (None, ""),
    ],
)
def test_what_is_no_event_is_refused_with_a_pointer_and_a_mend(raw: Any, pointer: str) -> None:
    faults = refusal(raw).faults
    assert [fault.pointer for fault in faults] == [pointer]
    assert all(fault.detail and fault.mend for fault in faults)


def test_a_refusal_names_the_event() -> None:
    assert refusal(TRACK | {"event": ""}).message_id == "m1"
    assert refusal(TRACK | {"type": "charge"}).message_id == "m1"
    assert refusal(TRACK | {"userId": None}).message_id == "m1"


def test_the_address_names_the_call_before_the_body_does() -> None:
    assert payload(read({"userId": "u1"}, kind="identify"))["type"] == "identify"
    assert payload(read(TRACK | {"name": "Home"}, kind="screen"))["type"] == "screen"


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-22T06:16:51.341Z", datetime(2026, 11, 22, 6, 16, 51, 341000, tzinfo=UTC)),
        ("2026-11-22T07:16:51.123456+01:00", datetime(2026, 11, 22, 6, 16, 51, 123456, tzinfo=UTC)),
        ("2026-11-22t06:16:51z", datetime(2026, 11, 22, 6, 16, 51, tzinfo=UTC)),
        ("2026-11-22T06:16:51", datetime(2026, 11, 22, 6, 16, 51, tzinfo=UTC)),
        ("2026-11-22", datetime(2026, 11, 22, tzinfo=UTC)),
        ("2026-11-22T06:16:51.341123999Z", datetime(2026, 11, 22, 6, 16, 51, 341123, tzinfo=UTC)),
    ],
)
def test_timestamps_are_exact_to_the_microsecond(text: str, instant: datetime) -> None:
    event = read(TRACK | {"timestamp": text})
    assert event.event_time == instant
    assert event.event_time.utcoffset() == timedelta(0)
    assert read(TRACK | {"originalTimestamp": text}).event_time == instant


@pytest.mark.parametrize("field", ["timestamp", "originalTimestamp", "sentAt"])
@pytest.mark.parametrize("text", ["yesterday", "", 1700000000, "1700000000", True, {}, "2026-13-01T00:00:00Z"])
def test_a_bad_time_is_refused_by_name(field: str, text: Any) -> None:
    assert [fault.pointer for fault in refusal(TRACK | {field: text}).faults] == [f"/{field}"]


def test_a_clients_wrong_clock_is_corrected() -> None:
    an_hour_fast = {"timestamp": "2026-11-22T09:59:30Z", "sentAt": "2026-11-22T10:00:00.123456Z"}
    assert read(TRACK | an_hour_fast).event_time == datetime(2026, 11, 22, 8, 59, 30, tzinfo=UTC)
    batch_sent = datetime(2026, 11, 22, 10, 0, 0, 123456, tzinfo=UTC)
    raw = TRACK | {"timestamp": "2026-11-22T09:59:30Z"}
    assert read(raw, sent_at=batch_sent).event_time == datetime(2026, 11, 22, 8, 59, 30, tzinfo=UTC)
    own = raw | {"sentAt": "2026-11-22T09:59:30Z"}
    assert read(own, sent_at=batch_sent).event_time == NOW, "the event's own sentAt comes first"


@pytest.mark.parametrize(
    ("text", "clamped"),
    [
        ("2026-11-23T09:00:00.123456Z", False),
        ("2026-11-23T09:00:00.123457Z", True),
        ("2016-11-22T09:00:00.123456Z", False),
        ("2016-11-20T09:00:00Z", True),
        ("0001-01-01T00:00:00Z", True),
        ("9999-12-31T23:59:59.999999Z", True),
    ],
)
def test_times_that_cannot_be_are_clamped_and_flagged(text: str, clamped: bool) -> None:
    event = read(TRACK | {"timestamp": text, "context": {"ip": "203.0.113.9"}})
    assert payload(event)["context"].get("clamped", False) is clamped
    assert payload(event)["context"]["ip"] == "203.0.113.9"
    assert (event.event_time == NOW) is clamped
    assert payload(read(TRACK | {"timestamp": text})).get("context", {}).get("clamped", False) is clamped


def test_times_beyond_the_calendar_are_no_crash() -> None:
    assert refusal(TRACK | {"timestamp": "0001-01-01T00:00:00+14:00"}).faults[0].pointer == "/timestamp"
    far = {"timestamp": "9999-12-31T23:59:59Z", "sentAt": "0001-01-01T00:00:00Z"}
    assert payload(read(TRACK | far))["context"] == {"clamped": True}


def test_nul_characters_are_left_out_and_lone_surrogates_replaced() -> None:
    event = read_text(
        r'{"type":"track","event":"A\u0000B","userId":"u\u00001","properties":{"k\u0000":"\ud83d","p":"\ud83d\ude00"}}'
    )
    assert event.subject == "u:u1"
    assert payload(event)["name"] == "AB"
    assert payload(event)["properties"] == {"k": "\ufffd", "p": "\U0001f600"}
    assert "\\u0000" not in event.payload


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "-1e400", "9" * 1001])
def test_numbers_that_json_or_a_double_cannot_hold_are_refused(number: str) -> None:
    with pytest.raises(RefusedError) as refused:
        read_text(f'{{"type":"track","event":"X","userId":"u1","messageId":"m1","properties":{{"a/b":[1,{number}]}}}}')
    assert refused.value.faults[0].pointer == "/properties/a~1b/1"
    assert refused.value.message_id == "m1"


@pytest.mark.parametrize("number", ["18446744073709551616", "-9223372036854775809", "1" + "0" * 400])
def test_integers_beyond_64_bits_keep_every_digit(number: str) -> None:
    event = read_text(f'{{"type":"track","event":"X","userId":"u1","properties":{{"n":{number}}}}}')
    assert f'"n":{number}' in event.payload
    assert read_text(f'{{"type":"track","event":"X","userId":{number}}}').subject == f"u:{number}"


@pytest.mark.parametrize("depth", [260, 900])
def test_bottomless_nesting_is_refused(depth: int) -> None:
    nested = "[" * depth + "]" * depth
    with pytest.raises(RefusedError) as refused:
        read_text(f'{{"type":"track","event":"X","userId":"u1","properties":{{"n":{nested}}}}}')
    assert refused.value.faults[0].pointer.startswith("/properties/n")


@pytest.mark.parametrize("text", [b"", b"{", b"\xff\xfe", b'{"a":1}}', b"[" * 100_000, b"nope"])
def test_what_is_no_json_is_refused(text: bytes) -> None:
    with pytest.raises(RefusedError) as refused:
        parse(text)
    assert refused.value.faults[0].pointer == ""


def test_an_event_may_have_32_kilobytes() -> None:
    small = len(read(TRACK | {"properties": {"x": ""}}).payload)
    assert len(read(TRACK | {"properties": {"x": "y" * (32 * 1024 - small)}}).payload) == 32 * 1024
    with pytest.raises(TooLargeError):
        read(TRACK | {"properties": {"x": "y" * (32 * 1024 - small + 1)}})
    with pytest.raises(TooLargeError):
        read(TRACK | {"properties": {"x": "ü" * (16 * 1024)}})


def test_a_bad_event_takes_no_other_with_it() -> None:
    raws = [TRACK, None, TRACK | {"event": ""}, TRACK | {"messageId": "m4"}]
    batch = read_batch(Parsed({"batch": raws, "sentAt": None}, plain=True), received_at=NOW)
    assert [event.message_id for event in batch.events] == ["m1", "m4"]
    assert [index for index, _ in batch.refusals] == [1, 2]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        ([TRACK], ""),
        ({"events": []}, "/batch"),
        ({"batch": {}}, "/batch"),
        ({"batch": [], "sentAt": "now"}, "/sentAt"),
        ({"batch": [1] * 12_501}, "/batch"),
    ],
)
def test_what_is_no_batch_is_refused_as_a_whole(document: Any, pointer: str) -> None:
    with pytest.raises(RefusedError) as refused:
        read_batch(Parsed(document, plain=True), received_at=NOW)
    assert [fault.pointer for fault in refused.value.faults] == [pointer]
    assert "See the Segment spec" not in refused.value.faults[0].mend


ids = ["userId", "anonymousId", "previousId", "groupId", "messageId"]
times = ["timestamp", "sentAt", "originalTimestamp"]
others = ["type", "event", "traits", "properties", "context", "name", "category"]
fields = st.sampled_from([*ids, *times, *others])
likely = st.one_of(
    json_values,
    st.sampled_from(["track", "identify", "page", "screen", "group", "alias"]),
    st.datetimes().map(datetime.isoformat),
)


@given(st.dictionaries(fields, likely) | json_values)
def test_anything_is_read_or_refused(raw: Any) -> None:
    parsed = parse(json.dumps(raw).encode())
    try:
        event = read_event(parsed.document, received_at=NOW, plain=parsed.plain)
    except RefusedError as refused:
        assert refused.faults  # noqa: PT017 - either way is right, and each has its own promise
        return
    assert event.subject[:2] in {"u:", "a:"}
    assert "\x00" not in event.payload
    event.payload.encode()
    assert None not in payload(event).values()
    assert event.event_time.utcoffset() == timedelta(0)
