"""What a simulated journey needs around it: templates, topics, segments and the contact policy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from journeyman.catalog.coupons.coupons import Coupons
from journeyman.channels.templates import read_content
from journeyman.customers.consents import topics
from journeyman.customers.consents.topic import TopicSettings
from journeyman.journeys.contact.policies import Policies
from journeyman.journeys.segmentation.segments import Segments
from journeyman.language.channels import DEVICES, IN_HOUSE
from journeyman.language.definition import Definition
from journeyman.language.references import coupons_of, messages_of, templates_of
from journeyman.simulation.simulation import Simulation

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Stock:
    """Documents by key, as they stand in files and come from the API."""

    templates: Mapping[str, Document] = field(default_factory=dict)
    topics: Mapping[str, Document] = field(default_factory=dict)
    segments: Sequence[tuple[str, Document]] = ()
    """Each behind those that it speaks of."""
    policy: Document = field(default_factory=dict)
    """The contact policy; nothing in it where there is none."""

    def missing(self, definition: Definition) -> list[str]:
        """The templates that the journey names and that are not there: a stand-in is sent for each."""
        return sorted({key for _, _, key in templates_of(definition)} - self.templates.keys())


def stand_in(key: str, channel: str) -> Document:
    """The least that a template of a channel can be."""
    text = f"(stand-in for {key})"
    if channel == "email":
        return {"channel": channel, "subject": key, "text": text}
    has_title = channel in DEVICES | IN_HOUSE
    return {"channel": channel, "title": key, "body": text} if has_title else {"channel": channel, "text": text}


async def furnish(simulation: Simulation, stock: Stock, definition: Definition) -> None:
    """Keep all of it. Raises `InvalidError` for what the product would refuse."""
    for key, document in stock.topics.items():
        await topics.save(simulation.database, key, TopicSettings.model_validate(document), simulation.clock.now())
    if stock.policy:
        await Policies(simulation.database, simulation.clock).write(stock.policy)
    for key, document in stock.templates.items():
        await simulation.template(key, read_content(document))
    channels = {key: channel for _, _, channel, key in messages_of(definition)}
    for key in stock.missing(definition):
        await simulation.template(key, read_content(stand_in(key, channels[key])))
    for pool in sorted({pool for _, _, pool in coupons_of(definition)}):
        await Coupons(simulation.database, simulation.clock).put(pool, {"name": pool})
    segments = Segments(simulation.database, simulation.clock)
    for key, document in stock.segments:
        await segments.put(key, document)
    await simulation.look_anew()
