"""The calls of the Segment spec, as clients send them."""

import base64
import gzip
import json
from datetime import datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from journeyman.bootstrap import Services, build
from journeyman.customers.inbox.calls import CALLS
from journeyman.customers.tables import InboxEvent
from journeyman.kit.keys.keys import Role
from journeyman.settings import Settings

TRACK: dict[str, Any] = {"type": "track", "event": "Order Completed", "userId": "u1", "messageId": "m1"}
STORED = {"success": True}


@pytest.fixture
def sender(client: httpx.AsyncClient, keys: dict[Role, str]) -> httpx.AsyncClient:
    client.headers["authorization"] = f"Bearer {keys[Role.INGEST]}"
    return client


async def stored(services: Services) -> list[dict[str, Any]]:
    columns = (InboxEvent.message_id, InboxEvent.subject, InboxEvent.event_time, InboxEvent.payload)
    async with services.database.reading() as connection:
        rows = await connection.execute(select(*columns).order_by(InboxEvent.seq))
        return [{"id": row[0], "subject": row[1], "at": row[2]} | json.loads(row[3]) for row in rows]


def call(kind: str, message_id: str = "m1") -> dict[str, Any]:
    extra = {"track": {"event": "X"}, "group": {"groupId": "g1"}, "alias": {"previousId": "a1"}}
    return {"userId": "u1", "messageId": message_id} | extra.get(kind, {})


@pytest.mark.parametrize("path", [*CALLS, "p", "i", "t", "g", "a", "s"])
async def test_every_call_is_stored_under_its_long_and_short_path(
    sender: httpx.AsyncClient, services: Services, path: str
) -> None:
    kind = {name[0]: name for name in CALLS}.get(path, path)
    answer = await sender.post(f"/v1/{path}", json=call(kind))
    assert (answer.status_code, answer.json()) == (200, STORED)
    (event,) = await stored(services)
    assert (event["type"], event["subject"]) == (kind, "u:u1")


@pytest.mark.parametrize("path", ["batch", "b"])
async def test_a_batch_is_stored_in_its_order(sender: httpx.AsyncClient, services: Services, path: str) -> None:
    batch = [call(kind, f"m{place}") | {"type": kind} for place, kind in enumerate(CALLS)]
    answer = await sender.post(f"/v1/{path}", json={"batch": batch})
    assert (answer.status_code, answer.json()) == (200, STORED)
    assert [event["type"] for event in await stored(services)] == list(CALLS)


async def test_an_empty_batch_is_no_fault(sender: httpx.AsyncClient) -> None:
    assert (await sender.post("/v1/batch", json={"batch": []})).json() == STORED


async def test_the_same_message_is_stored_once(sender: httpx.AsyncClient, services: Services) -> None:
    for body in ({"batch": [TRACK, TRACK]}, {"batch": [TRACK | {"messageId": "m2"}, TRACK]}):
        assert (await sender.post("/v1/batch", json=body)).json() == STORED
    assert (await sender.post("/v1/track", json=TRACK)).json() == STORED
    assert [event["id"] for event in await stored(services)] == ["m1", "m2"]


async def test_bad_events_are_named_and_the_good_ones_stored(sender: httpx.AsyncClient, services: Services) -> None:
    batch = [TRACK, TRACK | {"messageId": "m2", "timestamp": "soon"}, 7, TRACK | {"messageId": "m4"}]
    answer = await sender.post("/v1/batch", json={"batch": batch})
    assert answer.status_code == 207
    body = answer.json()
    assert (body["success"], body["accepted"]) == (False, 2)
    named = [(error["index"], error["messageId"], error["pointer"]) for error in body["errors"]]
    assert named == [(1, "m2", "/batch/1/timestamp"), (2, None, "/batch/2")]
    assert all(error["detail"] and error["mend"] for error in body["errors"])
    assert [event["id"] for event in await stored(services)] == ["m1", "m4"]


async def test_a_batch_without_one_good_event_is_refused(sender: httpx.AsyncClient, services: Services) -> None:
    answer = await sender.post("/v1/batch", json={"batch": [{}, TRACK | {"event": ""}]})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/batch/0/type", "/batch/1/event"]
    assert await stored(services) == []


