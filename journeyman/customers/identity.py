"""Who an event is about: identifiers, profiles, and two profiles that turn out to be one person.

The first form of identity resolution: a `userId` names one person for ever; an `anonymousId` belongs to the person
who last identified with it. Profiles are merged on `identify` and `alias` only, and two people who both have a
`userId` are never merged by a shared device.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from journeyman.kit.ids import new_id

USER_ID = "user_id"
ANONYMOUS_ID = "anonymous_id"
Identifier = tuple[str, str]

_SAFE = re.compile(r"^(?!cus_)[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$")
_PHONE = re.compile(r"^\+?\d{9,15}$")


@dataclass(slots=True)
class Person:
    """A profile while a batch is being decided."""

    id: str
    attributes: dict[str, Any]
    created_at: datetime
    computed: dict[str, Any] = field(default_factory=dict)
    scores: dict[str, Any] = field(default_factory=dict)
    segments: list[str] = field(default_factory=list)
    recheck_at: datetime | None = None
    is_new: bool = False
    is_changed: bool = False
    merged_into: "Person | None" = None
    known_as: set[Identifier] = field(default_factory=set)

    @property
    def survivor(self) -> "Person":
        person = self
        while person.merged_into is not None:
            person = person.merged_into
        return person

    @property
    def has_user_id(self) -> bool:
        return any(kind == USER_ID for kind, _ in self.known_as)


@dataclass(frozen=True, slots=True)
class Names:
    """The names an event gives its customer."""

    type: str
    user_id: str | None = None
    anonymous_id: str | None = None
    previous_id: str | None = None
    customer_id: str | None = None

    def identifiers(self) -> list[Identifier]:
        """Every identifier that has to be looked up; an alias's previous id may be of either kind."""
        found: list[Identifier] = []
        if self.user_id is not None:
            found.append((USER_ID, self.user_id))
        if self.anonymous_id is not None:
            found.append((ANONYMOUS_ID, self.anonymous_id))
        if self.previous_id is not None:
            found += [(USER_ID, self.previous_id), (ANONYMOUS_ID, self.previous_id)]
        return found


def customer_id_of(user_id: str | None) -> str:
    """The id of a new profile: the user id where that is a plain key, else a made one.

    Ids stand in Temporal's histories, so what looks like an e-mail address or a phone number never becomes one.
    """
    if user_id is not None and _SAFE.match(user_id) and not _PHONE.match(user_id):
        return user_id
    return new_id("cus")


class People:
    """The persons of a batch by their identifiers."""

    def __init__(self, persons: Iterable[Person]) -> None:
        self._by_id: dict[str, Person] = {}
        self._by_name: dict[Identifier, Person] = {}
        self.on_merge: Callable[[Person, Person], None] = _nothing_else
        self.renamed: dict[Identifier, Person] = {}
        for person in persons:
            self._by_id[person.id] = person
            for identifier in person.known_as:
                self._by_name[identifier] = person

    def all(self) -> list[Person]:
        return list(self._by_id.values())

    def find(self, names: Names, at: datetime) -> Person | None:
        """The person an event is about, made if new; None where a customer id names nobody."""
        if names.customer_id is not None:
            person = self._by_id.get(names.customer_id)
            return person.survivor if person else None
        if names.type == "alias":
            return self._alias(names, at)
        return self._by_names(names, at)

    def _by_names(self, names: Names, at: datetime) -> Person:
        user = self._known((USER_ID, names.user_id))
        anonymous = self._known((ANONYMOUS_ID, names.anonymous_id))
        if names.user_id is None:
            return anonymous or self._new(names, at)
        if user is None:
            user = self._claim(anonymous, names, at)
        if names.anonymous_id is not None and anonymous is not user:
            self._join(user, anonymous, names)
        return user

    def _claim(self, anonymous: Person | None, names: Names, at: datetime) -> Person:
        """A user id seen for the first time: the nameless profile becomes that user's, by `identify` only."""
        if anonymous is None or anonymous.has_user_id or names.type != "identify":
            return self._new(names, at)
        self._name((USER_ID, names.user_id or ""), anonymous)
        return anonymous

    def _join(self, user: Person, anonymous: Person | None, names: Names) -> None:
        identifier = (ANONYMOUS_ID, names.anonymous_id or "")
        if anonymous is None or anonymous.has_user_id:
            # A device that changed hands: what it does from now on is the newer user's.
            if anonymous is None or names.type == "identify":
                self._name(identifier, user)
        elif names.type == "identify":
            self._merge(anonymous, user)

    def _alias(self, names: Names, at: datetime) -> Person:
        user = self._known((USER_ID, names.user_id)) or self._new(Names("identify", names.user_id), at)
        previous = self._known((ANONYMOUS_ID, names.previous_id)) or self._known((USER_ID, names.previous_id))
        if previous is None:
            self._name((ANONYMOUS_ID, names.previous_id or ""), user)
        elif previous is not user:
            self._merge(previous, user)
        return user

    def _known(self, identifier: tuple[str, str | None]) -> Person | None:
        kind, value = identifier
        if value is None:
            return None
        person = self._by_name.get((kind, value))
        return person.survivor if person else None

    def _new(self, names: Names, at: datetime) -> Person:
        person = Person(self._free_id(names.user_id), {}, created_at=at, is_new=True)
        self._by_id[person.id] = person
        for kind, value in ((USER_ID, names.user_id), (ANONYMOUS_ID, names.anonymous_id)):
            if value is not None and (kind == USER_ID or self._known((kind, value)) is None):
                self._name((kind, value), person)
        return person

    def _free_id(self, user_id: str | None) -> str:
        wanted = customer_id_of(user_id)
        return wanted if wanted not in self._by_id else new_id("cus")

    def _name(self, identifier: Identifier, person: Person) -> None:
        before = self._by_name.get(identifier)
        if before is not None:
            before.known_as.discard(identifier)
        self._by_name[identifier] = person
        person.known_as.add(identifier)
        self.renamed[identifier] = person

    def _merge(self, loser: Person, survivor: Person) -> None:
        """What the survivor does not know it takes from the other; the other's names and runs follow."""
        survivor.attributes = {**loser.attributes, **survivor.attributes}
        survivor.is_changed = True
        loser.merged_into = survivor
        loser.is_changed = True
        for identifier in list(loser.known_as):
            self._name(identifier, survivor)
        self.on_merge(loser, survivor)


def _nothing_else(_loser: Person, _survivor: Person) -> None:
    """A merge that concerns nothing but the profiles."""
