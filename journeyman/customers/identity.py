"""Who an event is about: identifiers, profiles, and two profiles that turn out to be one person.

The rules, in the order in which they are asked (docs/guides/identity.md has them in words):

1. A user id names one person for ever, and nothing but an alias or an operator joins two people who both have one.
2. An identifier that nobody has becomes that of whoever came under it.
3. On `identify`, an identifier of somebody else's merges the two profiles, if its kind may merge, if one of them
   has no user id, and if nobody has split the two.
4. Where it does not merge, whoever came under it is on record as another holder. An anonymous id or a device then
   follows who identified last, everything else stays with whom it was first.
5. What more people hold than the limit allows is shared: it merges nobody and leads to nobody. A shared anonymous id
   (a kiosk) gets a profile of its own, which is nobody's.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from journeyman.customers.identifiers import (
    ANONYMOUS_ID,
    DEVICE,
    EMAIL,
    EXTERNAL,
    PHONE,
    USER_ID,
    Identifier,
    kind_group,
)
from journeyman.kit.ids import new_id

__all__ = ["ANONYMOUS_ID", "USER_ID", "Identifier", "Names", "People", "Person", "customer_id_of"]

MERGED: Final = "merge"
"""The type of the event by which an operator merges two profiles."""

_CHANGES_HANDS = {ANONYMOUS_ID, DEVICE}
_SAFE = re.compile(r"^(?!cus_)[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$")
_PHONE = re.compile(r"^\+?\d{9,15}$")


@dataclass(frozen=True, slots=True)
class Rules:
    """What a workspace decides: which kinds beside the anonymous id may merge, and how many people may share one."""

    merging: frozenset[str] = frozenset({EMAIL, PHONE, EXTERNAL})
    shared_limit: int = 3


@dataclass(frozen=True, slots=True)
class Held:
    """Since when, and by which message, somebody is on record with an identifier that is another's."""

    since: datetime
    source: str


@dataclass(slots=True)
class Person:
    """A profile while a batch is being decided.

    `known_as` are the identifiers that lead to it, `holds` those it came under that lead elsewhere. `apart` are the
    profiles from which it was split. `is_place` says that it stands for a shared anonymous id and is nobody's.
    """

    id: str
    attributes: dict[str, Any]
    created_at: datetime
    computed: dict[str, Any] = field(default_factory=dict)
    scores: dict[str, Any] = field(default_factory=dict)
    segments: list[str] = field(default_factory=list)
    recheck_at: datetime | None = None
    is_new: bool = False
    is_changed: bool = False
    is_counted: bool = False
    """Whether nothing but `computed` is another, as after most events."""
    merged_into: "Person | None" = None
    known_as: set[Identifier] = field(default_factory=set)
    holds: dict[Identifier, Held] = field(default_factory=dict)
    apart: set[str] = field(default_factory=set)
    is_place: bool = False

    @property
    def survivor(self) -> "Person":
        person = self
        while person.merged_into is not None:
            person = person.merged_into
        return person

    @property
    def has_user_id(self) -> bool:
        return any(kind == USER_ID for kind, _ in self.known_as)

    def is_apart_from(self, other: "Person") -> bool:
        return other.id in self.apart or self.id in other.apart


@dataclass(frozen=True, slots=True)
class Names:
    """The names an event gives its customer.

    `claims` are all those beside user id and anonymous id (`identifiers.claims_of`), `merged_id` is the customer whom
    an operator merges into `customer_id`, `source` the message that says all this.
    """

    type: str
    user_id: str | None = None
    anonymous_id: str | None = None
    previous_id: str | None = None
    customer_id: str | None = None
    claims: tuple[Identifier, ...] = ()
    merged_id: str | None = None
    source: str = ""

    def identifiers(self) -> list[Identifier]:
        """Every identifier that has to be looked up; an alias's previous id may be of either kind."""
        found: list[Identifier] = []
        if self.user_id is not None:
            found.append((USER_ID, self.user_id))
        if self.anonymous_id is not None:
            found.append((ANONYMOUS_ID, self.anonymous_id))
        if self.previous_id is not None:
            found += [(USER_ID, self.previous_id), (ANONYMOUS_ID, self.previous_id)]
        found += self.claims
        return found

    def customer_ids(self) -> list[str]:
        """The ids of profiles that have to be looked up: those named, and the one that a new user would get."""
        return [one for one in (self.customer_id, self.merged_id, self.user_id) if one is not None]


@dataclass(frozen=True, slots=True)
class Merge:
    """Two profiles that became one, as it is put on record.

    `through` is the identifier that showed it, None where somebody said so; `names` is what the loser was known as.
    """

    loser: Person
    survivor: Person
    through: Identifier | None
    source: str
    at: datetime
    names: tuple[Identifier, ...]


@dataclass(frozen=True, slots=True)
class Sharing:
    """Beside whom identifiers lead to: which of them are shared, and how many others hold each of the rest."""

    shared: frozenset[Identifier] = frozenset()
    holders: Mapping[Identifier, int] = field(default_factory=dict)