@pytest.mark.parametrize(
    ("path", "body", "status", "pointer"),
    [
        ("track", b"{", 400, ""),
        ("track", b"[]", 400, ""),
        ("track", b'{"userId":"u1"}', 400, "/event"),
        ("track", b'{"userId":"u1","event":"X","timestamp":"soon"}', 400, "/timestamp"),
        ("track", b'{"userId":"u1","event":"X","properties":{"x":NaN}}', 400, "/properties/x"),
        ("batch", b"[]", 400, ""),
        ("batch", b"{}", 400, "/batch"),
        ("batch", b'{"batch":[],"sentAt":"soon"}', 400, "/sentAt"),
    ],
)
async def test_what_cannot_be_read_is_a_problem_with_a_pointer(
    sender: httpx.AsyncClient, path: str, body: bytes, status: int, pointer: str
) -> None:
    answer = await sender.post(f"/v1/{path}", content=body)
    problem = answer.json()
    assert (answer.status_code, problem["status"], problem["errors"][0]["pointer"]) == (status, status, pointer)
    assert problem["code"] == "refused"
    assert problem["errors"][0]["mend"]


async def test_nan_spoils_only_its_own_event(sender: httpx.AsyncClient, services: Services) -> None:
    good, bad = json.dumps(TRACK), json.dumps(TRACK | {"messageId": "m2", "properties": {"x": float("nan")}})
    answer = await sender.post("/v1/batch", content=f'{{"batch":[{bad},{good}]}}')
    assert answer.status_code == 207
    assert answer.json()["errors"][0]["pointer"] == "/batch/0/properties/x"
    assert [event["id"] for event in await stored(services)] == ["m1"]


async def test_what_databases_cannot_hold_is_cleaned(sender: httpx.AsyncClient, services: Services) -> None:
    text = r'{"userId":"u\u00001","event":"\ud83d","messageId":"m1","properties":{"n":123456789012345678901234567890}}'
    assert (await sender.post("/v1/track", content=text)).status_code == 200
    (event,) = await stored(services)
    assert (event["subject"], event["name"]) == ("u:u1", "\ufffd")
    assert event["properties"] == {"n": 123456789012345678901234567890}


async def test_gzip_is_undone_and_the_content_type_ignored(sender: httpx.AsyncClient, services: Services) -> None:
    packed = gzip.compress(json.dumps({"batch": [TRACK]}).encode())
    two_members = gzip.compress(b'{"batch":') + gzip.compress(json.dumps([TRACK | {"messageId": "m2"}]).encode() + b"}")
    for body in (packed, two_members):
        headers = {"content-encoding": "gzip", "content-type": "application/x-www-form-urlencoded"}
        assert (await sender.post("/v1/batch", content=body, headers=headers)).json() == STORED
    assert [event["id"] for event in await stored(services)] == ["m1", "m2"]


@pytest.mark.parametrize(
    ("body", "encoding", "status"),
    [
        (b"not gzip", "gzip", 400),
        (gzip.compress(b'{"batch":[]}', mtime=0)[:-4], "gzip", 400),
        (gzip.compress(b'{"batch":[]}', mtime=0) + b"x", "gzip", 400),
        (gzip.compress(b" " * 100_000_000, mtime=0), "gzip", 413),
        (b" " * (500 * 1024 + 1), "identity", 413),
        (b"{}", "br", 415),
    ],
)
async def test_bodies_over_the_limit_or_badly_packed_are_refused(
    sender: httpx.AsyncClient, body: bytes, encoding: str, status: int
) -> None:
    answer = await sender.post("/v1/batch", content=body, headers={"content-encoding": encoding})
    assert (answer.status_code, answer.json()["status"]) == (status, status)


async def test_a_body_of_unknown_length_is_bounded_too(sender: httpx.AsyncClient) -> None:
    async def endless() -> Any:
        for _ in range(600):
            yield b" " * 1024

    assert (await sender.post("/v1/batch", content=endless())).status_code == 413


async def test_an_event_over_32_kilobytes_is_refused_by_itself(sender: httpx.AsyncClient, services: Services) -> None:
    large = TRACK | {"messageId": "m2", "properties": {"x": "y" * 33_000}}
    assert (await sender.post("/v1/track", json=large)).status_code == 413
    answer = await sender.post("/v1/batch", json={"batch": [TRACK, large]})
    assert (answer.status_code, answer.json()["errors"][0]["index"]) == (207, 1)
    assert [event["id"] for event in await stored(services)] == ["m1"]
    filling = [TRACK | {"messageId": f"m{number}", "properties": {"x": "y" * 31_000}} for number in range(16)]
    assert (await sender.post("/v1/batch", json={"batch": filling})).json() == STORED


