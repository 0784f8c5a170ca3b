"""What holds after any story: read from the rows and the journal, and judged by nothing that moved them."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels.tables import Message
from journeyman.customers.tables import ConsentChange, Event, InboxEvent, QuarantinedEvent
from journeyman.insight import repository
from journeyman.insight.explanations import Explanations
from journeyman.insight.repository import JournalSeen
from journeyman.insight.runs import Runs
from journeyman.journeys.positions import position_of
from journeyman.journeys.published import Shelf
from journeyman.journeys.runs import Run
from journeyman.journeys.tables import Conversion, JournalEntry, OutboxCommand
from journeyman.journeys.tables import Run as RunRow
from journeyman.kit.clock import FixedClock
from journeyman.kit.database import Database
from journeyman.language.definition import Definition
from journeyman.language.durations import Duration
from journeyman.language.graph import successors
from journeyman.language.starters.event import EventEntry
from journeyman.language.steps.end import EndStep
from journeyman.language.steps.send import SendStep
from journeyman.settings import Settings
from tests.journeyman.simulation.stories import Story

PLACES: Final = {"arrived", "left", "held", "message", "updated", "rescheduled", "ended"}
"""The kinds of lines that are written where the run stands."""
SKEW: Final = timedelta(seconds=1)
"""Lines are told in the order in which they were written; intake and the engine look at two clocks."""
STEPLESS: Final = {"entered", "refused"}


@dataclass(slots=True)
class Facts:
    """All that is on record after a story."""

    now: datetime
    definitions: dict[str, Definition]
    runs: list[Run]
    lines: list[JournalSeen]
    messages: list[Any]
    conversions: list[Any]
    said: list[Any]
    events: list[Any]
    left_over: list[Any]

    def of_run(self, run: Run) -> list[JournalSeen]:
        return [line for line in self.lines if line.run == run.id]


async def read(database: Database, now: datetime) -> Facts:
    async with database.reading() as connection:
        runs = [Run(**row) for row in (await connection.execute(select(*RUNS))).mappings()]
        shelf = Shelf()
        definitions = await shelf.definitions(connection, {run.definition_hash for run in runs})
        lines = [JournalSeen(*row) for row in await connection.execute(JOURNAL)]
        return Facts(
            now=now,
            definitions=dict(definitions),
            runs=runs,
            lines=lines,
            messages=await _rows(connection, Message, Message.reserved_at),
            conversions=await _rows(connection, Conversion, Conversion.at),
            said=await _rows(connection, ConsentChange, ConsentChange.id),
            events=await _rows(connection, Event, Event.seq),
            left_over=[
                *await _rows(connection, QuarantinedEvent, QuarantinedEvent.seq),
                *await _rows(connection, InboxEvent, InboxEvent.seq),
                *await _rows(connection, OutboxCommand, OutboxCommand.seq),
            ],
        )


RUNS = [RunRow.__table__.c[field.name] for field in fields(Run) if field.name in RunRow.__table__.c]
JOURNAL = select(*repository.JOURNAL_COLUMNS).order_by(JournalEntry.seq)


async def _rows(connection: AsyncConnection, table: Any, order: Any) -> list[Any]:
    return list((await connection.execute(select(*table.__table__.c).order_by(order))).all())


async def wrong_after(story: Story, database: Database, now: datetime) -> tuple[Facts, list[str]]:
    """All that is on record after a story, and what of it does not hold."""
    facts = await read(database, now)
    return facts, [*check(story, facts), *await check_explanations(database, now, story, facts)]


def check(story: Story, facts: Facts) -> Iterator[str]:
    """Everything that does not hold, in words."""
    yield from (f"left over: {row}" for row in facts.left_over)
    for run in facts.runs:
        lines = facts.of_run(run)
        for rule in RULES:
            yield from (f"{run.id} of {run.journey_key}: {wrong}" for wrong in rule(run, lines, facts))
    yield from _one_live_run_a_key(facts)
    yield from _nothing_is_sent_twice(facts)
    yield from _nobody_without_consent(facts)
    yield from _entries_are_decided_once(story, facts)
    yield from _caps_are_kept(story, facts)
    yield from _nights_are_quiet(story, facts)


def _shown(line: JournalSeen) -> str:
    return f"{line.at:%d %H:%M:%S} {line.kind} {line.step}/{line.visit} {line.code}"


def _begins_and_ends(run: Run, lines: Sequence[JournalSeen], facts: Facts) -> Iterator[str]:
    """`entered` first, and where it is over, `ended` last, but for goals whose windows outlive the run (W12)."""
    del facts
    if [line.kind for line in lines].count("entered") != 1 or lines[0].kind != "entered":
        yield "it does not begin with the one `entered`"
    ends = [place for place, line in enumerate(lines) if line.kind == "ended"]
    if len(ends) != (0 if run.is_live else 1):
        yield f"it is {run.state}, with {len(ends)} ends"
        return
    after = lines[ends[0] + 1 :] if ends else []
    yield from (f"after its end: {_shown(line)}" for line in after if line.kind != "converted")
    if ends and (lines[ends[0]].data["outcome"], lines[ends[0]].at) != (run.outcome, run.ended_at):
        yield f"its end was {lines[ends[0]].data['outcome']} at {lines[ends[0]].at}, not {run.outcome}, {run.ended_at}"
    told = [line.at for line in lines if line.kind != "converted"]
    yield from (f"told out of order: {one} before {next_}" for one, next_ in pairwise(told) if one > next_ + SKEW)


def _walks_the_graph(run: Run, lines: Sequence[JournalSeen], facts: Facts) -> Iterator[str]:
    """Every visit is told, in order, and each leads where the document lets it lead."""
    definition = facts.definitions[run.definition_hash]
    steps: dict[int, str] = {}
    last = 0
    for line in lines:
        if line.kind not in PLACES or line.step is None or line.visit is None:
            continue
        if line.visit < last or steps.setdefault(line.visit, line.step) != line.step:
            yield f"out of order: {_shown(line)}"
        last = line.visit
    if run.step is not None:
        steps.setdefault(run.visit, run.step)
    if sorted(steps) != list(range(1, run.visit + 1)):
        yield f"visits {sorted(steps)} are told of {run.visit}"
        return
    if steps and steps[1] != definition.first.id:
        yield f"it begins at {steps[1]}"
    for visit in range(1, run.visit):
        if steps[visit + 1] not in successors(definition, definition.step(steps[visit])):
            yield f"{steps[visit]} does not lead to {steps[visit + 1]}"
    yield from _as_told(lines, steps)
    if (steps.get(run.visit), run.visit) != (run.step, run.visit):
        yield f"it stands at {run.step}/{run.visit}, and the journal ends at {steps.get(run.visit)}"


def _as_told(lines: Sequence[JournalSeen], steps: dict[int, str]) -> Iterator[str]:
    """Where a line names the next step, that is where it goes."""
    for line in lines:
        word = line.data.get("next") if line.kind == "left" else None
        if line.visit in steps and word in steps.values() and steps.get(line.visit + 1, word) != word:
            yield f"{_shown(line)} leads to {word}, and then it is at {steps.get(line.visit + 1)}"


def _ends_where_it_may(run: Run, lines: Sequence[JournalSeen], facts: Facts) -> Iterator[str]:
    end = next((line for line in lines if line.kind == "ended"), None)
    if end is None:
        return
    definition = facts.definitions[run.definition_hash]
    if end.code == "exit":
        outcomes = {rule.outcome for rule in definition.exit} | {"exited"}
        if run.outcome not in outcomes:
            yield f"no rule ends it as {run.outcome}"
    elif end.code == "completed" and run.step is not None:
        step = definition.step(run.step)
        named = {lead.target for lead in step.leads}
        may_end = isinstance(step, EndStep) or "end" in named or definition.after(step) is None
        wanted = step.end if isinstance(step, EndStep) else "completed"
        if not may_end or run.outcome != wanted:
            yield f"at {run.step} it cannot end as {run.outcome}"
    elif end.code not in {"completed", "restart"}:
        yield f"nothing here ends it by {end.code}"
    if (run.until, run.look_at, run.released) != (None, None, None):
        yield "it is over, and waits"


def _waits_for_what_can_come(run: Run, lines: Sequence[JournalSeen], facts: Facts) -> Iterator[str]:
    """A live run waits for an instant that is still to come, the one that was told last."""
    if not run.is_live:
        return
    if run.until is None or run.until <= facts.now or (run.look_at is not None and run.look_at <= facts.now):
        yield f"it stands at {run.step} since {run.arrived_at}, with its timer at {run.until}, look at {run.look_at}"
        return
    if run.look_at is not None and run.look_at > run.until:
        yield f"it is looked at after its timer: {run.look_at}"
    told = [line.data["until"] for line in lines if line.visit == run.visit and "until" in line.data]
    if not told or told[-1] is None or datetime.fromisoformat(str(told[-1])) != run.until:
        yield f"it waits until {run.until}, and told {told}"
    if position_of(run, facts.definitions[run.definition_hash]).timer is None:
        yield "its position has no timer"


def _reaches_goals_once(run: Run, lines: Sequence[JournalSeen], facts: Facts) -> Iterator[str]:
    told = Counter(line.code for line in lines if line.kind == "converted")
    kept = Counter(one.goal for one in facts.conversions if one.run_id == run.id)
    if told != kept or any(times > 1 for times in told.values()):
        yield f"goals {dict(told)} are told, {dict(kept)} kept"
    windows = {goal.key: goal for goal in facts.definitions[run.definition_hash].goals}
    for one in facts.conversions:
        if one.run_id != run.id:
            continue
        goal = windows[one.goal]
        last = run.entered_at + goal.within.timedelta if goal.anchor == "entry" else facts.now
        if not run.entered_at <= one.at <= last:
            yield f"goal {one.goal} was reached at {one.at}, entered at {run.entered_at}, until {last}"


def _messages_are_told(run: Run, lines: Sequence[JournalSeen], facts: Facts) -> Iterator[str]:
    """Every row of the ledger has its line, with the outcome, and no line is without a row."""
    told = Counter((line.step, line.visit, line.code) for line in lines if line.kind == "message")
    kept = Counter(
        (one.step, one.visit, one.outcome)
        for one in facts.messages
        if one.run_id == run.id and one.outcome not in {None, "cancelled", "exited"}
    )
    if told != kept:
        yield f"messages {dict(told)} are told, {dict(kept)} kept"


RULES: Final = (
    _begins_and_ends,
    _walks_the_graph,
    _ends_where_it_may,
    _waits_for_what_can_come,
    _reaches_goals_once,
    _messages_are_told,
)


def _one_live_run_a_key(facts: Facts) -> Iterator[str]:
    live = Counter((run.journey_key, run.customer_id, run.correlation) for run in facts.runs if run.is_live)
    yield from (f"{key} has {times} live runs" for key, times in live.items() if times > 1)


def _nothing_is_sent_twice(facts: Facts) -> Iterator[str]:
    sent = Counter((one.run_id, one.step, one.visit) for one in facts.messages)
    yield from (f"{key} has {times} messages" for key, times in sent.items() if times > 1)


def _nobody_without_consent(facts: Facts) -> Iterator[str]:
    """Marketing went to nobody who had not agreed to the channel, or had said no to the topic (L1, M2)."""
    for line in facts.lines:
        if line.kind != "message" or line.code != "sent":
            continue
        message = next(
            one for one in facts.messages if (one.run_id, one.step, one.visit) == (line.run, line.step, line.visit)
        )
        if message.topic == "transactional":
            continue
        if "yes" not in _standing(facts, message.customer_id, "email", line.at):
            yield f"{_shown(line)} went to {message.customer_id}, who had not agreed"
        if _standing(facts, message.customer_id, message.topic, line.at) == {"no"}:
            yield f"{_shown(line)} went to {message.customer_id}, who wants nothing of {message.topic}"


def _standing(facts: Facts, customer: str, subject: str, at: datetime) -> set[str]:
    """What stood of a subject at an instant: just before it, or from what was said at it."""
    said = [one for one in facts.said if (one.customer_id, one.subject) == (customer, subject) and one.at <= at]
    before = [one.status for one in said if one.at < at][-1:]
    return {*(before or ["unknown"]), *(one.status for one in said if one.at == at)}


def _entries_are_decided_once(story: Story, facts: Facts) -> Iterator[str]:
    """An event lets in or is refused once a journey (E8); one that plainly starts a journey does one of the two."""
    decided = Counter((line.journey, line.data.get("message_id")) for line in facts.lines if line.kind in STEPLESS)
    yield from (f"{key} was decided {times} times" for key, times in decided.items() if times > 1 and key[1])
    entry = story.definition.entry
    if not isinstance(entry, EventEntry) or entry.where is not None or entry.count is not None:
        return
    for event in facts.events:
        starts = event.name == entry.event and event.event_time >= story.begins
        if starts and (story.key, event.message_id) not in decided:
            yield f"nothing is told of {event.name} of {event.customer_id} at {event.event_time}"


def _heeding(story: Story, facts: Facts) -> list[Any]:
    """The messages of the journey that were sent and heed caps and quiet hours (Q8), in order."""
    definition = story.definition
    sent = [one for one in facts.messages if one.journey_key == story.key and one.outcome == "sent"]
    steps = {step.id: step.send for step in definition.steps if isinstance(step, SendStep)}
    return [one for one in sent if one.topic != "transactional" or steps[one.step].guarded]


def _caps_are_kept(story: Story, facts: Facts) -> Iterator[str]:
    """In no window that ends with a message are there more than its cap allows (Q6)."""
    for cap in story.definition.caps:
        if not isinstance(cap.per, Duration):
            continue
        by_customer: dict[str, list[datetime]] = defaultdict(list)
        for one in _heeding(story, facts):
            by_customer[one.customer_id].append(one.counted_at)
        for customer, times in by_customer.items():
            for at in times:
                within = sum(at - cap.per.timedelta < other <= at for other in times)
                if within > cap.max:
                    yield f"{within} messages to {customer} within {cap.per} before {at}, of {cap.max}"


def _nights_are_quiet(story: Story, facts: Facts) -> Iterator[str]:
    """No message that heeds quiet hours went within those of the journey (Q1)."""
    hours = story.definition.quiet_hours
    if hours is None:
        return
    for one in _heeding(story, facts):
        clocks = {
            one.counted_at.astimezone(ZoneInfo(zone)).time() for zone in story.zones(one.customer_id, one.counted_at)
        }
        if all(is_within(clock, hours.from_, hours.until) for clock in clocks):
            yield f"a message to {one.customer_id} at {one.counted_at}, which is {clocks} there"


def is_within(clock: time, begins: str, ends: str) -> bool:
    first, last = time.fromisoformat(begins), time.fromisoformat(ends)
    return first <= clock < last if first < last else clock >= first or clock < last


async def check_explanations(database: Database, now: datetime, story: Story, facts: Facts) -> list[str]:
    """`explain` answers for everybody, and says what the journal says."""
    runs = Runs(database, FixedClock(now), Shelf(), Settings())
    explanations = Explanations(runs)
    wrong: list[str] = []
    for one in story.people:
        for key in (story.key, "other"):
            found = await explanations.of(one.id, key)
            mine = [run for run in facts.runs if (run.customer_id, run.journey_key) == (one.id, key)]
            refused = [line for line in facts.lines if line.kind == "refused" and line.journey == key]
            wrong += _explained(found, mine, [line for line in refused if _customer(facts, line) == one.id])
    for run in facts.runs:
        detail = await runs.detail(run.id)
        visits = [(step.step, step.visit) for step in detail.steps]
        if [visit for _, visit in visits] != list(range(1, run.visit + 1)):
            wrong.append(f"{run.id} is shown at {visits}, of {run.visit} visits")
        until = position_of(run, facts.definitions[run.definition_hash]).until
        if (detail.run.state, detail.run.outcome, detail.run.waits_until) != (run.state, run.outcome, until):
            wrong.append(f"{run.id} is shown as {detail.run}")
    return wrong


def _customer(facts: Facts, line: JournalSeen) -> str:
    return next(str(event.customer_id) for event in facts.events if event.message_id == line.data["message_id"])


def _explained(found: Any, runs: Sequence[Run], refused: Sequence[JournalSeen]) -> Iterator[str]:
    who = f"{found.customer} in {found.journey}"
    if (found.is_in, found.was_in) != (any(run.is_live for run in runs), any(not run.is_live for run in runs)):
        yield f"{who} is explained as {found.is_in}, {found.was_in}"
    if {run.id for run in runs} != {run.id for run in found.runs}:
        yield f"{who}: other runs are shown"
    if [(line.at, line.code) for line in reversed(refused)][:50] != [
        (one.at, one.data["code"]) for one in found.refusals
    ]:
        yield f"{who}: other refusals are shown"
    if not found.answer.endswith(".") or len(found.answer) < len("The customer"):
        yield f"{who}: {found.answer}"
