"""Playing a random story: in a simulation, or wherever else events are taken and time passes."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from sqlalchemy import select

from journeyman.bootstrap import simulation
from journeyman.channels import templates
from journeyman.channels.tables import Message
from journeyman.customers import repository as customers
from journeyman.customers.consent import ConsentUpdate
from journeyman.customers.inbox.door import Inbox
from journeyman.customers.inbox.events import Incoming
from journeyman.customers.inbox.reading import read_event
from journeyman.customers.scoring.scoring import Scoring
from journeyman.customers.scoring.shelf import ScoreShelf
from journeyman.journeys.direct import entering
from journeyman.journeys.drafts import Drafts
from journeyman.journeys.receipts import Receipts
from journeyman.journeys.segmentation.segments import Segments
from journeyman.journeys.subscribing.notice import record
from journeyman.journeys.tasks.repository import Wanted
from journeyman.journeys.tasks.tasks import Tasks
from journeyman.kit.clock import FixedClock
from journeyman.kit.database import Database
from journeyman.kit.wake import wake_for
from journeyman.simulation.simulation import Simulation
from tests.builders import email, journey
from tests.journeyman.simulation.stories import Happening, Story

BEFORE: Final = timedelta(days=1)
SEGMENTS: Final = (
    ("vip", {"name": "VIP", "when": {"attribute": "vip", "equals": True}}),
    ("buyers", {"name": "Buyers", "when": {"event": "Order Completed", "within": "7d"}}),
    ("list", {"name": "A list"}),
)
SCORE: Final = {
    "name": "Warm",
    "rules": [{"event": "Product Viewed", "points": 5}, {"event": "Signed Up", "points": 3}],
}
OTHER: Final = journey(
    "other",
    entry={"on": "api", "reentry": {"max": 2, "per": "7d"}},
    exit=[{"on": "event", "event": "Order Completed", "outcome": "lost"}],
    steps=[
        {"id": "stay", "wait": {"for": "20h"}},
        {"id": "way", "branch": [{"when": {"attribute": "vip", "equals": True}, "next": "lost"}]},
        {"id": "won", "end": "won"},
        {"id": "lost", "end": "lost"},
    ],
)
"""The journey that others enter, and on whose steps and ends they start."""


class Stage(Protocol):
    """Where a story is played."""

    database: Database
    clock: FixedClock

    async def accept(self, *events: Incoming) -> object: ...

    async def look_anew(self) -> object:
        """Something was written past `accept`: let it have its effect."""
        ...

    async def pass_until(self, instant: datetime) -> object: ...


class Player:
    """Lets the people of a story do what they do."""

    def __init__(self, stage: Stage, story: Story) -> None:
        self.stage = stage
        self.story = story
        self.database, self.clock = stage.database, stage.clock
        self.number = 0

    async def prepare(self) -> None:
        """Everybody and everything that the journey speaks of is there."""
        await self._accept(*(("identify", one.id, {"traits": dict(one.attributes)}) for one in self.story.people))
        for one in self.story.people:
            await self._say(one.id, one.consents)
        segments = Segments(self.database, self.clock)
        for key, document in SEGMENTS:
            await segments.put(key, document)
        await Scoring(self.database, self.clock, ScoreShelf()).save("warm", SCORE)
        await templates.save(self.database, "hello", email(), self.clock.now())
        await self.stage.look_anew()

    async def publish(self) -> None:
        """Both journeys begin."""
        for document in (OTHER, self.story.document):
            drafts = Drafts(self.database, self.clock)
            await drafts.save(document["journey"], document)
            await drafts.publish(document["journey"], inside="stay", dry_run=False)
            await self.stage.look_anew()

    async def play(self) -> None:
        for one in self.story.happenings:
            await self.stage.pass_until(self.story.begins + one.after)
            await self._do(one)
        await self.stage.pass_until(self.story.begins + self.story.lasts)

    async def _do(self, one: Happening) -> None:
        match one.do:
            case "event":
                await self._accept(("track", one.user, one.what))
            case "traits":
                await self._accept(("identify", one.user, {"traits": dict(one.what)}))
            case "enter":
                await self._enter(one.user, one.what)
            case "say":
                await self._say(one.user, one.what)
            case "open" | "click":
                await self._receipt(one)
            case "answer":
                await self._answer(one.user, one.what["answer"])
            case other:
                raise AssertionError(f"nobody does {other}")

    async def _accept(self, *calls: tuple[str, str, Mapping[str, Any]]) -> None:
        now = self.clock.now()
        found = []
        for kind, user, what in calls:
            self.number += 1
            call = {"type": kind, "userId": user, "messageId": f"told-{self.number}", "timestamp": now.isoformat()}
            found.append(read_event({**call, **what}, received_at=now))
        await self.stage.accept(*found)

    async def _enter(self, user: str, context: Mapping[str, Any]) -> None:
        """The journey is entered by a call where it starts by one, else the other journey is."""
        key = self.story.key if self.story.document["entry"]["on"] == "api" else "other"
        async with self.database.reading() as connection:
            named = (await customers.addressees(connection, {user}))[user]
        self.number += 1
        await self.stage.accept(entering(named, f"told-{self.number}", key, self.clock.now(), dict(context)))

    async def _say(self, user: str, said: Mapping[str, str]) -> None:
        updates = [
            ConsentUpdate(subject, "yes" if word == "yes" else "no", source="story", actor=user)
            for subject, word in said.items()
        ]
        async with self.database.transaction() as connection:
            customer = await customers.resolve(connection, user) or user
            await customers.lock_profiles(connection, [customer])
            await record(connection, customer, updates, self.clock.now())
        await self.stage.look_anew()

    async def _receipt(self, one: Happening) -> None:
        """The newest message is opened, or a link in it clicked; of none there is nothing to do."""
        newest = select(Message.id).where(Message.customer_id == one.user, Message.state == "sent")
        async with self.database.reading() as connection:
            found = (await connection.execute(newest.order_by(Message.reserved_at.desc(), Message.id.desc()))).scalars()
            message = next(iter(found), None)
        if message is None:
            return
        wake = wake_for(self.database)
        receipts = Receipts(self.database, Inbox(self.database, wake, 10_000), self.clock)
        await (receipts.opened(message) if one.do == "open" else receipts.clicked(message, "https://shop.example"))
        await wake.close()
        await self.stage.look_anew()

    async def _answer(self, user: str, answer: str) -> None:
        """Somebody answers the oldest task about the customer that is open."""
        wake = wake_for(self.database)
        tasks = Tasks(self.database, wake, self.clock)
        found = (await tasks.page(Wanted(state="open"), None, 100)).items
        mine = next((task for task in found if task.customer == user), None)
        if mine is not None:
            await tasks.complete(mine.id, answer, None, "mia")
        await wake.close()
        await self.stage.look_anew()


@asynccontextmanager
async def simulated(story: Story) -> AsyncIterator[Simulation]:
    """The story, played to its end in a simulation."""
    async with simulation(story.begins - BEFORE) as found:
        found.answers.by_step = story.answers
        player = Player(found, story)
        await player.prepare()
        await found.pass_until(story.begins)
        await player.publish()
        await player.play()
        yield found