async def test_the_key_may_come_in_three_ways(client: httpx.AsyncClient, keys: dict[Role, str]) -> None:
    key = keys[Role.INGEST]
    ways: list[dict[str, Any]] = [
        {"headers": {"authorization": f"bearer {key}"}, "json": TRACK},
        {"auth": (key, ""), "json": TRACK},
        {"headers": {"authorization": "Basic " + base64.b64encode(key.encode()).decode()}, "json": TRACK},
        {"json": TRACK | {"writeKey": key}},
        {
            "content": gzip.compress(json.dumps(TRACK | {"writeKey": key}).encode()),
            "headers": {"content-encoding": "gzip"},
        },
    ]
    for way in ways:
        assert (await client.post("/v1/track", **way)).json() == STORED


@pytest.mark.parametrize(
    "way",
    [
        {"json": TRACK},
        {"json": TRACK | {"writeKey": "wrong"}},
        {"json": TRACK | {"writeKey": {}}},
        {"content": b"{"},
        {"content": b"x", "headers": {"content-encoding": "gzip"}},
        {"json": TRACK, "auth": ("wrong", "")},
        {"json": TRACK, "auth": ("", "")},
        {"json": TRACK, "headers": {"authorization": "Bearer wrong"}},
        {"json": TRACK, "headers": {"authorization": "Basic !"}},
        {"json": TRACK, "headers": {"authorization": "Basic /w=="}},
        {"json": TRACK, "headers": {"authorization": "Digest x"}},
        {"json": TRACK, "headers": {"authorization": ""}},
    ],
)
async def test_without_a_valid_key_nothing_is_taken(client: httpx.AsyncClient, way: dict[str, Any]) -> None:
    answer = await client.post("/v1/track", **way)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(("role", "status"), [("ingest", 200), ("admin", 200), ("read", 403), ("operator", 403)])
async def test_only_ingest_and_admin_keys_may_send(
    client: httpx.AsyncClient, keys: dict[Role, str], role: Role, status: int
) -> None:
    answer = await client.post("/v1/track", json=TRACK, headers={"authorization": f"Bearer {keys[role]}"})
    assert answer.status_code == status
    if status == 403:
        assert "ingest or admin" in answer.json()["detail"]


async def test_browsers_of_any_site_may_send_events_and_nothing_else(client: httpx.AsyncClient) -> None:
    asks = {
        "origin": "https://shop.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,anonymousid,content-type",
    }
    for path in ("/v1/t", "/v1/track", "/v1/batch", "/v1/b"):
        answer = await client.options(path, headers=asks)
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "*")
        assert "AnonymousId" in answer.headers["access-control-allow-headers"]
        assert "POST" in answer.headers["access-control-allow-methods"]
    refused = await client.post("/v1/t", json=TRACK, headers={"origin": "https://shop.example"})
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (401, "*")
    for path in ("/readyz", "/openapi.json"):
        elsewhere = await client.options(path, headers=asks)
        assert "access-control-allow-origin" not in elsewhere.headers


async def test_times_are_stored_to_the_microsecond(sender: httpx.AsyncClient, services: Services) -> None:
    await sender.post("/v1/track", json=TRACK | {"timestamp": "2026-11-22T07:16:51.123456+01:00"})
    (event,) = await stored(services)
    assert event["at"] == datetime.fromisoformat("2026-11-22T06:16:51.123456Z")


async def test_a_full_inbox_answers_429_and_stores_nothing(database_url: str, keys: dict[Role, str]) -> None:
    from api.app import create_app  # noqa: PLC0415 - a second application beside the fixture's

    services = build(Settings(database_url=database_url, inbox_limit=1))
    headers = {"authorization": f"Bearer {keys[Role.INGEST]}"}
    transport = httpx.ASGITransport(create_app(services))
    async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as sender:
        batch = [TRACK | {"messageId": f"m{number}"} for number in range(3)]
        assert (await sender.post("/v1/batch", json={"batch": batch})).status_code == 200
        answer = await sender.post("/v1/track", json=TRACK | {"messageId": "m9"})
    assert (answer.status_code, answer.json()["code"]) == (429, "overloaded")
    assert int(answer.headers["retry-after"]) >= 1
    assert [event["id"] for event in await stored(services)] == ["m0", "m1", "m2"]
    await services.close()


async def test_storing_wakes_intake(sender: httpx.AsyncClient, services: Services) -> None:
    await services.wake.start()
    await sender.post("/v1/track", json=TRACK)
    assert await services.wake.wait(5)
