"""A run's message, rendered for its customer, on whatever channel."""

from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.catalog.coupons.codes import Coupon
from journeyman.catalog.lists.lists import ProductLists
from journeyman.channels import repository as channels
from journeyman.channels.content.alternatives import spoken
from journeyman.channels.content.asking import parts_of, speaks_of
from journeyman.channels.content.every import TemplateContent, content_of
from journeyman.channels.content.lookups import LOOKUP
from journeyman.channels.content.variants import has_variants, varied
from journeyman.channels.languages import among_ours, told_by
from journeyman.channels.ledger.messages import Message
from journeyman.channels.link_tags import LinkTags
from journeyman.channels.links import NO_TAGS, Links
from journeyman.channels.making import make
from journeyman.channels.ports import Outgoing
from journeyman.channels.render_errors import RenderError
from journeyman.channels.short_links import ShortLinks, keep_short_links
from journeyman.channels.tracking import Tokens
from journeyman.customers.profile.computed import public
from journeyman.journeys.gates import Judged
from journeyman.journeys.lookups.asking import Looked, Source
from journeyman.journeys.lookups.messages import MessageLookups
from journeyman.journeys.runs import Run
from journeyman.journeys.variants import variants_for
from journeyman.language.definition import Definition
from journeyman.language.facts import Facts
from journeyman.language.starters.event import EventEntry
from journeyman.language.utm import Utm

PRODUCTS: Final = "products"
"""The variable under which templates find lists of products."""
MOST_KEPT: Final = 2_000
"""Contents in the languages of customers that one process remembers."""


@dataclass(frozen=True, slots=True)
class Made:
    """A message as it will be sent, and what was chosen of its template: `language`, `variant`."""

    outgoing: Outgoing
    chosen: dict[str, str] = field(default_factory=dict)


class MailFactory:
    """Makes messages out of templates; every link in them leads back through `tokens`.

    `language` is the workspace's own, for customers whose language a template does not have. `source` has the answers
    of other systems.
    """

    def __init__(self, tokens: Tokens, language: str | None = None, source: Source | None = None) -> None:
        self.tokens = tokens
        self.language = language
        self.lookups = MessageLookups(source)
        self._by_hash: dict[str, TemplateContent] = {}
        self._with_coupon: dict[str, bool] = {}
        self._with_products: dict[str, frozenset[str]] = {}
        self._products = ProductLists()
        self._choices: dict[tuple[str, ...], tuple[TemplateContent, str | None]] = {}

    async def make(
        self,
        connection: AsyncConnection,
        message: Message,
        judged: Judged,
        run: Run,
        definition: Definition,
        facts: Facts,
        coupon: Coupon | None = None,
        looked: Looked | None = None,
    ) -> Made:
        """The message as it will be sent. Notes in the ledger's row what it was rendered from (V3).

        Raises `RenderError`, also where the template is not there any more; `AnswersWantedError` where other systems
        have to be asked first, and `NotLookedUpError` where one of them did not answer.
        """
        template, message.template_hash = await self._content(connection, message.template_key)
        if template.channel != message.channel:
            mend = f"name one of the channel `{message.channel}`"
            raise RenderError(f"the template `{message.template_key}` is for `{template.channel}`", mend)
        if coupon is None and self._shows_coupon(template, message.template_hash):
            mend = "set `coupon` on the step, or name a template without one"
            raise RenderError(f"the template `{message.template_key}` shows a coupon, and the step brings none", mend)
        told = told_by(facts.attributes)
        keys = await variants_for(connection, template, facts, run.customer_id) if has_variants(template) else {}
        choice = (message.template_hash, *(f"{block}={key}" for block, key in keys.items()), "", *told)
        content, language = self._chosen(template, choice, keys, told)
        short = ShortLinks(self.tokens, message.id)
        links = Links(
            self.tokens,
            message.id,
            marketing=judged.marketing,
            language=among_ours([language, *told] if language is not None else told),
            link_tags=link_tags(content, definition, message),
            shorten=short.shortened(content),
        )
        known = {**scope(run, definition, facts), "language": language or ""}
        if coupon is not None:
            known["coupon"] = coupon.as_scope()
        if lists := self._lists_in(template, message.template_hash):
            known["products"] = await self._products.of(connection, lists, run.customer_id, facts.now)
        if lookups := self.lookups.read_by(content, choice):
            known[LOOKUP], gate = self.lookups.of(run, message.id, lookups, known, looked or Looked())
            judged.gates.append(gate)
        outgoing = make(content, known, links, message.id, judged.address or "")
        await keep_short_links(connection, short, message.customer_id)
        chosen = {"language": language, "variant": keys.get("")}
        return Made(outgoing, {name: one for name, one in chosen.items() if one is not None})

    def _chosen(
        self, content: TemplateContent, wanted: tuple[str, ...], keys: dict[str, str], told: list[str]
    ) -> tuple[TemplateContent, str | None]:
        """The content in these variants for who reads these languages, and the one that was chosen.

        Read once per process.
        """
        if wanted not in self._choices:
            if len(self._choices) >= MOST_KEPT:
                self._choices.clear()
            languages = [*told, *([self.language] if self.language else [])]
            self._choices[wanted] = spoken(varied(content, keys), languages)
        return self._choices[wanted]

    def _shows_coupon(self, content: TemplateContent, digest: str) -> bool:
        """Whether the template, as it stands since publication, would leave a blank where a code belongs."""
        if digest not in self._with_coupon:
            self._with_coupon[digest] = speaks_of(content, "coupon")
        return self._with_coupon[digest]

    def _lists_in(self, content: TemplateContent, digest: str) -> frozenset[str]:
        """The lists of products that the template shows."""
        if digest not in self._with_products:
            self._with_products[digest] = parts_of(content, PRODUCTS)
        return self._with_products[digest]

    async def _content(self, connection: AsyncConnection, key: str) -> tuple[TemplateContent, str]:
        """The template with its blocks as it is now, and the hash of both; content is read once per process."""
        row = await channels.find_whole(connection, key)
        if row is None:
            raise RenderError(f"there is no template `{key}`", "save it, or name another one in the journey")
        if row.hash not in self._by_hash:
            self._by_hash[row.hash] = content_of(row.body)
        return self._by_hash[row.hash], row.hash


def link_tags(content: TemplateContent, definition: Definition, message: Message) -> LinkTags:
    """What the links of a message say: as the template has it, then as its journey has it."""
    own: Utm | None = getattr(content, "utm", None)
    utm = own.over(definition.utm) if own is not None else definition.utm
    if utm is None:
        return NO_TAGS
    return LinkTags(utm.parameters(message.channel, definition.journey, message.step), utm.hosts or ())


def scope(run: Run, definition: Definition, facts: Facts) -> dict[str, Any]:
    """What a template may speak of: `customer`, `event`, `entry`, `context`, `journey`.

    `language` comes to it and, where the template asks for them, a coupon and `products`.
    """
    entry = definition.entry
    return {
        "customer": {"id": run.customer_id, **facts.attributes, "computed": public(facts.computed)},
        "event": {"name": entry.event if isinstance(entry, EventEntry) else "", "properties": run.entry},
        "entry": run.entry,
        "context": run.context,
        "journey": {"key": run.journey_key, "name": definition.name or run.journey_key, "version": run.version},
    }
