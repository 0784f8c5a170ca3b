"""Topics as workspace settings: written, read, taken away."""

from datetime import datetime

from journeyman.customers.consent import TRANSACTIONAL
from journeyman.customers.consents import repository
from journeyman.customers.consents.topic import Topic, TopicSettings
from journeyman.kit.database import Database
from journeyman.kit.errors import Fault, InvalidError, NotFoundError
from journeyman.kit.pagination import Page, page_of, read_cursor
from journeyman.language.channels import CHANNELS


async def save(database: Database, key: str, settings: TopicSettings, now: datetime) -> Topic:
    """Let the topic be so from now on. Raises `InvalidError` for a key that means something else already."""
    if key in {TRANSACTIONAL, *CHANNELS}:
        fault = Fault("/key", f"`{key}` is no topic of yours", "Choose another key")
        raise InvalidError(fault.detail, [fault])
    topic = Topic(key=key, updated_at=now, **settings.model_dump())
    async with database.transaction() as connection:
        await repository.save_topic(connection, topic)
    return topic


async def get(database: Database, key: str) -> Topic:
    """Raises `NotFoundError` for a topic that nobody has set."""
    async with database.reading() as connection:
        topic = await repository.find_topic(connection, key)
    if topic is None:
        raise NotFoundError(f"there is no topic `{key}`")
    return topic


async def page(database: Database, cursor: str | None, limit: int) -> Page[Topic]:
    """Topics by key."""
    (after,) = read_cursor(cursor, str) or ("",)
    async with database.reading() as connection:
        found = await repository.topics(connection, after, limit + 1)
    return page_of(found, limit, lambda topic: (topic.key,))


async def delete(database: Database, key: str) -> None:
    """The topic is what one is that nobody has set; what customers said of it stays. Raises `NotFoundError`."""
    async with database.transaction() as connection:
        if not await repository.delete_topic(connection, key):
            raise NotFoundError(f"there is no topic `{key}`")
