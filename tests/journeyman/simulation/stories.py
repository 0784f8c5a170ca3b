"""Random stories: a sound journey as hypothesis makes it up, a few customers, and what they do for some weeks.

Conditions, triggers and deeds draw from the same few names and values, so that most of what a journey listens to
happens to somebody.
"""

import copy
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from journeyman.language.cases import GivenAnswer
from journeyman.language.definition import Definition
from journeyman.language.validation import DefinitionError, parse
from tests.journeyman.simulation.parts import OFTEN, STEPS, exits, frames, goals

Strategy = st.SearchStrategy[Any]
Draw = Any

BEGINS = datetime(2026, 3, 16, 9, tzinfo=UTC)
"""A Monday; within the stories lies the night in which Europe's clocks go forward."""
LEAST_STEPS, MOST_STEPS = 3, 10
UNHURRIED = (
    HealthCheck.too_slow,
    HealthCheck.filter_too_much,
    HealthCheck.data_too_large,
    HealthCheck.large_base_example,
)
APART = timedelta(seconds=7)
_DATE = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}")
USERS = ("ann", "bob", "cid")
ZONES = ("UTC", "Europe/Riga", "America/New_York", "Asia/Kolkata")
EVENTS = ("Product Viewed", "Product Added", "Order Completed", "Signed Up")


