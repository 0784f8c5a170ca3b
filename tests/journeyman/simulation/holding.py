"""What holds of any simulation, whoever the customers are: who got what, when, and whether anybody is stuck."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from journeyman.language.definition import Definition
from journeyman.language.durations import Duration
from journeyman.language.steps.send import SendStep
from journeyman.simulation.crowd import Invented
from journeyman.simulation.results import Result, Sent
from tests.journeyman.simulation.invariants import is_within


def wrong(
    definition: Definition, people: Sequence[Invented], results: Sequence[Result], ends: datetime
) -> Iterator[str]:
    """Everything that does not hold, in words."""
    known = {one.id: one for one in people}
    steps = {step.id: step.send for step in definition.steps if isinstance(step, SendStep)}
    for result in results:
        sent = [message for message in result.messages if message.outcome == "sent"]
        heeding = [one for one in sent if (steps[one.step].topic or definition.topic) != "transactional"]
        who = known[result.customer]
        yield from (f"{who.id}: {one}" for one in _told(definition, who, result, sent, heeding))
        for run in result.runs:
            if run.is_live and (run.until is None or run.until <= ends):
                yield f"{who.id}: stuck at {run.step} since {run.arrived_at}, until {run.until}"


def _told(
    definition: Definition, who: Invented, result: Result, sent: Sequence[Sent], heeding: Sequence[Sent]
) -> Iterator[str]:
    if heeding and who.consents.get("email") != "yes":
        yield "got marketing without a yes"
    twice = Counter((one.run, one.step, one.visit) for one in sent)
    yield from (f"got {key} {times} times" for key, times in twice.items() if times > 1)
    over = {one.id: one.ended_at for one in result.runs if one.ended_at is not None}
    yield from (f"got {one.step} after the end" for one in sent if one.run in over and one.at > over[one.run])
    if definition.quiet_hours is not None:
        hours = definition.quiet_hours
        for one in heeding:
            clock = one.at.astimezone(_zone(definition, who.attributes)).time()
            if not hours.days and is_within(clock, hours.from_, hours.until):
                yield f"got {one.step} at {clock}"
    for cap in definition.caps:
        if isinstance(cap.per, Duration):
            for one in heeding:
                within = sum(one.at - cap.per.timedelta < other.at <= one.at for other in heeding)
                if within > cap.max:
                    yield f"got {within} within {cap.per}, of {cap.max}"


def _zone(definition: Definition, attributes: Mapping[str, object]) -> ZoneInfo:
    return ZoneInfo(str(attributes.get("timezone") or definition.time_zone or "UTC"))
