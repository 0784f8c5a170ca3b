"""The preference centre: what a customer may choose, and what she has chosen."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels.languages import phrases
from journeyman.channels.ledger import repository as ledger
from journeyman.channels.ledger.messages import Message
from journeyman.customers import repository as customers
from journeyman.customers.consent import ConsentUpdate
from journeyman.customers.consents import repository as consents
from journeyman.customers.consents.topic import Topic
from journeyman.journeys.subscribing.notice import record
from journeyman.journeys.subscribing.subscriptions import note_unsubscribed
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.kit.wake import Wake
from journeyman.language.channels import CHANNELS

SOURCE = "preference centre"


@dataclass(frozen=True, slots=True)
class Choice:
    """One box: a channel or a topic, as the customer reads it, and whether it is ticked."""

    kind: Literal["channel", "topic"]
    subject: str
    name: str
    description: str = ""
    is_on: bool = False
    is_waiting: bool = False
    """Whether a yes waits for its confirmation, and so counts as none."""

    def wording(self, language: str) -> str:
        """What stood on the page beside and above the box: the proof of what was ticked."""
        said = phrases(language)
        legend = said.preferences_channels if self.kind == "channel" else said.preferences_topics
        return " ".join(part for part in (legend, self.name, self.description) if part)


@dataclass(frozen=True, slots=True)
class Form:
    """A page that was sent back: which boxes it had, which of them were ticked when it was shown, and which are now."""

    offered: Collection[str]
    shown_on: Collection[str]
    on: Collection[str]


class Choices:
    """What a reader of a message may choose. All is by a message's id, which only a link of ours tells."""

    def __init__(self, database: Database, wake: Wake, clock: Clock) -> None:
        self.database = database
        self.wake = wake
        self.clock = clock

    async def offered(self, message_id: str, language: str) -> list[Choice] | None:
        """The boxes; None where the message or its customer is not known any more."""
        async with self.database.reading() as connection:
            found = await _reader(connection, message_id)
            return await self._choices(connection, *found, language) if found else None

    async def choose(self, message_id: str, language: str, form: Form) -> int | None:
        """Record each box that was changed; returns how many, or None as `offered`.

        Only a change is a statement: a box that was ticked when the page was shown and is left alone proves no yes.
        """
        async with self.database.transaction() as connection:
            found = await _reader(connection, message_id, lock=True)
            if found is None:
                return None
            message, _ = found
            choices = await self._choices(connection, *found, language)
            updates = [
                _update(message, one, is_on=one.subject in form.on, language=language)
                for one in choices
                if one.subject in form.offered and (one.subject in form.on) != (one.subject in form.shown_on)
            ]
            changed = await self._record(connection, *found, updates)
        self.wake.notify()
        return changed

    async def leave_all(self, message_id: str, language: str) -> int | None:
        """A no to every channel; returns how many were not yet, or None as `offered`."""
        wording = phrases(language).leave_all
        async with self.database.transaction() as connection:
            found = await _reader(connection, message_id, lock=True)
            if found is None:
                return None
            choices = await self._choices(connection, *found, language)
            actor = f"message/{message_id}"
            every = [one.subject for one in choices if one.kind == "channel"]
            updates = [ConsentUpdate(subject, "no", SOURCE, actor, wording) for subject in every]
            changed = await self._record(connection, *found, updates)
        self.wake.notify()
        return changed

    async def _record(
        self, connection: AsyncConnection, message: Message, customer_id: str, updates: Sequence[ConsentUpdate]
    ) -> int:
        now = self.clock.now()
        changed = await record(connection, customer_id, updates, now)
        if any((one.subject, one.status) == (message.channel, "no") for one in changed):
            await note_unsubscribed(connection, customer_id, message, now)
        return len(changed)

    async def _choices(
        self, connection: AsyncConnection, message: Message, customer_id: str, language: str
    ) -> list[Choice]:
        said = (await customers.consents(connection, [customer_id], self.clock.now())).get(customer_id, {})
        channels = [name for name in CHANNELS if name in {"email", message.channel, *said}]
        topics = await consents.topics(connection)
        return [
            *(_channel(name, said, language) for name in channels),
            *(_topic(one, said, language) for one in topics if _is_offered(one, channels)),
        ]


async def _reader(connection: AsyncConnection, message_id: str, *, lock: bool = False) -> tuple[Message, str] | None:
    """The message and the customer to whom it went."""
    message = await ledger.read(connection, message_id)
    customer_id = await customers.resolve(connection, message.customer_id) if message else None
    if message is None or customer_id is None:
        return None
    if lock:
        await customers.lock_profiles(connection, [customer_id])
    return message, customer_id


def _is_offered(topic: Topic, channels: Collection[str]) -> bool:
    """Marketing alone is a matter of choice here, and only on a channel that there is."""
    return topic.marketing and (not topic.channels or not set(channels).isdisjoint(topic.channels))


def _channel(name: str, said: Mapping[str, str], language: str) -> Choice:
    status = said.get(name)
    shown = phrases(language).channel(name)
    return Choice("channel", name, shown, is_on=status == "yes", is_waiting=status == "pending")


def _topic(topic: Topic, said: Mapping[str, str], language: str) -> Choice:
    """Ticked unless refused: what is ticked is what is sent, once the channel is."""
    status = said.get(topic.key)
    return Choice(
        "topic",
        topic.key,
        topic.name_in(language),
        topic.description_in(language),
        is_on=status not in {"no", "pending"},
        is_waiting=status == "pending",
    )


def _update(message: Message, choice: Choice, *, is_on: bool, language: str) -> ConsentUpdate:
    wording = choice.wording(language)
    return ConsentUpdate(choice.subject, "yes" if is_on else "no", SOURCE, f"message/{message.id}", wording)
