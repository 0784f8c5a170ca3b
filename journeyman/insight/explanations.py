"""Why is this customer in a journey, or not; why did she get its messages, or not: in words and in data."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers import repository as customers
from journeyman.insight import repository, sentences
from journeyman.insight.lookup import must_know
from journeyman.insight.repository import Filters, JournalSeen
from journeyman.insight.runs import Runs, RunSummary, stands
from journeyman.insight.timeline import TimelineItem, tell_line
from journeyman.insight.words import Reader, count, listing
from journeyman.journeys import facts
from journeyman.journeys.documents import repository as documents
from journeyman.journeys.intake.entries import reentry_refusal
from journeyman.journeys.intake.openings import is_meant
from journeyman.journeys.positions import position_of
from journeyman.journeys.runs import Run
from journeyman.kit.errors import NotFoundError
from journeyman.language.definition import Definition
from journeyman.language.facts import Facts
from journeyman.language.instants import BEFORE_ALL
from journeyman.language.references import entry_needs
from journeyman.language.verdicts import judge

MOST_RUNS = 100
MOST_REFUSALS = 50


@dataclass(frozen=True, slots=True)
class Again:
    """Whether the re-entry rule lets the customer in again, for one correlation key (E3); `code` is why not."""

    correlation: str
    allowed: bool
    text: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class EntryNow:
    """The entry rule, judged against what is known of the customer at this moment.

    `says` tells what starts the journey, for people. `events` counts the events that start the journey and that she
    did, `matching` those that its `where` means. `audience` is the tree of the audience's condition with what was read;
    None where anybody may enter.
    """

    would_enter: bool
    text: str
    starts_on: str
    event: str | None
    says: str
    events: int
    matching: int
    last_event_at: datetime | None
    audience_holds: bool
    audience: dict[str, Any] | None
    reentry: list[Again]


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer, and everything that it was read from."""

    customer: str
    journey: str
    journey_state: str
    is_in: bool
    was_in: bool
    answer: str
    entry: EntryNow | None
    runs: list[RunSummary]
    refusals: list[TimelineItem]
    messages: list[TimelineItem]


@dataclass(frozen=True, slots=True)
class Case:
    """What an explanation is made of."""

    journey: str
    state: str
    published_since: datetime | None
    runs: list[Run]
    positions: list[str]
    refusals: list[JournalSeen]
    messages: list[JournalSeen]
    entry: EntryNow | None
    reader: Reader
    due: tuple[datetime, str] | None = None
    """When her next date comes due, and in which time zone."""


class Explanations:
    """Explains."""

    def __init__(self, runs: Runs) -> None:
        self.runs = runs

    async def of(self, customer: str, journey: str) -> Explanation:
        """Explain a customer's part in a journey. Raises `NotFoundError` where either is unknown."""
        async with self.runs.database.reading() as connection:
            customer_id = await must_know(connection, customer)
            case = await self._case(connection, customer_id, journey)
            summaries = await self.runs.summaries(connection, case.runs)
        return Explanation(
            customer=customer_id,
            journey=journey,
            journey_state=case.state,
            is_in=any(run.is_live for run in case.runs),
            was_in=any(not run.is_live for run in case.runs),
            answer=answer(case),
            entry=case.entry,
            runs=summaries,
            refusals=[tell_line(line, case.reader) for line in case.refusals],
            messages=[tell_line(line, case.reader) for line in case.messages],
        )

    async def _case(self, connection: AsyncConnection, customer_id: str, journey: str) -> Case:
        document = await documents.journey(connection, journey)
        if document is None:
            raise NotFoundError(f"there is no journey `{journey}`")
        wanted = Filters(journey=journey, customer=customer_id)
        runs = await repository.runs(connection, wanted, None, MOST_RUNS)
        refusals = await repository.refusals(connection, customer_id, journey, MOST_REFUSALS)
        versions = {(run.journey_key, run.version) for run in runs} | {
            (line.journey, line.version) for line in refusals
        }
        reader = await self.runs.reader(connection, customer_id, versions)
        definitions = await self.runs.shelf.definitions(connection, {run.definition_hash for run in runs})
        return Case(
            journey=journey,
            state=document["state"],
            published_since=await repository.published_since(connection, journey),
            runs=runs,
            positions=[stands(run, position_of(run, definitions[run.definition_hash]), reader) for run in runs],
            refusals=refusals,
            messages=await repository.journal_of(connection, [run.id for run in runs], "message"),
            entry=await self._entry(connection, customer_id, document["hash"], runs, reader),
            reader=reader,
            due=await repository.due_date(connection, customer_id, journey),
        )

    async def _entry(
        self, connection: AsyncConnection, customer_id: str, digest: str | None, runs: list[Run], reader: Reader
    ) -> EntryNow | None:
        """The published entry rule on the facts of now; None for a journey that was never published."""
        if digest is None:
            return None
        definition = await self.runs.shelf.definition(connection, digest)
        attributes = await customers.attributes_of(connection, customer_id) or {}
        known = await facts.load(connection, [customer_id], entry_needs(definition), reader.now)
        seen = known[customer_id].facts(attributes, reader.now)
        happened = await self._triggers(connection, customer_id, definition)
        return entry_now(definition, seen, happened, runs, reader)

    async def _triggers(self, connection: AsyncConnection, customer_id: str, definition: Definition) -> list[Any]:
        entry = definition.entry
        return await customers.events_of(connection, [(customer_id, name, BEFORE_ALL) for name in entry.events])


