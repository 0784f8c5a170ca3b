"""What is on record of a customer's identity."""

from dataclasses import dataclass
from datetime import datetime

from journeyman.customers.identifiers import Identifier


@dataclass(frozen=True, slots=True)
class KnownAs:
    """An identifier with those who share it. It leads to the customer, unless `shared_at` or `leads_elsewhere`."""

    kind: str
    value: str
    since: datetime
    source: str | None
    shared_at: datetime | None
    shared_with: int
    leads_elsewhere: bool


@dataclass(frozen=True, slots=True)
class Merged:
    """Two profiles that became one; `id` is the record's number."""

    id: int
    loser: str
    survivor: str
    through: Identifier | None
    source: str
    at: datetime
    names: frozenset[Identifier]
    undone_at: datetime | None
    undone_by: str | None


@dataclass(frozen=True, slots=True)
class Apart:
    """Another profile from which this one was split, by whom."""

    customer: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Identities:
    """All of it, of one customer."""

    customer: str
    identifiers: list[KnownAs]
    merges: list[Merged]
    apart_from: list[Apart]
