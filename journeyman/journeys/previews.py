"""Templates looked at before customers do: rendered for a sample or a real customer, sent to an address as a test."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from journeyman.channels import templates
from journeyman.channels.addresses import read_address
from journeyman.channels.errors import SendError
from journeyman.channels.ports import Accepted, OutgoingMail, Sender
from journeyman.channels.render_errors import RenderError
from journeyman.channels.rendering import RenderedEmail, render_email
from journeyman.customers import repository as customers
from journeyman.customers.profile import repository as profiles
from journeyman.customers.profile.computed import public
from journeyman.kit.database import Database
from journeyman.kit.errors import ConflictError, Fault, InvalidError, NotFoundError
from journeyman.kit.ids import new_id

MARK = "[Test] "


@dataclass(frozen=True, slots=True)
class Sample:
    """What a template speaks of: attributes of a made-up customer or the id of a real one, and a made-up run."""

    customer: Mapping[str, Any] | str = field(default_factory=dict)
    entry: Mapping[str, Any] = field(default_factory=dict)
    event: Mapping[str, Any] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)
    journey: Mapping[str, Any] = field(default_factory=dict)


class NotSentError(ConflictError):
    """The provider did not take a test message."""

    code = "not_sent"


class CannotRenderError(InvalidError):
    """A template cannot be rendered for this customer."""

    code = RenderError.code


class Previews:
    """Shows what a template becomes. Nothing here is tracked or written to the ledger."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def render(self, key: str, sample: Sample) -> RenderedEmail:
        """The mail of the template for the sample.

        Raises `NotFoundError` for an unknown template or customer, and `CannotRenderError`.
        """
        template = await templates.get(self.database, key)
        scope = await self._scope(sample)
        try:
            return await asyncio.to_thread(render_email, template.content, scope, None)
        except RenderError as error:
            raise CannotRenderError(error.detail, [Fault("", error.detail, error.mend)]) from error

    async def _scope(self, sample: Sample) -> dict[str, Any]:
        customer = sample.customer
        if isinstance(customer, str):
            async with self.database.reading() as connection:
                customer_id = await customers.resolve(connection, customer)
                profile = await profiles.documents_of(connection, customer_id) if customer_id else None
            if profile is None:
                raise NotFoundError(f"there is no customer `{customer}`")
            attributes, computed = profile
            customer = {"id": customer_id, **attributes, "computed": public(computed)}
        event = sample.event or {"name": "", "properties": sample.entry}
        return {
            "customer": dict(customer),
            "event": dict(event),
            "entry": dict(sample.entry),
            "context": dict(sample.context),
            "journey": dict(sample.journey),
        }

    async def test_send(self, key: str, sample: Sample, address: str, sender: Sender[OutgoingMail]) -> Accepted:
        """Send the mail to an address, marked as a test. Raises as `render`, and `NotSentError`."""
        try:
            to = read_address(address.strip()).normalized
        except ValueError as error:
            raise InvalidError(str(error), [Fault("/to", str(error), "Write one e-mail address")]) from error
        rendered = await self.render(key, sample)
        outgoing = OutgoingMail(
            id=new_id("test"),
            to=to,
            subject=f"{MARK}{rendered.subject}",
            html=rendered.html,
            text=rendered.text,
            headers=rendered.headers,
        )
        try:
            return await sender.send(outgoing)
        except SendError as error:
            raise NotSentError(f"the mail server did not take it: {error.detail}") from error
