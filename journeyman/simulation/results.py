"""What came of a simulation for one customer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from journeyman.customers import repository as customers
from journeyman.insight import repository
from journeyman.insight.repository import Filters, JournalSeen
from journeyman.insight.timeline import Timeline, TimelineItem
from journeyman.journeys.published import Shelf
from journeyman.journeys.runs import Run
from journeyman.simulation.simulation import Simulation

MOST = 10_000
"""Lines of a story, and runs, that are read."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a message: its step, when, and the outcome (M1)."""

    step: str
    at: datetime
    outcome: str
    channel: str
    template: str
    run: str
    visit: int
    subject: str | None = None

    def __str__(self) -> str:
        return self.step if self.outcome == "sent" else f"{self.step} ({self.outcome})"


@dataclass(frozen=True, slots=True)
class Result:
    """One customer's part of a simulation; `runs`, `story` and the journal's `lines` are in order of time."""

    customer: str
    runs: Sequence[Run]
    messages: Sequence[Sent]
    refusals: Sequence[str]
    goals: Sequence[str]
    steps: Sequence[str]
    attributes: dict[str, Any]
    story: Sequence[TimelineItem]
    lines: Sequence[JournalSeen] = ()

    @property
    def outcome(self) -> str | None:
        """How the last run ended, `waiting` where it has not, None where there was none."""
        last = self.runs[-1] if self.runs else None
        return None if last is None else "waiting" if last.is_live else last.outcome


async def result_of(simulation: Simulation, user: str, journey: str, *, with_story: bool = True) -> Result:
    """What the journey did with a customer, read as the product's own pages read it."""
    async with simulation.database.reading() as connection:
        customer = await customers.resolve(connection, user) or user
        profile = await repository.profile(connection, customer)
        seen = await repository.journal(connection, customer, None, MOST)
        runs = await repository.runs(connection, Filters(journey=journey, customer=customer), None, MOST)
    seen = [row for row in reversed(seen) if row.journey == journey]
    runs = sorted(runs, key=lambda run: (run.entered_at, run.entered_seq))
    return Result(
        customer=user,
        runs=runs,
        messages=[_sent(row, simulation) for row in seen if row.kind == "message"],
        refusals=[row.code or "" for row in seen if row.kind == "refused"],
        goals=[row.code or "" for row in seen if row.kind == "converted"],
        steps=_steps([row for row in seen if runs and row.run == runs[-1].id]),
        attributes=profile.attributes,
        story=await story_of(simulation, user) if with_story else (),
        lines=seen,
    )


async def story_of(simulation: Simulation, user: str) -> list[TimelineItem]:
    """Everything that happened, in words, in order of time."""
    timeline = Timeline(simulation.database, simulation.clock, Shelf(), simulation.workspace_zone)
    page = await timeline.of(user, None, MOST)
    return list(reversed(page.items))


def _steps(seen: Sequence[JournalSeen]) -> list[str]:
    """The steps at which a run was, each time that it was there."""
    visits = dict.fromkeys((row.step, row.visit) for row in seen if row.step is not None)
    return [step for step, _ in visits if step is not None]


def _sent(row: JournalSeen, simulation: Simulation) -> Sent:
    channel = str(row.data.get("channel"))
    trap = simulation.traps.get(channel)
    caught = trap.by_id(row.data.get("message")) if trap is not None else None
    subject = caught.message.headline if caught is not None else None
    return Sent(
        row.step or "",
        row.at,
        row.code or "",
        channel,
        str(row.data.get("template")),
        row.run or "",
        row.visit or 0,
        subject,
    )
