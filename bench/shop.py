"""A workspace to measure: journeys, and customers who agreed to e-mail."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from bench.processes import KEY
from journeyman.customers.consent import ConsentUpdate
from journeyman.customers.inbox.repository import append
from journeyman.customers.preferences import record
from journeyman.kit.database import Database
from journeyman.kit.migrations import upgrade
from tests.builders import Shop, email, incoming, journey

AT_ONCE = 100
"""Events of one request."""


def sqlite(folder: Path) -> str:
    url = f"sqlite+aiosqlite:///{folder / 'journeyman.db'}"
    upgrade(url)
    return url


def reference_journey(pause: str) -> dict[str, Any]:
    """Cart → wait → still not bought? mail, three times over; all waits equally long."""
    steps: list[dict[str, Any]] = []
    for number in (1, 2, 3):
        steps += [
            {"id": f"wait-{number}", "wait": {"for": pause}},
            {
                "id": f"check-{number}",
                "branch": [{"when": {"event": "Order Completed", "within": "7d"}, "next": "end"}],
                "else": f"mail-{number}",
            },
            {"id": f"mail-{number}", "send": {"channel": "email", "template": f"mail-{number}"}},
        ]
    bought = {"property": "cart_id", "equals": {"entry": "cart_id"}}
    return journey(
        "cart-abandonment",
        name="Cart abandonment",
        entry={"on": "event", "event": "Product Added"},
        exit=[{"on": "event", "event": "Order Completed", "where": bought}],
        steps=steps,
    )


async def furnish(database: Database, journeys: Sequence[dict[str, Any]], customers: Sequence[str]) -> None:
    """Publish journeys and introduce customers. No worker may run yet: it would own the inbox."""
    now = datetime.now(UTC)
    shop = Shop(database, now)
    for document in journeys:
        await shop.publish(document, template=email("Your cart waits"))
    early = now - timedelta(days=1)
    for start in range(0, len(customers), 500):
        some = [
            incoming("Identified", user, kind="identify", at=early, traits={"email": address(user), "name": "Ann"})
            for user in customers[start : start + 500]
        ]
        await append(database, some, now)
        await shop.decide()
        async with database.transaction() as connection:
            for user in customers[start : start + 500]:
                update = ConsentUpdate("email", "yes", source="bench", actor="bench")
                await record(connection, user, [update], now)


def address(user: str) -> str:
    return f"{user}@example.com"


def track(user: str, name: str, message_id: str, **properties: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {
        "type": "track",
        "userId": user,
        "event": name,
        "messageId": message_id,
        "timestamp": datetime.now(UTC).isoformat(),
        "properties": properties,
    }


async def post(client: httpx.AsyncClient, calls: Sequence[dict[str, Any]]) -> None:
    """Send calls in batches, as a client of the Segment spec does."""
    for start in range(0, len(calls), AT_ONCE):
        answer = await client.post("/v1/batch", json={"batch": calls[start : start + AT_ONCE]}, auth=(KEY, ""))
        answer.raise_for_status()
        assert answer.status_code == 200, answer.text
