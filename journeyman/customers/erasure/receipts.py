"""What an erasure reports of itself, and what it has to know while it is at work."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from journeyman.customers.erasure.digests import CUSTOMER_ID, EMAIL, PHONE, Name
from journeyman.customers.identity import ANONYMOUS_ID, USER_ID

SUBJECTS = {USER_ID: "u", ANONYMOUS_ID: "a", CUSTOMER_ID: "c"}
"""By which letter the inbox knows whom an event is about."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """An erasure as it is reported. Nothing in it is about the person."""

    id: str
    state: str
    requested_at: datetime
    requested_by: str
    completed_at: datetime | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    late_events: int = 0
    last_late_at: datetime | None = None
    lifted_at: datetime | None = None
    lifted_by: str | None = None


@dataclass(frozen=True, slots=True)
class Belongings:
    """Whom an erasure or an export is about: ids of her profiles, names of hers, and a stand-in for her in figures."""

    customers: Sequence[str]
    names: Sequence[Name] = ()
    stand_in: str = ""

    @property
    def addresses(self) -> list[Name]:
        return [name for name in self.names if name[0] in {EMAIL, PHONE}]

    @property
    def owned(self) -> dict[str, Sequence[str]]:
        """The lists by which tables tell her rows."""
        names = (*self.names, *((CUSTOMER_ID, customer) for customer in self.customers))
        subjects = {f"{SUBJECTS[kind]}:{value}" for kind, value in names if kind in SUBJECTS}
        return {"customer": self.customers, "subject": sorted(subjects)}

    def as_json(self) -> dict[str, Any]:
        return {"customers": self.customers, "names": self.names, "stand_in": self.stand_in}

    @classmethod
    def of(cls, work: Mapping[str, Any]) -> Self:
        return cls(work["customers"], [(kind, value) for kind, value in work["names"]], work["stand_in"])
