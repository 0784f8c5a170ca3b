"""What the journeys hold of customers, and what an erasure leaves of it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.intelligence.predictions.repository import PREDICTIONS
from journeyman.intelligence.send_times.repository import SEND_TIMES
from journeyman.journeys.audiences.repository import AUDIENCES
from journeyman.journeys.dates.tables import DueDate
from journeyman.journeys.experiments.repository import ASSIGNMENTS
from journeyman.journeys.notices.repository import NOTICES
from journeyman.journeys.reach.repository import ADDRESSES
from journeyman.journeys.tables import Conversion, JournalEntry, OutboxCommand, Run
from journeyman.journeys.tasks.repository import TASKS
from journeyman.journeys.watching.repository import ALERTS
from journeyman.kit.bulk import Row
from journeyman.kit.holdings import Holding, Owned

COUNTED = (
    *("outcome", "value", "credited", "message", "channel", "template", "attempts", "ambiguous"),
    *("until", "late_seconds", "way", "next"),
    *("times", "status", "host", "method", "answer"),
    *("arm", "how", "propensity", "phase", "experiment"),
)
"""What figures and steps are read from in a journal line: names from the definition, instants, and an amount."""
READ: Mapping[str, Any] = {"gates": [], "detail": None, "attributes": [], "consent": {}}
"""What stands instead of the values that were read of her."""


def _run_of_nobody(_run: Mapping[str, Any]) -> Row:
    return {
        "correlation": "",
        "workflow_id": "",
        "entry": {},
        "context": {},
        "released": None,
        "goal_until": None,
        "kept": None,
    }


def _line_of_nobody(line: Mapping[str, Any]) -> Row:
    data = line["data"]
    kept = {name: data[name] for name in COUNTED if name in data}
    return {"data": kept | {name: nothing for name, nothing in READ.items() if name in data}}


def _conversion_of_nobody(_conversion: Mapping[str, Any]) -> Row:
    return {"message_id": ""}


HOLDINGS = (
    Holding("journal", JournalEntry, ("at", "seq"), blank=_line_of_nobody),
    Holding("conversions", Conversion, ("at", "run_id", "goal"), blank=_conversion_of_nobody),
    Holding("runs", Run, ("id",), blank=_run_of_nobody),
    ASSIGNMENTS,
    TASKS,
    NOTICES,
    AUDIENCES,
    ADDRESSES,
    PREDICTIONS,
    SEND_TIMES,
    ALERTS,
    Holding("due_dates", DueDate, ("journey_key", "occasion")),
)
"""The figures of a journey stay true: rows stay without a word about whom they were."""


async def workflow_ids(connection: AsyncConnection, owned: Owned) -> set[str]:
    """Under which ids the engine may have histories of a customer's runs."""
    query = select(Run.workflow_id).where(Run.customer_id.in_(list(owned["customer"]))).distinct()
    return set((await connection.execute(query)).scalars()) - {""}


async def live_runs(connection: AsyncConnection, owned: Owned) -> list[str]:
    """The ids of a customer's live runs, in order."""
    mine = (Run.customer_id.in_(list(owned["customer"])), Run.state == "live")
    return list((await connection.execute(select(Run.id).where(*mine).order_by(Run.id))).scalars())


async def untold(connection: AsyncConnection, owned: Owned) -> int:
    """How many commands for a customer's runs the engine has still to be told."""
    mine = select(Run.id).where(Run.customer_id.in_(list(owned["customer"])))
    query = select(func.count()).where(OutboxCommand.run_id.in_(mine))
    return (await connection.execute(query)).scalar_one()