def entry_now(
    definition: Definition, seen: Facts, happened: Sequence[Any], runs: Sequence[Run], reader: Reader
) -> EntryNow:
    """Judge the entry rule for a customer as she is now."""
    entry = definition.entry
    matching = [event for event in happened if is_meant(entry, event.properties, seen)]
    verdict = judge(entry.audience, seen) if entry.audience is not None else None
    again = [_again(definition, correlation, runs, reader) for correlation in _keys(runs)]
    holds = verdict is None or verdict.holds
    allowed = all(one.allowed for one in again) or (entry.correlate is not None)
    return EntryNow(
        would_enter=holds and allowed,
        text=_would_enter(definition, again, holds=holds, allowed=allowed),
        starts_on=entry.on,
        event=next(iter(entry.events), None),
        says=entry.says,
        events=len(happened),
        matching=len(matching),
        last_event_at=matching[-1].event_time if matching else None,
        audience_holds=holds,
        audience=verdict.as_json() if verdict is not None else None,
        reentry=again,
    )


def _keys(runs: Sequence[Run]) -> list[str]:
    return list(dict.fromkeys(run.correlation for run in runs))


def _again(definition: Definition, correlation: str, runs: Sequence[Run], reader: Reader) -> Again:
    mine = [run for run in runs if run.correlation == correlation]
    live = next((run for run in mine if run.is_live), None)
    if live is not None and definition.entry.while_live != "restart":
        return Again(correlation, False, "inside already", {"code": "live", "run": live.id})
    if live is not None:
        return Again(correlation, True, "the same event would begin the run anew", {"code": None, "run": live.id})
    refused = reentry_refusal(definition, reader.now, mine)
    if refused is None:
        return Again(correlation, True, "may enter again", {"code": None})
    text = sentences.why_refused(refused.code, refused.data, reader)
    return Again(correlation, False, text, {"code": refused.code, **refused.data})


def _would_enter(definition: Definition, again: list[Again], *, holds: bool, allowed: bool) -> str:
    entry = definition.entry
    event = entry.says
    if not holds:
        return f"With {event} now, the customer would not enter: not in the audience"
    if not allowed:
        return f"With {event} now, the customer would not enter: {listing([one.text for one in again])}"
    if entry.correlate is not None:
        return f"With {event} now, the customer would enter; each `{entry.correlate}` has a run of its own"
    return f"With {event} now, the customer would enter"


def answer(case: Case) -> str:
    """The whole explanation in a few sentences."""
    parts = [_standing(case), *_sent(case)]
    if case.entry is not None and not any(run.is_live for run in case.runs) and case.state == "live":
        parts.append(case.entry.text)
    return ". ".join(parts) + "."


def _standing(case: Case) -> str:
    live = [text for run, text in zip(case.runs, case.positions, strict=True) if run.is_live]
    if live:
        return ". ".join(live)
    newest = case.refusals[0] if case.refusals else None
    if case.runs and (newest is None or newest.at <= (case.runs[0].ended_at or case.runs[0].entered_at)):
        return case.positions[0]
    if newest is not None:
        past = f"{case.positions[0]}. Since then the customer" if case.runs else "The customer"
        why = sentences.why_refused(newest.code, newest.data, case.reader)
        times = f" ({count(len(case.refusals), 'refusal')} on record)"
        return f"{past} did not enter on {case.reader.instant(newest.at)}: {why}{times}"
    return _never_came(case)


def _never_came(case: Case) -> str:
    """Nobody was refused: the journey was not there, or what starts it has not happened."""
    entry = case.entry
    if entry is None or case.published_since is None:
        return f"The customer is not in **{case.journey}**: it was never published"
    if case.state != "live":
        return f"The customer is not in **{case.journey}**: it is {case.state}, and nobody enters"
    if entry.starts_on == "date" and case.due is not None:
        at, zone = case.due
        # Her own second within the minute is of no interest to anybody.
        minute = case.reader.instant(at.replace(second=0, microsecond=0), zone)
        return f"The customer is not in **{case.journey}**: {entry.says} comes due on {minute}"
    return f"The customer is not in **{case.journey}**: {_what_did_not_come(entry, case.reader, case.published_since)}"


def _what_did_not_come(entry: EntryNow, reader: Reader, published: datetime) -> str:
    since = reader.instant(published)
    if entry.starts_on == "api":
        return "nobody has asked for it by a call"
    if entry.event is None or entry.starts_on != "event":
        return f"{entry.says} has not come since it was published on {since}"
    if entry.events == 0:
        return f"**{entry.event}** has not happened"
    if entry.matching == 0 or entry.last_event_at is None:
        return f"**{entry.event}** happened {count(entry.events, 'time')}, never as its `where` asks"
    return f"**{entry.event}** last happened on {reader.instant(entry.last_event_at)}; published since {since}"


def _sent(case: Case) -> list[str]:
    """What became of the messages, and of each that was not sent, why."""
    if not case.messages:
        return ["No message was due so far"] if case.runs else []
    outcomes = Counter(line.code == "sent" for line in case.messages)
    parts = [f"{outcomes[True]} of {count(len(case.messages), 'message')} went out"]
    for line in case.messages:
        if line.code != "sent":
            step = case.reader.step(line.journey, line.version, line.step)
            parts.append(f"{step} was not sent on {case.reader.instant(line.at)}: {sentences.why_not_sent(line)}")
    return parts
