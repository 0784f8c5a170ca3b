"""An inbox row, read."""

from datetime import datetime
from typing import Any, NamedTuple

import orjson

from journeyman.customers.attributes import Change
from journeyman.customers.identifiers import claims_of
from journeyman.customers.identity import Names
from journeyman.customers.repository import Waiting
from journeyman.journeys.announcing import CHANGE
from journeyman.language.channels import RECEIPTS


class Incoming(NamedTuple):
    """A customer event on its way to being decided."""

    seq: int
    message_id: str
    at: datetime
    received_at: datetime
    type: str
    name: str
    names: Names
    traits: dict[str, Any]
    properties: dict[str, Any]
    context: dict[str, Any]
    journey: str | None
    consents: dict[str, dict[str, str | None]]
    depth: int = 0
    """How many runs have led to this one after the other, where a run has made the event."""

    @property
    def group_id(self) -> str | None:
        """The group that a `group` call is about."""
        return self.context.get("groupId") if self.type == "group" else None

    @property
    def receipt(self) -> tuple[str, str] | None:
        """(message id, what happened to it) where the event is a receipt that we made ourselves."""
        if self.type != "receipt":
            return None
        moment, message_id = RECEIPTS.get(self.name), self.properties.get("message_id")
        if moment is None or not isinstance(message_id, str):
            return None
        return message_id, moment


def read(row: Waiting) -> Incoming:
    """The event of an inbox row. Raises `ValueError` where its payload is not one that the door writes."""
    payload = orjson.loads(row.payload)
    kind = payload["type"]
    traits, context = payload.get("traits", {}) if kind == "identify" else {}, _context(payload)
    return Incoming(
        seq=row.seq,
        message_id=row.message_id,
        at=row.event_time,
        received_at=row.received_at,
        type=kind,
        name=payload["name"],
        names=Names(
            kind,
            payload.get("userId"),
            payload.get("anonymousId"),
            payload.get("previousId"),
            payload.get("customerId"),
            claims_of(traits, context),
            payload.get("mergedId"),
            row.message_id,
        ),
        traits=traits,
        properties=payload.get("properties") or payload.get("traits") or {},
        context=context,
        journey=payload.get("journey"),
        consents=payload.get("consents", {}),
        depth=payload.get("depth", 0),
    )


def told_changes(event: Incoming) -> list[Change]:
    """The changes that an event tells of which are made already: a run has, in its own transaction."""
    if event.type != CHANGE:
        return []
    return [Change(one["attribute"], one["from"], one["to"], event.at) for one in event.properties["changes"]]


def changeable_by(event: Incoming) -> set[str]:
    """The attributes, by their first keys, that the event may change or tells of."""
    return {*event.traits, *(change.attribute for change in told_changes(event))}


def _context(payload: dict[str, Any]) -> dict[str, Any]:
    """A `group` call's group stands where the Segment spec has it for every other call, in `context.groupId`."""
    context: dict[str, Any] = payload.get("context", {})
    return {**context, "groupId": payload["groupId"]} if "groupId" in payload else context