def customer_id_of(user_id: str | None) -> str:
    """The id of a new profile: the user id where that is a plain key, else a made one.

    Ids stand in Temporal's histories, so what looks like an e-mail address or a phone number never becomes one.
    """
    if user_id is not None and _SAFE.match(user_id) and not _PHONE.match(user_id):
        return user_id
    return new_id("cus")


class People:
    """The persons of a batch by their identifiers, and what is to be written of them."""

    def __init__(self, persons: Iterable[Person], sharing: Sharing | None = None, rules: Rules | None = None) -> None:
        sharing = sharing or Sharing()
        self.rules = rules or Rules()
        self.on_merge: Callable[[Person, Person], None] = nothing_else
        self.named: dict[Identifier, Person] = {}
        self.moved: dict[Identifier, Person] = {}
        self.sources: dict[Identifier, str] = {}
        self.shared_at: dict[Identifier, datetime] = {}
        self.new_holders: set[str] = set()
        self.merges: list[Merge] = []
        self._shared = set(sharing.shared)
        self._holders = dict(sharing.holders)
        self._by_id = {person.id: person for person in persons}
        self._by_name = {name: person for person in self._by_id.values() for name in person.known_as}

    def all(self) -> list[Person]:
        return list(self._by_id.values())

    def find(self, names: Names, at: datetime) -> Person | None:
        """The person an event is about, made if new; None where a customer id names nobody."""
        if names.customer_id is not None:
            return self._by_customer_id(names, at)
        if names.type == "alias":
            return self._alias(names, at)
        person = self._of(names, at)
        if names.anonymous_id is not None:
            person = self._hear(person, (ANONYMOUS_ID, names.anonymous_id), names, at)
        for claim in names.claims:
            person = self._hear(person, claim, names, at)
        return person

    def _by_customer_id(self, names: Names, at: datetime) -> Person | None:
        person = self._by_id.get(names.customer_id or "")
        if person is None or names.merged_id is None:
            return person.survivor if person else None
        person, other = person.survivor, self._by_id.get(names.merged_id)
        if other is not None and other.survivor is not person and not (person.is_place or other.survivor.is_place):
            self._merge(other.survivor, person, None, names.source, at)
        return person

    def _of(self, names: Names, at: datetime) -> Person:
        """Whom the event is about by itself, before it tells that somebody else is the same person."""
        anonymous = self._owner((ANONYMOUS_ID, names.anonymous_id)) if names.anonymous_id is not None else None
        if names.user_id is not None:
            return self._owner((USER_ID, names.user_id)) or self._claim(anonymous, names, at)
        if anonymous is not None and not anonymous.is_place:
            return anonymous
        told = [claim for claim in names.claims if self._may_join(claim)]
        reached = next((owner for claim in told if (owner := self._owner(claim))), None)
        return reached or (anonymous if anonymous and not told else self._new(names, at))

    def _claim(self, anonymous: Person | None, names: Names, at: datetime) -> Person:
        """A user id seen for the first time: a nameless profile becomes that user's, by `identify` only."""
        if names.type == "identify":
            first = [anonymous] if anonymous and self._may_join((ANONYMOUS_ID, names.anonymous_id or "")) else []
            owners = [*first, *(self._owner(claim) for claim in names.claims if self._may_join(claim))]
            for person in owners:
                if person is not None and not person.has_user_id and not person.is_place:
                    self._name((USER_ID, names.user_id or ""), person, names.source)
                    return person
        return self._new(names, at)

    def _hear(self, person: Person, identifier: Identifier, names: Names, at: datetime) -> Person:
        """The event came under this identifier as well; returns whom it is about now."""
        owner = self._owner(identifier)
        if owner is person:
            return person
        if owner is None:
            if not person.is_place:
                self._name(identifier, person, names.source)
            return person
        if names.type == "identify" and self._may_join(identifier) and self._may_merge(owner, person):
            survivor, loser = _survivor_first(person, owner)
            self._merge(loser, survivor, identifier, names.source, at)
            return survivor
        self._hold(identifier, owner, person, names, at)
        return person

    def _may_join(self, identifier: Identifier) -> bool:
        """Whether two people who come under the identifier are one."""
        kind = kind_group(identifier[0])
        return (kind == ANONYMOUS_ID or kind in self.rules.merging) and identifier not in self._shared

    @staticmethod
    def _may_merge(one: Person, other: Person) -> bool:
        if one.is_place or other.is_place or one.is_apart_from(other):
            return False
        return not (one.has_user_id and other.has_user_id)

    def _hold(self, identifier: Identifier, owner: Person, person: Person, names: Names, at: datetime) -> None:
        """Two people come under one identifier, and stay two."""
        if person.is_place:
            return
        self._note(identifier, person, Held(at, names.source))
        if identifier in self._shared:
            return
        if 1 + self._holders[identifier] > self.rules.shared_limit:
            self._share(identifier, owner, names, at)
        elif names.type == "identify" and identifier[0] in _CHANGES_HANDS and _are_two_users(owner, person):
            # A device that changed hands: what it does from now on is the newer user's.
            self._note(identifier, owner, Held(at, names.source))
            self._forget(identifier, person)
            self._move(identifier, person)

    def _share(self, identifier: Identifier, owner: Person, names: Names, at: datetime) -> None:
        """Too many people: from now on it leads to nobody, and what comes under it alone is nobody's."""
        self._shared.add(identifier)
        self.shared_at[identifier] = at
        if identifier[0] == ANONYMOUS_ID:
            self._note(identifier, owner, Held(at, names.source))
            place = Person(new_id("cus"), {}, created_at=at, is_new=True, is_place=True)
            self._by_id[place.id] = place
            self._move(identifier, place)

    def _note(self, identifier: Identifier, person: Person, held: Held) -> None:
        self._holders.setdefault(identifier, 0)
        if identifier not in person.holds:
            person.holds[identifier] = held
            self._holders[identifier] += 1
            self.new_holders.add(person.id)

    def _forget(self, identifier: Identifier, person: Person) -> None:
        if person.holds.pop(identifier, None) is not None:
            self.new_holders.add(person.id)
            if identifier in self._holders:
                self._holders[identifier] -= 1

    def _alias(self, names: Names, at: datetime) -> Person:
        plain = Names("identify", names.user_id, source=names.source)
        user = self._owner((USER_ID, names.user_id or "")) or self._new(plain, at)
        before: Identifier = (ANONYMOUS_ID, names.previous_id or "")
        previous = self._owner(before) or self._owner((USER_ID, names.previous_id or ""))
        if previous is None:
            self._name(before, user, names.source)
        elif previous is not user and not (previous.is_place or user.is_place or user.is_apart_from(previous)):
            self._merge(previous, user, None, names.source, at)
        return user

    def _owner(self, identifier: Identifier) -> Person | None:
        person = self._by_name.get(identifier)
        return person.survivor if person is not None else None

    def _new(self, names: Names, at: datetime) -> Person:
        person = Person(self._free_id(names.user_id), {}, created_at=at, is_new=True)
        self._by_id[person.id] = person
        if names.user_id is not None:
            self._name((USER_ID, names.user_id), person, names.source)
        return person

    def _free_id(self, user_id: str | None) -> str:
        wanted = customer_id_of(user_id)
        return wanted if wanted not in self._by_id else new_id("cus")

    def _name(self, identifier: Identifier, person: Person, source: str) -> None:
        """An identifier that nobody had."""
        self._by_name[identifier] = self.named[identifier] = person
        self.sources[identifier] = source
        person.known_as.add(identifier)

    def _move(self, identifier: Identifier, person: Person) -> None:
        """An identifier that leads to somebody else from now on."""
        self._by_name[identifier].known_as.discard(identifier)
        self._by_name[identifier] = person
        person.known_as.add(identifier)
        moved = self.named if identifier in self.named else self.moved
        moved[identifier] = person

    def _merge(self, loser: Person, survivor: Person, through: Identifier | None, source: str, at: datetime) -> None:
        """What the survivor does not know it takes from the other; the other's names and runs follow."""
        self.merges.append(Merge(loser, survivor, through, source, at, tuple(sorted(loser.known_as))))
        survivor.attributes = {**loser.attributes, **survivor.attributes}
        survivor.is_changed = True
        loser.merged_into = survivor
        loser.is_changed = True
        self._join_holds(loser, survivor)
        self._join_apart(loser, survivor)
        for identifier in list(loser.known_as):
            self._move(identifier, survivor)
        self.on_merge(loser, survivor)

    def _join_holds(self, loser: Person, survivor: Person) -> None:
        """What one of two held of the other's is their own now, and what both held is held once."""
        for identifier in loser.known_as & survivor.holds.keys():
            self._forget(identifier, survivor)
        for identifier, held in list(loser.holds.items()):
            self._forget(identifier, loser)
            if identifier not in survivor.known_as:
                self._note(identifier, survivor, held)

    def _join_apart(self, loser: Person, survivor: Person) -> None:
        """From whom one was split, the other is apart as well; that the two were split is over."""
        for other_id in loser.apart - {survivor.id}:
            other = self._by_id.get(other_id)
            if other is not None:
                other.survivor.apart.add(survivor.id)
        survivor.apart = (survivor.apart | loser.apart) - {survivor.id, loser.id}


def _survivor_first(person: Person, other: Person) -> tuple[Person, Person]:
    """Who has the user id survives, of two nameless ones the older."""
    if person.has_user_id or other.has_user_id:
        return (person, other) if person.has_user_id else (other, person)
    older = min(person, other, key=lambda one: (one.created_at, one.id))
    return older, other if older is person else person


def _are_two_users(one: Person, other: Person) -> bool:
    return one.has_user_id and other.has_user_id and not one.is_apart_from(other)


def nothing_else(_loser: Person, _survivor: Person) -> None:
    """A merge that concerns nothing but the profiles."""
