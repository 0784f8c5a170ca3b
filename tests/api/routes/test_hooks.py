"""Hooks over HTTP: set up by an operator, proven genuine, told once, and in the one inbox."""

import base64
import hmac
import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest
from httpx import Response

from tests.journeyman.customers.sources.payloads import payload, signed_base64, signed_by_stripe
from tests.world import World, world

SECRET = "whsec_" + base64.b64encode(b"s" * 24).decode()
OPENS: dict[str, Any] = {
    "verify": {"way": "bearer", "secret": "JOURNEYMAN_HOOK_CRM"},
    "map": {"event": "'Deal Won'", "user_id": "body.owner", "properties": "body.{total: total}", "when": "body.won"},
}
FORM: dict[str, Any] = {
    "event_id": "01HF",
    "event_type": "form_response",
    "form_response": {
        "form_id": "lT4Z3j",
        "token": "a3a12ec67a1365927098a606107fac15",
        "submitted_at": "2026-11-22T12:00:00Z",
        "hidden": {"user_id": "ann"},
        "calculated": {"score": 9},
        "answers": [
            {"type": "text", "text": "It's cold right now!"},
            {"type": "email", "email": "laura@example.com"},
        ],
    },
}
"""As Typeform's documentation prints one (typeform.com/developers/webhooks/example-payload), shortened."""


