"""Random histories of calls, merges and splits, held against a model that knows only sets of names.

The model is written for being read: people are numbers, and each has a set of names. It knows the rules of the guide,
nothing of profiles, statements or batches.
"""

import asyncio
import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from journeyman.customers import repository as customers
from journeyman.customers.groups.tables import GroupMember
from journeyman.customers.identity import Rules
from journeyman.customers.inbox.door import Inbox
from journeyman.customers.tables import Customer, Event, Identifier
from journeyman.journeys.identities.identities import IdentityDesk
from journeyman.kit.database import Database
from journeyman.kit.ids import new_id
from journeyman.kit.wake import wake_for
from tests.builders import NOON, Shop, incoming
from tests.conftest import sqlite_url
from tests.parts.postgres import PostgresServer

Name = tuple[str, str]
LIMIT = 2
USERS = [("user_id", "ann"), ("user_id", "bob"), ("user_id", "cyd"), ("user_id", "dan")]
DEVICES = [("anonymous_id", "a1"), ("anonymous_id", "a2"), ("anonymous_id", "a3")]
GROUPS = ["acme", "umbrella"]
ADDRESSES = [("email", "x@example.com"), ("email", "y@example.com")]


class Model:
    """Who is who, by the rules."""

    def __init__(self) -> None:
        self.people: dict[int, set[Name]] = {}
        self.held: dict[Name, set[int]] = {}
        self.shared: set[Name] = set()
        self.places: set[int] = set()
        self.apart: set[frozenset[int]] = set()
        self.numbers = itertools.count(1)

    def owner(self, name: Name | None) -> int | None:
        return next((number for number, names in self.people.items() if name in names), None)

    def new(self, *names: Name) -> int:
        number = next(self.numbers)
        self.people[number] = set(names)
        return number

    def is_user(self, number: int) -> bool:
        return any(kind == "user_id" for kind, _ in self.people[number])

    def take(self, kind: str, user: Name | None, device: Name | None, address: Name | None) -> int:
        """Whom a call is about, with all that it changes."""
        person = self.about(kind, user, device, address)
        for name in (device, address):
            if name is not None:
                person = self.hear(kind, person, name)
        return person

    def about(self, kind: str, user: Name | None, device: Name | None, address: Name | None) -> int:
        told = [address] if address is not None and address not in self.shared else []
        if user is not None:
            known = self.owner(user)
            if known is not None:
                return known
            candidates = [device] if device is not None and device not in self.shared else []
            for name in [*candidates, *told] if kind == "identify" else []:
                nameless = self.owner(name)
                if nameless is not None and not self.is_user(nameless) and nameless not in self.places:
                    self.people[nameless].add(user)
                    return nameless
            return self.new(user)
        mine = self.owner(device)
        if mine is not None and mine not in self.places:
            return mine
        reached = next((owner for name in told if (owner := self.owner(name))), None)
        if reached is not None:
            return reached
        return mine if mine is not None and not told else self.new()

    def hear(self, kind: str, person: int, name: Name) -> int:
        owner = self.owner(name)
        if owner == person:
            return person
        if owner is None:
            if person not in self.places:
                self.people[person].add(name)
            return person
        both_users = self.is_user(owner) and self.is_user(person)
        barred = frozenset((owner, person)) in self.apart or {owner, person} & self.places
        if kind == "identify" and name not in self.shared and not both_users and not barred:
            return self.join(*self.older_last(person, owner))
        if person not in self.places:
            self.hold(kind, person, owner, name, moves=both_users and not barred)
        return person

    def older_last(self, person: int, owner: int) -> tuple[int, int]:
        """(loser, survivor)"""
        if self.is_user(person) or self.is_user(owner):
            return (owner, person) if self.is_user(person) else (person, owner)
        return max(person, owner), min(person, owner)

    def hold(self, kind: str, person: int, owner: int, name: Name, *, moves: bool) -> None:
        holders = self.held.setdefault(name, set())
        holders.add(person)
        if name in self.shared:
            return
        if len(holders) + 1 > LIMIT:
            self.shared.add(name)
            if name[0] == "anonymous_id":
                self.people[owner].discard(name)
                holders.add(owner)
                self.places.add(self.new(name))
        elif kind == "identify" and name[0] == "anonymous_id" and moves:
            self.people[owner].discard(name)
            self.people[person].add(name)
            holders.discard(person)
            holders.add(owner)

    def join(self, loser: int, survivor: int) -> int:
        self.people[survivor] |= self.people.pop(loser)
        for name, holders in self.held.items():
            if loser in holders:
                holders.discard(loser)
                holders.add(survivor)
            if name in self.people[survivor]:
                holders.discard(survivor)
        renamed = [frozenset(survivor if one == loser else one for one in pair) for pair in self.apart]
        self.apart = {pair for pair in renamed if len(pair) > 1}
        return survivor

    def split(self, person: int, names: set[Name]) -> int:
        self.people[person] -= names
        other = self.new(*names)
        theirs = [next(iter(pair - {person})) for pair in self.apart if person in pair]
        self.apart |= {frozenset((other, one)) for one in (person, *theirs)}
        return other


