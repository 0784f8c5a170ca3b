"""Templates looked at before customers do: rendered for a sample or a real customer, sent to an address as a test."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from journeyman.catalog.coupons.codes import EXAMPLE
from journeyman.catalog.lists.lists import ProductLists
from journeyman.channels import templates
from journeyman.channels.addresses import read_address
from journeyman.channels.attachments import Attach, nothing_to_fetch
from journeyman.channels.content.alternatives import spoken
from journeyman.channels.content.asking import parts_of
from journeyman.channels.content.email import EmailContent
from journeyman.channels.content.every import TemplateContent
from journeyman.channels.content.lookups import LOOKUP
from journeyman.channels.content.variants import has_variants, varied
from journeyman.channels.copywriting.drafts import TemplateDrafts
from journeyman.channels.errors import SendError
from journeyman.channels.languages import told_by
from journeyman.channels.lint.findings import TemplateFinding
from journeyman.channels.lint.lint import lint
from journeyman.channels.making import make
from journeyman.channels.ports import Accepted, Outgoing, OutgoingInApp, OutgoingMail, OutgoingPush, Sender
from journeyman.channels.render_errors import RenderError
from journeyman.channels.rendering import render_email
from journeyman.customers import repository as customers
from journeyman.customers.identifiers import phone_of
from journeyman.customers.profile import repository as profiles
from journeyman.customers.profile.computed import public
from journeyman.journeys.facts import Known
from journeyman.journeys.lookups.asking import LookupFailedError, Nobody, Source, look_up
from journeyman.journeys.lookups.messages import read_lookups
from journeyman.journeys.mail import PRODUCTS
from journeyman.journeys.variants import variants_for
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.kit.errors import ConflictError, Fault, InvalidError, NotFoundError
from journeyman.kit.ids import new_id
from journeyman.language.channels import ATTRIBUTES

MARK = "[Test] "


@dataclass(frozen=True, slots=True)
class Sample:
    """What a template speaks of: attributes of a made-up customer or the id of a real one, and a made-up run."""

    customer: Mapping[str, Any] | str = field(default_factory=dict)
    entry: Mapping[str, Any] = field(default_factory=dict)
    event: Mapping[str, Any] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)
    journey: Mapping[str, Any] = field(default_factory=dict)
    language: str | None = None
    """What the customer reads, in place of what her profile says."""
    variant: str | None = None
    """The variant that is shown, whatever its condition says."""
    draft: bool = False
    """Whether the template's draft is shown in place of the template."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message as it would be sent. `subject` is the title of a notification; `message` is all of it but for mail."""

    channel: str
    subject: str
    text: str
    html: str | None = None
    preheader: str = ""
    language: str | None = None
    variant: str | None = None
    message: Mapping[str, Any] | None = None
    findings: Sequence[TemplateFinding] = ()
    """What is worth a second look in it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What is shown of a template, and why."""

    content: TemplateContent
    language: str | None
    variant: str | None


class NotSentError(ConflictError):
    """The provider did not take a test message."""

    code = "not_sent"


class CannotRenderError(InvalidError):
    """A template cannot be rendered for this customer."""

    code = RenderError.code


