"""A run's message, rendered for its customer."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels import repository as channels
from journeyman.channels.content import EmailContent
from journeyman.channels.languages import spoken_by
from journeyman.channels.ledger.messages import Message
from journeyman.channels.links import Links
from journeyman.channels.ports import OutgoingMail
from journeyman.channels.render_errors import RenderError
from journeyman.channels.rendering import render_email
from journeyman.channels.tracking import Tokens
from journeyman.customers.profile.computed import public
from journeyman.journeys.gates import Judged
from journeyman.journeys.runs import Run
from journeyman.language.definition import Definition
from journeyman.language.facts import Facts
from journeyman.language.starters.event import EventEntry


class MailFactory:
    """Makes e-mail out of templates; every link in it leads back through `tokens`."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self._by_hash: dict[str, EmailContent] = {}

    async def make(
        self,
        connection: AsyncConnection,
        message: Message,
        judged: Judged,
        run: Run,
        definition: Definition,
        facts: Facts,
    ) -> OutgoingMail:
        """The message as it will be sent. Notes in the ledger's row what it was rendered from (V3).

        Raises `RenderError`, also where the template is not there any more.
        """
        content, message.template_hash = await self._content(connection, message.template_key)
        language = spoken_by(facts.attributes)
        links = Links(self.tokens, message.id, marketing=judged.marketing, language=language)
        rendered = render_email(content, scope(run, definition, facts), links)
        return OutgoingMail(
            id=message.id,
            to=judged.address or "",
            subject=rendered.subject,
            html=rendered.html,
            text=rendered.text,
            headers={**links.headers(), **rendered.headers},
        )

    async def _content(self, connection: AsyncConnection, key: str) -> tuple[EmailContent, str]:
        """The template as it is now, and its hash; content is read once per process."""
        row = await channels.find_template(connection, key)
        if row is None:
            raise RenderError(f"there is no template `{key}`", "save it, or name another one in the journey")
        if row.hash not in self._by_hash:
            self._by_hash[row.hash] = EmailContent.model_validate(row.body)
        return self._by_hash[row.hash], row.hash


def scope(run: Run, definition: Definition, facts: Facts) -> dict[str, Any]:
    """What a template may speak of: `customer`, `event`, `entry`, `context`, `journey`."""
    entry = definition.entry
    return {
        "customer": {"id": run.customer_id, **facts.attributes, "computed": public(facts.computed)},
        "event": {"name": entry.event if isinstance(entry, EventEntry) else "", "properties": run.entry},
        "entry": run.entry,
        "context": run.context,
        "journey": {"key": run.journey_key, "name": definition.name or run.journey_key, "version": run.version},
    }