@dataclass(frozen=True, slots=True)
class Someone:
    """A customer as she is known before anything happens."""

    id: str
    attributes: Mapping[str, Any]
    consents: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that is done, so long after the beginning: by a customer, or by those who work with the product."""

    after: timedelta
    user: str
    do: str
    what: Mapping[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"{self.after} {self.user} {self.do} {dict(self.what)}"


@dataclass(frozen=True, slots=True)
class Story:
    """A journey, who is there, and what happens; `answers` are what other systems say, by step."""

    document: dict[str, Any]
    people: Sequence[Someone]
    happenings: Sequence[Happening]
    answers: Mapping[str, GivenAnswer]
    begins: datetime = BEGINS

    @property
    def definition(self) -> Definition:
        return parse(self.document)

    @property
    def lasts(self) -> timedelta:
        """From the beginning until a week after the last thing that happens."""
        return self.happenings[-1].after + timedelta(days=7)

    def moved(self, begins: datetime) -> "Story":
        """The same story at another time: its dates are as many days later."""
        days = (begins.date() - self.begins.date()).days

        def later(found: re.Match[str]) -> str:
            return (date.fromisoformat(found[0]) + timedelta(days=days)).isoformat()

        def move(part: Any) -> Any:
            return json.loads(_DATE.sub(later, json.dumps(part)))

        people = tuple(replace(one, attributes=move(dict(one.attributes))) for one in self.people)
        happenings = tuple(replace(one, what=move(dict(one.what))) for one in self.happenings)
        return replace(self, document=move(self.document), people=people, happenings=happenings, begins=begins)

    def untied(self) -> "Story":
        """The same story without things that happen at one instant, or just when a timer fires that another one set."""
        apart = [replace(one, after=one.after + number * APART) for number, one in enumerate(self.happenings)]
        return replace(self, happenings=tuple(sorted(apart, key=lambda one: one.after)))

    def repeatable(self) -> "Story":
        """The same story without what comes out differently each time, or takes real time.

        Arms that are drawn anew for each run are drawn by its id; between two attempts of a call real time passes.
        """
        document = copy.deepcopy(self.document)
        for step in document["steps"]:
            if "call" in step:
                step["call"]["attempts"] = 1
            step.get("split", {}).pop("sticky", None)
        return replace(self, document=document)

    def zones(self, user: str, at: datetime) -> set[str]:
        """The zones in which a customer may be at an instant, by the ladder (W7): several where she moves then."""
        someone = next(one for one in self.people if one.id == user)
        zone = someone.attributes.get("timezone", self.document.get("time_zone", "UTC"))
        found = {zone}
        for one in self.happenings:
            if one.user == user and one.do == "traits" and "timezone" in one.what and self.begins + one.after <= at:
                found = {*(found if self.begins + one.after == at else ()), one.what["timezone"]}
        return found

    @property
    def key(self) -> str:
        return str(self.document["journey"])


PROPERTIES = st.fixed_dictionaries(
    {"id": st.sampled_from(("a", "b")), "price": st.sampled_from((5, 20, 120))},
    optional={"departs_at": st.sampled_from(("2026-03-18", "2026-03-25T10:00:00Z", "2026-04-02", "soon"))},
)
TRAITS = st.fixed_dictionaries(
    {},
    optional={
        "plan": st.sampled_from(("free", "pro", None)),
        "vip": st.booleans(),
        "age": st.sampled_from((17, 40)),
        "trial_ends": st.sampled_from(("2026-03-18", "2026-03-24T15:00:00Z", "2026-03-29", "2025-01-01", None)),
        "born": st.sampled_from(("1990-03-20", "1996-02-29", "2001-04-01")),
        "timezone": st.sampled_from(ZONES),
    },
)
SAID = st.fixed_dictionaries(
    {}, optional={"email": st.sampled_from(("yes", "no")), "marketing": st.sampled_from(("yes", "no"))}
)
DEEDS: dict[str, Strategy] = {
    "event": st.tuples(st.sampled_from(EVENTS), PROPERTIES).map(lambda one: {"event": one[0], "properties": one[1]}),
    "traits": TRAITS.filter(bool),
    "say": SAID.filter(bool),
    "enter": PROPERTIES,
    "open": st.just({}),
    "click": st.just({}),
    "answer": st.sampled_from(({"answer": "done"}, {"answer": "no"})),
}
DOES = ("event", "event", "event", "enter", "traits", "traits", "say", "open", "click", "answer")
MINUTES = st.one_of(st.integers(0, 180), st.integers(0, 60 * 24 * 21).map(lambda minute: minute // 5 * 5))
ANSWER = st.one_of(
    st.builds(GivenAnswer, status=st.sampled_from((200, 404, 503)), body=st.just({"score": 7})),
    st.just(GivenAnswer(fails="no route to host")),
)


@st.composite
def people(draw: Draw) -> tuple[Someone, ...]:
    """One to three customers; most can be written to."""
    found = []
    for user in USERS[: draw(st.integers(1, len(USERS)))]:
        attributes = draw(TRAITS) | {"name": user.title()}
        if draw(st.integers(0, 9)):
            attributes |= {"email": f"{user}@example.com"}
        said = {"email": "yes"} if draw(st.integers(0, 4)) else draw(SAID)
        found.append(Someone(user, {key: value for key, value in attributes.items() if value is not None}, said))
    return tuple(found)


@st.composite
def happenings(draw: Draw, users: Sequence[str], entry: Mapping[str, Any]) -> tuple[Happening, ...]:
    """What starts the journey, as far as a deed does, and a stream of other things, in order of time."""
    found = [Happening(timedelta(0), user, *starts(entry)) for user in users]
    for _ in range(draw(st.integers(10, 30))):
        do = draw(st.sampled_from(DOES))
        after = timedelta(minutes=draw(MINUTES))
        found.append(Happening(after, draw(st.sampled_from(list(users))), do, draw(DEEDS[do])))
    return tuple(sorted(found, key=lambda one: one.after))


def starts(entry: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """What is done to enter, as far as it is known beforehand."""
    properties = {"id": "a", "price": 20, "departs_at": "2026-03-25T10:00:00Z"}
    match entry["on"]:
        case "event" | "date" if "event" in entry:
            return "event", {"event": entry["event"], "properties": properties}
        case "api":
            return "enter", properties
        case "journey":
            return "enter", properties
    return "traits", {"plan": "pro", "vip": True, "born": "1990-03-20", "trial_ends": "2026-03-24T15:00:00Z"}


@st.composite
def documents(draw: Draw) -> dict[str, Any]:
    """A journey without a fault, of three to ten steps."""
    ids = [f"s{number}" for number in range(draw(st.integers(LEAST_STEPS, MOST_STEPS)))]
    steps = []
    for place, step in enumerate(ids):
        kind = draw(st.sampled_from(OFTEN))
        steps.append({"id": step, **draw(STEPS[kind](ids, place))})
    document = {"journey": "story", **draw(frames()), "steps": steps}
    document |= {"exit": draw(exits(ids)), "goals": draw(goals(ids))}
    return {key: value for key, value in document.items() if value not in ([], None)}


def is_sound(document: dict[str, Any]) -> bool:
    try:
        parse(document)
    except DefinitionError:
        return False
    return True


@st.composite
def stories(draw: Draw) -> Story:
    """A journey, its people, and what they do for three weeks."""
    document = draw(documents().filter(is_sound))
    crowd = draw(people())
    users = [one.id for one in crowd]
    asked = [step["id"] for step in document["steps"] if {"call", "activity"} & step.keys()]
    answers = {step: draw(ANSWER) for step in asked}
    return Story(document, crowd, draw(happenings(users, document["entry"])), answers)


def story(number: int) -> Story:
    """The story of this number, always the same for one version of hypothesis.

    Each begins anew from a seed of its own, for those of one seed grow out of one another; the first of a seed is
    always the simplest that there is, and is passed over.
    """
    found: list[Story] = []

    @seed(number)
    @settings(
        max_examples=2,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=UNHURRIED,
    )
    @given(stories())
    def note(one: Story) -> None:
        found.append(one)

    note()
    return found[-1]