class Previews:
    """Shows what a template becomes. Nothing here is tracked or written to the ledger."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        language: str | None = None,
        attach: Attach = nothing_to_fetch,
        source: Source | None = None,
        connections: Collection[str] | None = None,
    ) -> None:
        self.database = database
        self.clock = clock
        self.language = language
        self.attach = attach
        self.source = source or Nobody()
        self.connections = connections

    async def render(self, key: str, sample: Sample) -> Rendered:
        """The message of the template for the sample, in the language of the sample, else of the customer.

        Raises `NotFoundError` for an unknown template or customer, and `CannotRenderError`.
        """
        content = await self._content(key, sample)
        scope = await self._scope(sample, content)
        choice = await self._chosen(content, sample, scope)
        await self._look_up(choice.content, scope)
        try:
            rendered = await asyncio.to_thread(_rendered, choice.content, scope)
            return replace(rendered, language=choice.language, variant=choice.variant)
        except RenderError as error:
            raise CannotRenderError(error.detail, [Fault("", error.detail, error.mend)]) from error

    async def _content(self, key: str, sample: Sample) -> TemplateContent:
        """What is shown, with its blocks. Raises `NotFoundError`, and `InvalidError` for a draft that is of no use."""
        if sample.draft:
            return await TemplateDrafts(self.database, self.clock).whole(key)
        return (await templates.get_whole(self.database, key)).content

    async def lint(self, key: str, *, marketing: bool = True) -> list[TemplateFinding]:
        """What is worth a second look in the template, for a customer of whom nothing is known.

        Raises `NotFoundError`.
        """
        template = await templates.get_whole(self.database, key)
        return await asyncio.to_thread(lint, template.content, marketing=marketing, connections=self.connections)

    async def _look_up(self, content: TemplateContent, scope: dict[str, Any]) -> None:
        """Ask other systems what the content shows of them, as for a message. Raises `CannotRenderError`."""
        if lookups := read_lookups(content):
            try:
                scope[LOOKUP] = await look_up(lookups, scope, self.source)
            except LookupFailedError as error:
                mend = "Correct the lookup, or give it `otherwise`"
                raise CannotRenderError(str(error), [Fault(f"/lookups/{error.name}", error.detail, mend)]) from error

    async def _chosen(self, content: TemplateContent, sample: Sample, scope: dict[str, Any]) -> Choice:
        """The content in the variants and the language that it is shown in, which the scope says from now on."""
        keys = {"": sample.variant} if sample.variant is not None else await self._variants(content, sample, scope)
        told = [sample.language] if sample.language is not None else told_by(scope["customer"])
        chosen, language = spoken(varied(content, keys), [*told, *([self.language] if self.language else [])])
        scope["language"] = language or ""
        return Choice(chosen, language, keys.get(""))

    async def _variants(self, content: TemplateContent, sample: Sample, scope: dict[str, Any]) -> dict[str, str]:
        """Of a real customer by all that is known of her, of a sample by its attributes."""
        if not has_variants(content):
            return {}
        facts = Known().facts(scope["customer"], self.clock.now(), computed=scope["customer"].get("computed"))
        facts = replace(facts, entry=scope["entry"], context=scope["context"])
        async with self.database.reading() as connection:
            real = scope["customer"]["id"] if isinstance(sample.customer, str) else None
            return await variants_for(connection, content, facts, real)

    async def channel_of(self, key: str) -> str:
        """The channel of a template. Raises `NotFoundError`."""
        return (await templates.get(self.database, key)).channel

    async def _scope(self, sample: Sample, content: TemplateContent) -> dict[str, Any]:
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
            "coupon": EXAMPLE.as_scope(),
            "products": await self._products(content, customer["id"] if isinstance(sample.customer, str) else None),
        }

    async def _products(self, content: TemplateContent, customer_id: str | None) -> dict[str, Any]:
        """The lists that the content shows, as they are now."""
        if not (lists := parts_of(content, PRODUCTS)):
            return {}
        async with self.database.reading() as connection:
            return await ProductLists().of(connection, lists, customer_id, self.clock.now())

    async def test_send(self, key: str, sample: Sample, address: str, sender: Sender[Any]) -> Accepted:
        """Send the message to an address, marked as a test. Raises as `render`, and `NotSentError`."""
        template = await templates.get_whole(self.database, key)
        to = _address(template.channel, address.strip())
        scope = await self._scope(sample, template.content)
        choice = await self._chosen(template.content, sample, scope)
        await self._look_up(choice.content, scope)
        try:
            outgoing = await asyncio.to_thread(make, choice.content, scope, None, new_id("test"), to)
        except RenderError as error:
            raise CannotRenderError(error.detail, [Fault("", error.detail, error.mend)]) from error
        try:
            return await sender.send(_marked(await self.attach(outgoing)))
        except SendError as error:
            raise NotSentError(f"the provider did not take it: {error.detail}") from error


def _rendered(content: TemplateContent, scope: Mapping[str, object]) -> Rendered:
    return replace(_made(content, scope), findings=lint(content, scope))


def _made(content: TemplateContent, scope: Mapping[str, object]) -> Rendered:
    if isinstance(content, EmailContent):
        mail = render_email(content, scope, None)
        return Rendered("email", mail.subject, mail.text, mail.html, mail.preheader)
    outgoing = make(content, scope, None, "preview", "")
    more = {name: value for name, value in asdict(outgoing).items() if name not in {"id", "to", "lasts"}}
    if isinstance(outgoing, OutgoingPush | OutgoingInApp):
        return Rendered(content.channel, outgoing.title, outgoing.body, message=more)
    return Rendered(content.channel, "", getattr(outgoing, "text", ""), message=more)


def _address(channel: str, address: str) -> str:
    """An address that the channel can write to. Raises `InvalidError`."""
    kind = ATTRIBUTES.get(channel)
    if kind == "email":
        try:
            return read_address(address).normalized
        except ValueError as error:
            raise InvalidError(str(error), [Fault("/to", str(error), "Write one e-mail address")]) from error
    found = phone_of(address) if kind == "phone" else address
    if not found:
        detail = "it is no telephone number" if kind == "phone" else "it is empty"
        raise InvalidError(detail, [Fault("/to", detail, "Write `+` and the number, such as +4915112345678")])
    return found


def _marked(outgoing: Outgoing) -> Outgoing:
    """The message, to be seen as a test."""
    if isinstance(outgoing, OutgoingMail):
        return replace(outgoing, subject=f"{MARK}{outgoing.subject}")
    if isinstance(outgoing, OutgoingPush | OutgoingInApp):
        return replace(outgoing, title=f"{MARK}{outgoing.title}")
    return replace(outgoing, text=f"{MARK}{outgoing.text}") if outgoing.text else outgoing
