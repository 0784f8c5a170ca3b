"""What a journey's dates are reckoned by, and which customers' doings may move them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from journeyman.customers.profile.computed import changeable
from journeyman.customers.zones import READ
from journeyman.journeys.published import Published
from journeyman.language.definition import hash_of
from journeyman.language.starters.date import DateEntry

FIELDS = (
    *("attribute", "computed", "event", "where", "property_", "replenishment", "correlate"),
    *("offset", "time", "repeat", "leap_day", "spread"),
)
"""The fields of a starter by which its dates are reckoned; another audience, for example, moves none."""


@dataclass(frozen=True, slots=True)
class DateRule:
    """How the dates of one journey are reckoned; `digest` is another whenever any of it is."""

    journey: str
    digest: str
    entry: DateEntry
    journey_zone: str | None
    workspace_zone: str


def rule_of(published: Published, workspace_zone: str) -> DateRule | None:
    """None for a journey that starts on something else."""
    definition = published.definition
    if not isinstance(definition.entry, DateEntry):
        return None
    digest = hash_of({"entry": _read_of(definition.entry), "zones": [definition.time_zone, workspace_zone]})
    return DateRule(published.key, digest, definition.entry, definition.time_zone, workspace_zone)


def _read_of(entry: DateEntry) -> str:
    """The digest of the fields that count; made once for an entry, and kept with it."""
    kept = vars(entry)
    made: str | None = kept.get("reckoned_by")
    if made is None:
        read = entry.model_dump(mode="json", by_alias=True, exclude_unset=True, include=set(FIELDS))
        made = kept["reckoned_by"] = hash_of(read)
    return made


class DateRules:
    """The rules of live journeys, by what moves their dates; empty, and costing nothing, where there are none."""

    def __init__(self, rules: Iterable[DateRule]) -> None:
        self.by_key = {rule.journey: rule for rule in rules}
        self._by_attribute: dict[str, list[str]] = defaultdict(list)
        self._by_event: dict[str, list[str]] = defaultdict(list)
        self._by_computed: dict[str, list[str]] = defaultdict(list)
        for key, rule in self.by_key.items():
            entry = rule.entry
            for name in entry.sources:
                self._by_event[name].append(key)
            if entry.root is not None:
                (self._by_attribute if entry.computed is None else self._by_computed)[entry.root].append(key)
        self._computed = frozenset(self._by_computed)

    def __bool__(self) -> bool:
        return bool(self.by_key)

    def moved_by(self, event: str, attributes: Iterable[str]) -> set[str]:
        """The journeys in which an event, with changes of these attributes, may move a date of the customer's."""
        found = set(self._by_event.get(event, ()))
        for attribute in attributes:
            if attribute in READ:
                # Another zone moves every date.
                return set(self.by_key)
            found.update(self._by_attribute.get(attribute, ()))
        if self._computed:
            for name in changeable(self._computed, (event,)):
                found.update(self._by_computed[name])
        return found


def rules_of(published: Iterable[Published], workspace_zone: str) -> DateRules:
    """The rules of those of the journeys that start on a date."""
    found = (rule_of(one, workspace_zone) for one in published)
    return DateRules(rule for rule in found if rule is not None)