class Identities(RuleBasedStateMachine):
    """The product beside the model."""

    url: Iterator[str]

    @initialize()
    def open(self) -> None:
        self.runner = asyncio.Runner()
        self.database = Database(next(self.url))
        self.shop = Shop(self.database)
        self.shop.intake.rules = Rules(shared_limit=LIMIT)
        self.wake = wake_for(self.database)
        self.inbox = Inbox(self.database, self.wake, 1000)
        self.desk = IdentityDesk(self.database, self.inbox, self.shop.clock)
        self.model = Model()
        self.accepted: list[Any] = []
        self.merged = 0

    def teardown(self) -> None:
        if hasattr(self, "runner"):
            for closing in (self.inbox.close(), self.wake.close(), self.database.close()):
                self.runner.run(closing)
            self.runner.close()

    @rule(
        kind=st.sampled_from(["identify", "identify", "track"]),
        user=st.none() | st.sampled_from(USERS),
        device=st.none() | st.sampled_from(DEVICES),
        address=st.none() | st.sampled_from(ADDRESSES),
    )
    def call(self, kind: str, user: Name | None, device: Name | None, address: Name | None) -> None:
        if user is None and device is None:
            return
        address = address if kind == "identify" else None
        traits = {"email": address[1]} if address else {}
        self.send(kind, user, device, traits=traits)
        self.model.take(kind, user, device, address)

    def send(self, kind: str, user: Name | None, device: Name | None, group: str | None = None, **parts: Any) -> None:
        self.shop.pass_time(seconds=1)
        named = {"anonymous": device[1]} if device else {}
        at = self.shop.clock.now()
        event = incoming("Called", user[1] if user else None, kind=kind, at=at, **named, **parts)
        if group is not None:
            payload = {**orjson.loads(event.payload), "groupId": group}
            event = replace(event, payload=orjson.dumps(payload).decode())
        self.accepted.append(event)
        self.runner.run(self.shop.accept(event))

    @rule(user=st.none() | st.sampled_from(USERS), device=st.sampled_from(DEVICES), group=st.sampled_from(GROUPS))
    def belong(self, user: Name | None, device: Name, group: str) -> None:
        self.send("group", user, device, group=group)
        self.model.take("track", user, device, None)

    @rule(user=st.sampled_from(USERS), previous=st.sampled_from([*USERS, *DEVICES]))
    def alias(self, user: Name, previous: Name) -> None:
        if user == previous:
            return
        self.send("alias", user, None, previous=previous[1])
        model = self.model
        person = model.owner(user) or model.new(user)
        device = ("anonymous_id", previous[1])
        other = model.owner(device) or model.owner(("user_id", previous[1]))
        if other is None:
            model.people[person].add(device)
        elif other != person and other not in model.places and frozenset((other, person)) not in model.apart:
            model.join(other, person)

    @precondition(lambda self: bool(self.accepted))
    @rule(choice=st.integers(0, 10_000))
    def again(self, choice: int) -> None:
        """An event that came before comes once more: it changes nothing."""
        self.runner.run(self.shop.accept(self.accepted[choice % len(self.accepted)]))

    @precondition(lambda self: bool(self.accepted))
    @rule(device=st.sampled_from(DEVICES))
    def late(self, device: Name) -> None:
        """Something that happened long ago finds whom the name leads to now."""
        event = incoming("Late", None, anonymous=device[1], at=NOON - timedelta(days=1))
        self.accepted.append(event)
        self.runner.run(self.shop.accept(event))
        self.model.take("track", None, device, None)

    @rule(one=st.integers(0, 100), other=st.integers(0, 100))
    def merge(self, one: int, other: int) -> None:
        people = [number for number, names in self.model.people.items() if names and number not in self.model.places]
        if len(people) < 2:
            return
        survivor, loser = people[one % len(people)], people[other % len(people)]
        if survivor == loser:
            return
        self.shop.pass_time(seconds=1)
        merging = self.desk.merge(self.id_of(survivor), self.id_of(loser), "operator")
        self.runner.run(merging)
        self.runner.run(self.shop.decide())
        self.merged += 1
        self.model.join(loser, survivor)

    @rule(one=st.integers(0, 100), data=st.data())
    def split(self, one: int, data: st.DataObject) -> None:
        people = [number for number, names in self.model.people.items() if len(names) > 1]
        if not people:
            return
        person = people[one % len(people)]
        names = sorted(self.model.people[person])
        gone = data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=len(names) - 1, unique=True))
        self.shop.pass_time(seconds=1)
        self.runner.run(self.desk.split(self.id_of(person), gone, None, "operator"))
        self.model.split(person, set(gone))

    def id_of(self, number: int) -> str:
        name = min(self.model.people[number])
        return next(customer for customer, names in self.known().items() if name in names)

    def known(self) -> dict[str, set[Name]]:
        return self.runner.run(self.names())

    async def names(self) -> dict[str, set[Name]]:
        found: dict[str, set[Name]] = {}
        query = select(Identifier.kind, Identifier.value, Identifier.customer_id)
        async with self.database.reading() as connection:
            for kind, value, customer in await connection.execute(query):
                found.setdefault(customer, set()).add((kind, value))
        return found

    @invariant()
    def the_same_people(self) -> None:
        if not hasattr(self, "model"):
            return
        expected = sorted(sorted(names) for names in self.model.people.values() if names)
        assert sorted(sorted(names) for names in self.known().values()) == expected

    @invariant()
    def everybody_is_alive_and_nothing_is_lost(self) -> None:
        if hasattr(self, "model"):
            self.runner.run(self.check())

    async def check(self) -> None:
        async with self.database.reading() as connection:
            rows = (await connection.execute(select(Customer.id, Customer.merged_into))).all()
            alive = {customer for customer, survivor in rows if survivor is None}
            events = (
                await connection.execute(select(Event.customer_id, func.count()).group_by(Event.customer_id))
            ).all()
            for customer, _ in rows:
                assert await customers.resolve(connection, customer) in alive, "chains of merges end"
        assert sum(count for _, count in events) == len(self.accepted) + self.merged
        assert {customer for customer, _ in events} <= alive
        assert set(await self.names()) <= alive

    @invariant()
    def everybody_belongs_where_her_own_calls_say(self) -> None:
        if hasattr(self, "model"):
            self.runner.run(self.check_groups())

    async def check_groups(self) -> None:
        said: dict[tuple[str, str], datetime] = {}
        events = select(Event.customer_id, Event.context, Event.event_time).where(Event.type == "group")
        async with self.database.reading() as connection:
            for customer, context, at in await connection.execute(events):
                place = (context["groupId"], customer)
                said[place] = min(at, said.get(place, at))
            members = await connection.execute(select(GroupMember.group_id, GroupMember.customer_id, GroupMember.since))
            assert {(group, customer): since for group, customer, since in members} == said


def test_the_product_and_the_rules_agree_on_sqlite(sqlite_template: Path, tmp_path: Path) -> None:
    def urls() -> Iterator[str]:
        for number in range(10_000):
            folder = tmp_path / str(number)
            folder.mkdir()
            yield sqlite_url(sqlite_template, folder)

    run(urls(), examples=25)


def test_the_product_and_the_rules_agree_on_postgresql(postgres: PostgresServer) -> None:
    def urls() -> Iterator[str]:
        while True:
            name = new_id("t")
            postgres.execute(f"CREATE DATABASE {name} TEMPLATE template_jm STRATEGY file_copy")
            yield postgres.url(name)
            postgres.execute(f"DROP DATABASE {name} WITH (FORCE)")

    run(urls(), examples=8)


def run(urls: Iterator[str], examples: int) -> None:
    machine = type("Machine", (Identities,), {"url": urls})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
