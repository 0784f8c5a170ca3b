"""Whether an event starts a run (E1-E5, E8)."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from journeyman.journeys.announcing import DEPTH, MOST_DEEP
from journeyman.journeys.awaiting import kept_of
from journeyman.journeys.dates.reckoning import has_entered, still_stands
from journeyman.journeys.intake.incoming import Incoming
from journeyman.journeys.published import Published
from journeyman.journeys.runs import Run
from journeyman.kit.ids import new_id
from journeyman.language.definition import Definition
from journeyman.language.evaluation import holds
from journeyman.language.facts import Facts
from journeyman.language.paths import MISSING, lookup
from journeyman.language.references import hindrances
from journeyman.language.starters.date import DateEntry
from journeyman.language.starters.rules import EntryRules, ReentryAfter, ReentryMax

_PLAIN = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$")


@dataclass(frozen=True, slots=True)
class Refused:
    """Why somebody did not enter: a reason code and the values read (E8)."""

    code: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Admitted:
    """Somebody enters; `instead_of` is the live run that the new one restarts (E4)."""

    correlation: str
    instead_of: Run | None = None


def judge(published: Published, event: Incoming, facts: Facts, runs: Iterable[Run]) -> Admitted | Refused:
    """Judge an entry on the customer's facts, which include the event and what it changed (E2).

    `runs` are the customer's runs of this journey that are live or that re-entry has to remember.
    """
    rules = published.definition.entry
    if event.depth > MOST_DEEP:
        return Refused("depth", {"most": MOST_DEEP})
    correlation = correlation_of(published.definition, event.properties)
    if correlation is None:
        return Refused("correlation", {"property": rules.correlation})
    same_key = [run for run in runs if run.correlation == correlation]
    barred = _out_of_date(rules, event, facts, same_key) or _barred(published.definition, facts)
    if barred is not None:
        return barred
    live = next((run for run in same_key if run.is_live), None)
    if live is not None and rules.while_live != "restart":
        return Refused("live", {"run": live.id})
    refusal = None if live is not None else reentry_refusal(published.definition, event.at, same_key)
    return refusal or Admitted(correlation, live)


def _out_of_date(rules: EntryRules, event: Incoming, facts: Facts, past: Iterable[Run]) -> Refused | None:
    """Whether the date that came due is the customer's no more, or she has entered for that year before (E6)."""
    if not isinstance(rules, DateEntry):
        return None
    if not still_stands(rules, event.properties, facts):
        return Refused("moved", {})
    entered = has_entered(rules, event.properties, (run.entry for run in past))
    return Refused("reentry", {"rule": "year"}) if entered else None


def _barred(definition: Definition, facts: Facts) -> Refused | None:
    """Whether the customer is nobody for whom the journey is, or nobody whom it reaches (E7)."""
    audience = definition.entry.audience
    if audience is not None and not holds(audience, facts):
        return Refused("audience", {})
    out_of_reach = hindrances(definition, facts)
    return Refused("unreachable", {"channels": out_of_reach}) if out_of_reach else None


def correlation_of(definition: Definition, properties: Mapping[str, Any]) -> str | None:
    """What tells this run from the customer's others (E1); empty without `correlate`, None where it is missing."""
    if definition.entry.correlation is None:
        return ""
    value = lookup(properties, definition.entry.correlation)
    if value is MISSING or isinstance(value, dict | list | bool) or value in (None, ""):
        return None
    return str(value)


def reentry_refusal(definition: Definition, at: datetime, past: list[Run]) -> Refused | None:
    """Whether the runs of the same key that are over forbid another one (E3)."""
    rule = definition.entry.reentry
    if not past or rule == "always":
        return None
    if rule == "never":
        return Refused("reentry", {"rule": "never"})
    if isinstance(rule, ReentryAfter):
        anchors = [run.entered_at if rule.since == "entry" else run.ended_at or run.entered_at for run in past]
        again = max(anchors) + rule.after.timedelta
        return Refused("reentry", {"rule": "after", "again_at": again}) if at < again else None
    if isinstance(rule, ReentryMax):
        within = sum(run.entered_at > at - rule.per.timedelta for run in past)
        return Refused("reentry", {"rule": "max", "entries": within}) if within >= rule.max else None
    raise AssertionError(f"unknown re-entry rule {rule}")


def begin(published: Published, event: Incoming, customer_id: str, correlation: str) -> Run:
    """A new run at its door: not at its first step yet."""
    definition = published.definition
    windows = [event.at + goal.within.timedelta for goal in definition.goals]
    return Run(
        id=new_id("run"),
        journey_key=published.key,
        version=published.version,
        definition_hash=published.hash,
        customer_id=customer_id,
        correlation=correlation,
        workflow_id=workflow_id(published.key, customer_id, correlation),
        state="live",
        outcome=None,
        entered_at=event.at,
        entered_seq=event.seq,
        ended_at=None,
        entry=event.properties,
        context={},
        kept=_kept(event),
        step=None,
        visit=0,
        arrived_at=event.at,
        until=None,
        released=None,
        goal_until=max(windows, default=None),
        is_new=True,
        is_changed=True,
    )


def _kept(event: Incoming) -> dict[str, Any] | None:
    """How many runs have led to this one, and which of them waits for its end."""
    led = {DEPTH: {"runs": event.depth}} if event.depth else None
    return {**(led or {}), **(kept_of(event.message_id) or {})} or None


def workflow_id(journey_key: str, customer_id: str, correlation: str) -> str:
    """`journey/{journey}/{customer}[/{correlation}]`; a key that is not plain stands as its hash."""
    if not correlation:
        return f"journey/{journey_key}/{customer_id}"
    plain = correlation if _PLAIN.match(correlation) else hashlib.sha256(correlation.encode()).hexdigest()[:24]
    return f"journey/{journey_key}/{customer_id}/{plain}"
