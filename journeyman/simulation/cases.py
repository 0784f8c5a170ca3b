"""Playing the tests of a journey: its own `tests`, on the production code, with skipped time."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from journeyman.language.cases import Case, CaseEntry, CaseEvent, CaseProduct, ExpectedSend
from journeyman.language.definition import Definition
from journeyman.simulation.results import Result, Sent, result_of
from journeyman.simulation.simulation import Simulation
from journeyman.simulation.stock import Stock, furnish

BEGINS: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)
"""A Monday morning, unless the case says otherwise."""
LASTS: Final = timedelta(days=400)
BEFORE: Final = timedelta(days=1)
"""The customer is known for a day before the first thing happens."""
NEAR: Final = timedelta(minutes=1)

Open = Callable[[datetime], AbstractAsyncContextManager[Simulation]]


@dataclass(frozen=True, slots=True)
class Played:
    """A test that was played: it has passed where nothing failed. `seconds` are of real time."""

    case: Case
    failures: Sequence[str]
    result: Result
    seconds: float


async def play(open_: Open, definition: Definition, stock: Stock, case: Case) -> Played:
    """Play one case. Raises `InvalidError` where the journey cannot be published with what there is."""
    started = time.perf_counter()
    begins = (case.given.at or BEGINS).astimezone(UTC)
    happenings = sorted(_happenings(case), key=lambda one: one.at.timedelta)
    first = min([timedelta(0), *(one.at.timedelta for one in happenings)])
    customer = case.given.customer
    async with open_(begins + first - BEFORE) as simulation:
        simulation.answers.by_step = case.given.answers
        simulation.answers.by_lookup = case.given.lookups
        await furnish(simulation, stock, definition)
        await simulation.introduce(customer.id, customer.attributes, customer.consents)
        is_published = False
        for one in happenings:
            if not is_published and one.at.timedelta >= timedelta(0):
                await _publish(simulation, begins, definition)
                is_published = True
            await simulation.pass_until(begins + one.at.timedelta)
            await _happen(simulation, one, customer.id, definition.journey)
        if not is_published:
            await _publish(simulation, begins, definition)
        await simulation.pass_until(begins + (case.lasts.timedelta if case.lasts else LASTS))
        result = await result_of(simulation, customer.id, definition.journey, with_story=False)
    return Played(case, list(_failures(case, result, begins)), result, time.perf_counter() - started)


async def _publish(simulation: Simulation, begins: datetime, definition: Definition) -> None:
    """What comes before the beginning is history, and starts nothing."""
    await simulation.pass_until(begins)
    await simulation.publish(definition.to_document())


Happening = CaseEvent | CaseProduct | CaseEntry


def _happenings(case: Case) -> list[Happening]:
    """What the shop tells comes before what the customer does at the same instant."""
    return [*case.products, *case.events, *([case.enter] if case.enter is not None else [])]


async def _happen(simulation: Simulation, one: Happening, customer: str, journey: str) -> None:
    if isinstance(one, CaseEntry):
        await simulation.enter(customer, journey, one.context)
    elif isinstance(one, CaseProduct):
        await simulation.stock(one.document)
    else:
        await simulation.happen(customer, one.event, one.properties, one.traits or None)


def _failures(case: Case, result: Result, begins: datetime) -> Iterator[str]:
    """What is otherwise than the case expects, in words."""
    wanted = case.expect
    if wanted.sends is not None:
        yield from _sends(wanted.sends, result.messages, begins)
    if wanted.entered is not None and not _entered(wanted.entered, len(result.runs)):
        yield f"entered: expected {_yes_or_no(wanted.entered)}, found {len(result.runs)} entries"
    found = {
        "outcome": result.outcome,
        "refused": result.refusals[-1] if result.refusals else None,
        "goals": tuple(result.goals),
        "steps": tuple(result.steps),
    }
    for name, value in found.items():
        expected = getattr(wanted, name)
        if expected is not None and expected != value:
            yield f"{name}: expected {_shown(expected)}, found {_shown(value)}"
    for name, expected in (wanted.attributes or {}).items():
        if result.attributes.get(name) != expected:
            yield f"attributes.{name}: expected {expected!r}, found {result.attributes.get(name)!r}"


def _entered(expected: bool | int, runs: int) -> bool:
    return bool(runs) is expected if isinstance(expected, bool) else runs == expected


def _yes_or_no(expected: bool | int) -> str:
    return {True: "at least one", False: "none"}[expected] if isinstance(expected, bool) else str(expected)


def _sends(expected: Sequence[str | ExpectedSend], messages: Sequence[Sent], begins: datetime) -> Iterator[str]:
    wanted = [one if isinstance(one, ExpectedSend) else ExpectedSend(step=one) for one in expected]
    # Refusals matter where the case speaks of one.
    all_count = any(one.outcome != "sent" for one in wanted)
    found = [message for message in messages if all_count or message.outcome == "sent"]
    if [(one.step, one.outcome) for one in wanted] != [(one.step, one.outcome) for one in found]:
        named = [f"{one.step} ({one.outcome})" if all_count else one.step for one in wanted]
        yield f"sends: expected {_shown(named)}, found {_shown([str(one) for one in found])}"
        return
    for one, message in zip(wanted, found, strict=True):
        yield from _send(one, message, begins)


def _send(wanted: ExpectedSend, found: Sent, begins: datetime) -> Iterator[str]:
    if wanted.at is not None and abs(found.at - begins - wanted.at.timedelta) >= NEAR:
        yield f"{wanted.step}: expected at {wanted.at}, found at {found.at - begins}"
    for name in ("channel", "template"):
        expected = getattr(wanted, name)
        if expected is not None and expected != getattr(found, name):
            yield f"{wanted.step}: expected {name} {expected}, found {getattr(found, name)}"


def _shown(value: object) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(str, value))}]"
    return "nothing" if value is None else str(value)