@pytest.fixture(name="world")
async def opened_world(database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    monkeypatch.setenv("JOURNEYMAN_HOOK_CRM", SECRET)
    async with world(database_url) as opened:
        yield opened


async def receive(world: World, document: object, key: str = "crm", **headers: str) -> Response:
    given = {"authorization": f"Bearer {SECRET}", **headers}
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return await world.http.post(f"/v1/hooks/{key}/receive", content=body, headers=given)


async def write(world: World, document: dict[str, Any], key: str = "crm") -> Response:
    return await world.http.put(f"/v1/hooks/{key}", json=document)


async def events(world: World) -> list[tuple[str, Any]]:
    await world.shop.decide()
    async with world.database.reading() as connection:
        rows = await connection.exec_driver_sql("SELECT name, properties FROM events ORDER BY seq")
        return [(row.name, row.properties) for row in rows]


async def test_a_webhook_becomes_an_event_once(world: World) -> None:
    assert (await write(world, OPENS)).status_code == 200
    won = {"owner": 7, "total": 12.5, "won": True}
    assert (await receive(world, won)).json() == {"events": 1}
    assert (await receive(world, won)).json() == {"events": 0}, "the same body is the same event"
    assert (await receive(world, {**won, "won": False})).json() == {"events": 0}
    assert (await receive(world, {**won, "owner": None})).json() == {"events": 0}, "it names nobody"
    ((name, properties),) = await events(world)
    assert name == "Deal Won"
    assert "12.5" in str(properties)


async def test_a_hook_is_kept_tried_and_taken_away(world: World) -> None:
    await write(world, OPENS)
    kept = (await world.http.get("/v1/hooks/crm")).json()
    assert kept["settings"]["verify"]["secret"] == "JOURNEYMAN_HOOK_CRM"
    listed = await world.http.get("/v1/hooks")
    assert [one["key"] for one in listed.json()["items"]] == ["crm"]
    assert SECRET not in listed.text
    tried = (await world.http.post("/v1/hooks/crm/try", json={"owner": "bo", "total": 1, "won": True})).json()
    assert [(one["type"], one["userId"], one["properties"]) for one in tried["calls"]] == [
        ("track", "bo", {"total": 1})
    ]
    failed = (await world.http.post("/v1/hooks/crm/try", json={"won": True})).json()
    assert (failed["calls"], "nobody" in failed["problem"]) == ([], True)
    assert await events(world) == []
    assert (await world.http.delete("/v1/hooks/crm")).status_code == 204
    assert (await world.http.get("/v1/hooks/crm")).status_code == 404
    assert (await world.http.delete("/v1/hooks/crm")).status_code == 404
    assert (await receive(world, {})).status_code == 404


async def test_who_cannot_prove_himself_leaves_nothing(world: World) -> None:
    await write(world, OPENS)
    won = {"owner": "ann", "won": True}
    assert (await receive(world, won, authorization="Bearer wrong")).status_code == 401
    assert (await receive(world, won, authorization="")).status_code == 401
    assert (await receive(world, b"{not json")).status_code == 400
    assert (await receive(world, b" " * 300_000)).status_code == 413
    assert await events(world) == []


async def test_a_secret_that_is_not_there_is_named(world: World) -> None:
    await write(world, {**OPENS, "verify": {"way": "bearer", "secret": "JOURNEYMAN_HOOK_OTHER"}})
    answer = await receive(world, {})
    assert (answer.status_code, "JOURNEYMAN_HOOK_OTHER" in answer.text) == (404, True)


@pytest.mark.parametrize(
    "document",
    [
        {**OPENS, "verify": {"way": "bearer", "secret": "JOURNEYMAN_SECRET_KEY"}},
        {**OPENS, "verify": {"way": "hmac", "secret": "JOURNEYMAN_HOOK_CRM"}},
        {**OPENS, "map": {"event": "body.["}},
        {**OPENS, "map": {"user_id": "body.id"}},
        {**OPENS, "map": {"event": "'a'", "colour": "'b'"}},
        {**OPENS, "preset": "stripe"},
        {"preset": "stripe"},
        {"preset": "fax", "secret": "JOURNEYMAN_HOOK_CRM"},
        {},
    ],
)
async def test_a_hook_that_could_not_work_is_refused(world: World, document: dict[str, Any]) -> None:
    assert (await write(world, document)).status_code == 422


def _shopify(body: bytes, _now: float) -> dict[str, str]:
    about = {"X-Shopify-Topic": "orders/create", "X-Shopify-Event-Id": "e1"}
    return {**about, "X-Shopify-Hmac-Sha256": signed_base64(body, SECRET)}


def _stripe(body: bytes, now: float) -> dict[str, str]:
    return {"Stripe-Signature": signed_by_stripe(body, SECRET, int(now))}


def _typeform(body: bytes, _now: float) -> dict[str, str]:
    return {"Typeform-Signature": "sha256=" + signed_base64(body, SECRET)}


PRESETS: list[tuple[str, Any, Callable[[bytes, float], dict[str, str]], str]] = [
    ("shopify", payload("shopify", "orders_create"), _shopify, "Shopify orders/create"),
    ("stripe", payload("stripe", "checkout_session_completed"), _stripe, "Stripe checkout.session.completed"),
    ("typeform", FORM, _typeform, "Form Submitted"),
]


@pytest.mark.parametrize(("name", "document", "sign", "event"), PRESETS, ids=[row[0] for row in PRESETS])
async def test_a_preset_takes_what_the_documentation_prints(
    world: World, name: str, document: Any, sign: Callable[[bytes, float], dict[str, str]], event: str
) -> None:
    assert (await write(world, {"preset": name, "secret": "JOURNEYMAN_HOOK_CRM"})).status_code == 200
    body = json.dumps(document).encode()
    headers = sign(body, world.clock.at.timestamp())
    assert (await receive(world, body, **headers)).json()["events"] >= 1
    assert (await receive(world, body, **headers)).json() == {"events": 0}
    assert (await receive(world, body + b" ", **headers)).status_code == 401
    assert event in [found for found, _ in await events(world)]


async def test_an_address_alone_is_the_same_person_each_time(world: World) -> None:
    form = {**FORM, "form_response": {**FORM["form_response"], "hidden": {}}}
    await write(world, {"preset": "typeform", "secret": "JOURNEYMAN_HOOK_CRM"})
    calls = (await world.http.post("/v1/hooks/crm/try", json=form)).json()["calls"]
    assert [(one["type"], one["messageId"]) for one in calls] == [
        ("identify", "hook:crm:01HF:who"),
        ("track", "hook:crm:01HF"),
    ]
    assert calls[0]["traits"] == {"email": "laura@example.com"}
    assert len({one["anonymousId"] for one in calls}) == 1


async def test_a_webhook_of_zendesk_is_signed_with_its_time(world: World) -> None:
    await write(world, {"preset": "zendesk", "secret": "JOURNEYMAN_HOOK_CRM"})
    document = {
        "id": "z1",
        "type": "zen:event-type:ticket.created",
        "detail": {"requester": {"email": "a@example.com"}},
    }
    body, at = json.dumps(document).encode(), world.clock.at.isoformat()
    made = base64.b64encode(hmac.digest(SECRET.encode(), at.encode() + body, "sha256")).decode()
    headers = {"X-Zendesk-Webhook-Signature": made, "X-Zendesk-Webhook-Signature-Timestamp": at}
    assert (await receive(world, body, **headers)).json() == {"events": 2}
    world.clock.at += timedelta(minutes=6)
    assert (await receive(world, body, **headers)).status_code == 401
