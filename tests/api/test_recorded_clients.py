"""What real clients sent, byte by byte, and the clients themselves."""

import base64
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from journeyman.bootstrap import Services
from journeyman.customers.tables import InboxEvent
from journeyman.kit.database import Database
from journeyman.kit.keys.keys import Role, adopt
from tests.api.conftest import INGEST_KEY
from tests.parts.http_server import HttpServer

RECORDED = Path(__file__).parents[1] / "fixtures" / "segment" / "requests.jsonl"
REQUESTS: list[dict[str, Any]] = [json.loads(line) for line in RECORDED.read_text().splitlines()]
CLIENTS = sorted({request["client"] for request in REQUESTS})
SEVEN = [
    ("Identified", "u:user-1"),
    ("Order Completed", "u:user-1"),
    ("Product Viewed", "a:anon-9"),
    ("Page Viewed", "u:user-1"),
    ("Screen Viewed", "u:user-1"),
    ("Grouped", "u:user-1"),
    ("Aliased", "u:user-1"),
]


async def stored(database: Database) -> list[dict[str, Any]]:
    async with database.reading() as connection:
        rows = await connection.execute(select(InboxEvent.subject, InboxEvent.payload).order_by(InboxEvent.seq))
        return [{"subject": subject} | json.loads(payload) for subject, payload in rows]


@pytest.mark.parametrize("recorded", CLIENTS)
async def test_a_recorded_client_is_understood(client: httpx.AsyncClient, services: Services, recorded: str) -> None:
    await adopt(services.database, INGEST_KEY, Role.INGEST, services.clock.now())
    for request in (request for request in REQUESTS if request["client"] == recorded):
        headers = [tuple(pair) for pair in request["headers"]]
        answer = await client.post(request["path"], headers=headers, content=base64.b64decode(request["body"]))
        assert (answer.status_code, answer.json()) == (200, {"success": True})
    events = await stored(services.database)
    assert [(event["name"], event["subject"]) for event in events] == SEVEN
    identify, order, viewed, page, _, group, alias = events
    assert identify["traits"]["email"] == "ann@example.com"
    assert order["properties"]["revenue"] == 99.5
    assert viewed["properties"]["sku"] == "s1"
    assert (page["properties"]["name"], page["properties"]["category"]) == ("Pricing", "Docs")
    assert (group["groupId"], group["traits"]["name"]) == ("acct-7", "Acme")
    assert (alias["previousId"], alias["userId"]) == ("anon-9", "user-1")


def send_with_segment(url: str) -> list[str]:
    from segment.analytics.client import Client  # noqa: PLC0415 - it registers handlers at exit when imported

    failures: list[str] = []
    client = Client(INGEST_KEY, host=url, gzip=True, on_error=lambda error, _: failures.append(str(error)))
    client.identify("segment-1", {"email": "ann@example.com"})
    client.track("segment-1", "Order Completed", {"revenue": 99.5})
    client.page("segment-1", "Docs", "Pricing", {"url": "https://shop.example/pricing"})
    client.group("segment-1", "acct-7", {"name": "Acme"})
    client.alias("anon-9", "segment-1")
    client.shutdown()
    return failures


def send_with_rudder(url: str) -> list[str]:
    from rudderstack.analytics.client import Client  # noqa: PLC0415 - as for Segment's

    failures: list[str] = []
    client = Client(INGEST_KEY, host=url, gzip=False, on_error=lambda error, _: failures.append(str(error)))
    client.identify("rudder-1", {"email": "ann@example.com"})
    client.track("rudder-1", "Order Completed", {"revenue": 99.5})
    client.screen("rudder-1", "App", "Home")
    client.shutdown()
    return failures


async def test_the_real_clients_send_to_the_real_server(server: HttpServer, server_database: Database) -> None:
    assert send_with_segment(server.url) == []
    assert send_with_rudder(server.url) == []
    events = await stored(server_database)
    names = ["Identified", "Order Completed", "Page Viewed", "Grouped", "Aliased"]
    assert [event["name"] for event in events if event.get("userId") == "segment-1"] == names
    rudders = [event for event in events if event.get("userId") == "rudder-1"]
    assert [event["name"] for event in rudders] == ["Identified", "Order Completed", "Screen Viewed"]
    assert rudders[0]["traits"] == {"email": "ann@example.com"}
