"""Topics: what messages are about, and what a customer may choose."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from api.dependencies import OPERATES, READS, ServicesNow
from api.errors import problems
from api.parameters import KEY, Cursor, Limit
from api.schemas.pages import PageOf
from api.schemas.topics import KeptTopic
from journeyman.customers.consents import topics
from journeyman.customers.consents.topic import Topic, TopicSettings
from journeyman.kit.pagination import Page

router = APIRouter(prefix="/v1/topics", tags=["consent"], responses=problems(400, 401, 403, 422))
TopicKey = Annotated[str, Path(min_length=1, max_length=64, pattern=KEY, description="As journeys name it")]


@router.get("", response_model=PageOf[KeptTopic], dependencies=[READS])
async def list_topics(services: ServicesNow, limit: Limit = 50, cursor: Cursor = None) -> Page[Topic]:
    """Every topic that was set, by key. Any other is marketing, on every channel."""
    return await topics.page(services.database, cursor, limit)


@router.get("/{key}", response_model=KeptTopic, responses=problems(404), dependencies=[READS])
async def read_topic(key: TopicKey, services: ServicesNow) -> Topic:
    """One topic."""
    return await topics.get(services.database, key)


@router.put("/{key}", response_model=KeptTopic, dependencies=[OPERATES])
async def write_topic(key: TopicKey, settings: TopicSettings, services: ServicesNow) -> Topic:
    """Set a topic: its name and description for customers, its channels, whether it is marketing, its legal basis."""
    return await topics.save(services.database, key, settings, services.clock.now())


@router.delete("/{key}", status_code=204, responses=problems(404), dependencies=[OPERATES])
async def delete_topic(key: TopicKey, services: ServicesNow) -> Response:
    """Take a topic's settings away; what customers said of it stays."""
    await topics.delete(services.database, key)
    return Response(status_code=204)
