"""A run's message, rendered for its customer, on whatever channel."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.catalog.coupons.codes import Coupon
from journeyman.channels import repository as channels
from journeyman.channels.content.asking import speaks_of
from journeyman.channels.content.every import TemplateContent, content_of
from journeyman.channels.languages import spoken_by
from journeyman.channels.ledger.messages import Message
from journeyman.channels.links import Links
from journeyman.channels.making import make
from journeyman.channels.ports import Outgoing
from journeyman.channels.render_errors import RenderError
from journeyman.channels.short_links import ShortLinks, keep_short_links
from journeyman.channels.tracking import Tokens
from journeyman.customers.profile.computed import public
from journeyman.journeys.gates import Judged
from journeyman.journeys.runs import Run
from journeyman.language.definition import Definition
from journeyman.language.facts import Facts
from journeyman.language.starters.event import EventEntry


class MailFactory:
    """Makes messages out of templates; every link in them leads back through `tokens`."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self._by_hash: dict[str, TemplateContent] = {}
        self._with_coupon: dict[str, bool] = {}

    async def make(
        self,
        connection: AsyncConnection,
        message: Message,
        judged: Judged,
        run: Run,
        definition: Definition,
        facts: Facts,
        coupon: Coupon | None = None,
    ) -> Outgoing:
        """The message as it will be sent. Notes in the ledger's row what it was rendered from (V3).

        Raises `RenderError`, also where the template is not there any more.
        """
        content, message.template_hash = await self._content(connection, message.template_key)
        language = spoken_by(facts.attributes)
        if content.channel != message.channel:
            mend = f"name one of the channel `{message.channel}`"
            raise RenderError(f"the template `{message.template_key}` is for `{content.channel}`", mend)
        if coupon is None and self._shows_coupon(content, message.template_hash):
            mend = "set `coupon` on the step, or name a template without one"
            raise RenderError(f"the template `{message.template_key}` shows a coupon, and the step brings none", mend)
        short = ShortLinks(self.tokens, message.id)
        links = Links(
            self.tokens, message.id, marketing=judged.marketing, language=language, shorten=short.shortened(content)
        )
        known = scope(run, definition, facts)
        if coupon is not None:
            known["coupon"] = coupon.as_scope()
        outgoing = make(content, known, links, message.id, judged.address or "")
        await keep_short_links(connection, short, message.customer_id)
        return outgoing

    def _shows_coupon(self, content: TemplateContent, digest: str) -> bool:
        """Whether the template, as it stands since publication, would leave a blank where a code belongs."""
        if digest not in self._with_coupon:
            self._with_coupon[digest] = speaks_of(content, "coupon")
        return self._with_coupon[digest]

    async def _content(self, connection: AsyncConnection, key: str) -> tuple[TemplateContent, str]:
        """The template as it is now, and its hash; content is read once per process."""
        row = await channels.find_template(connection, key)
        if row is None:
            raise RenderError(f"there is no template `{key}`", "save it, or name another one in the journey")
        if row.hash not in self._by_hash:
            self._by_hash[row.hash] = content_of(row.body)
        return self._by_hash[row.hash], row.hash


def scope(run: Run, definition: Definition, facts: Facts) -> dict[str, Any]:
    """What a template may speak of: `customer`, `event`, `entry`, `context`, `journey`; with a coupon also of that."""
    entry = definition.entry
    return {
        "customer": {"id": run.customer_id, **facts.attributes, "computed": public(facts.computed)},
        "event": {"name": entry.event if isinstance(entry, EventEntry) else "", "properties": run.entry},
        "entry": run.entry,
        "context": run.context,
        "journey": {"key": run.journey_key, "name": definition.name or run.journey_key, "version": run.version},
    }
