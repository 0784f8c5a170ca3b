"""A template and one customer become a message of the template's channel."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from journeyman.channels.budget import budget
from journeyman.channels.carried import carried
from journeyman.channels.content.chat import TEXT_LIMIT as CHAT_LIMIT
from journeyman.channels.content.chat import ChatContent
from journeyman.channels.content.email import EmailContent
from journeyman.channels.content.every import TemplateContent
from journeyman.channels.content.in_app import InAppContent
from journeyman.channels.content.push import PushContent
from journeyman.channels.content.text import TEXT_LIMIT, TextContent
from journeyman.channels.links import Links
from journeyman.channels.liquid_bounds import WEIGHT_LIMIT
from journeyman.channels.ports import (
    Button,
    ChatTemplate,
    Outgoing,
    OutgoingChat,
    OutgoingInApp,
    OutgoingMail,
    OutgoingPush,
    OutgoingText,
)
from journeyman.channels.render_errors import RenderError
from journeyman.channels.rendering import liquid, render_email, render_line, with_blocks

Scope = Mapping[str, object]
TITLE_LIMIT: Final = 200
BODY_LIMIT: Final = 2_000
SCRIPTS: Final = frozenset({"javascript", "data", "vbscript", "blob", "file"})
WEB: Final = ("http://", "https://")


def make(content: TemplateContent, scope: Scope, links: Links | None, identity: str, to: str) -> Outgoing:
    """The message of `content` for the customer in `scope`. Without `links` nothing is tracked, as previews have it.

    Raises `RenderError`, also where what has to be there is empty for this customer or longer than the channel takes.
    """
    with budget():
        return _made(content, scope, links, identity, to)


def _made(content: TemplateContent, scope: Scope, links: Links | None, identity: str, to: str) -> Outgoing:
    if links is not None:
        scope = {**scope, "unsubscribe_url": links.short_unsubscribe, "preferences_url": links.short_preferences}
    if isinstance(content, EmailContent):
        return mail(content, scope, links, identity, to)
    scope = with_blocks(content, scope)
    if isinstance(content, TextContent):
        return _text(content, scope, links, identity, to)
    if isinstance(content, ChatContent):
        return _chat(content, scope, links, identity, to)
    if isinstance(content, InAppContent):
        return _in_app(content, scope, identity, to)
    return _push(content, scope, links, identity, to)


def mail(content: EmailContent, scope: Scope, links: Links | None, identity: str, to: str) -> OutgoingMail:
    rendered = render_email(content, scope, links)
    attachments = carried(content.attachments, scope)
    return OutgoingMail(identity, to, rendered.subject, rendered.html, rendered.text, rendered.headers, attachments)


def _text(content: TextContent, scope: Scope, links: Links | None, identity: str, to: str) -> OutgoingText:
    text = _filled("text", content.text, scope)
    text = links.into_short_text(text) if links is not None else text
    lasts = content.lasts.timedelta if content.lasts is not None else None
    return OutgoingText(identity, to, _within(text, TEXT_LIMIT, "text"), content.sender, lasts)


def _chat(content: ChatContent, scope: Scope, links: Links | None, identity: str, to: str) -> OutgoingChat:
    text = _filled("text", content.text, scope) if content.text is not None else ""
    text = links.into_short_text(text) if links is not None and text else text
    template = None
    if (given := content.template) is not None:
        template = ChatTemplate(
            given.name,
            given.language,
            [_parameter("header", one, scope) for one in given.header],
            [_parameter("body", one, scope) for one in given.body],
            {place: _parameter("buttons", one, scope) for place, one in given.buttons.items()},
        )
    buttons = [
        Button(_filled("a button", one.text, scope), _link(one.url, scope, links), one.id) for one in content.buttons
    ]
    image = _link(content.image, scope, None)
    return OutgoingChat(identity, to, _within(text, CHAT_LIMIT, "text"), template, buttons, image)


def _parameter(name: str, source: str, scope: Scope) -> str:
    return _within(_filled(name, source, scope), CHAT_LIMIT, name)


def _push(content: PushContent, scope: Scope, links: Links | None, identity: str, to: str) -> OutgoingPush:
    push = OutgoingPush(
        identity,
        to,
        title=_within(_filled("title", content.title, scope), TITLE_LIMIT, "title"),
        body=_within(_filled("body", content.body, scope), BODY_LIMIT, "body"),
        url=_link(content.url, scope, links),
        image=_link(content.image, scope, None),
        icon=_link(content.icon, scope, None),
        badge=content.badge,
        collapse=content.collapse,
        urgent=content.urgent,
        data=_data(content.data, scope),
    )
    return push if content.lasts is None else replace(push, lasts=content.lasts.timedelta)


def _in_app(content: InAppContent, scope: Scope, identity: str, to: str) -> OutgoingInApp:
    """Its links are as they are written: the page tells of presses itself."""
    shown = OutgoingInApp(
        identity,
        to,
        content.placement,
        title=_within(_filled("title", content.title, scope), TITLE_LIMIT, "title"),
        body=_within(liquid(content.body or "", escape=False).render(scope).strip(), BODY_LIMIT, "body"),
        url=harmless(_link(content.url, scope, None)),
        image=harmless(_link(content.image, scope, None)),
        buttons=[
            Button(_filled("a button", one.text, scope), harmless(_link(one.url, scope, None)))
            for one in content.buttons
        ],
        data=_data(content.data, scope),
    )
    return shown if content.lasts is None else replace(shown, lasts=content.lasts.timedelta)


def _data(sources: Mapping[str, str], scope: Scope) -> dict[str, str]:
    """What the app gets; all of it together stays far beyond what platforms take, and within bounds."""
    data = {name: liquid(source, escape=False).render(scope) for name, source in sources.items()}
    if sum(len(text) for text in data.values()) > WEIGHT_LIMIT:
        raise RenderError(f"`data` is larger than {WEIGHT_LIMIT:,} characters", "Say less")
    return data


def _filled(name: str, source: str, scope: Scope) -> str:
    """Plain text with something in it."""
    text = liquid(source, escape=False).render(scope).strip()
    if not text:
        raise RenderError(f"{name} is empty for this customer", "Give a missing value another one: `| default:`")
    return text


def _link(source: str | None, scope: Scope, links: Links | None) -> str | None:
    """Where something leads; one of the web is tracked. Empty for this customer, it is left out."""
    if source is None:
        return None
    url = render_line(liquid(source, escape=False), scope)
    if links is not None and url.lower().startswith(WEB):
        return links.tracked(url)
    return url or None


def harmless(url: str | None) -> str | None:
    """A link that a page of the shop may follow: one with a scheme that runs nothing there."""
    scheme, colon, _ = (url or "").partition(":")
    if colon and re.sub(r"[^a-z]", "", scheme.lower()) in SCRIPTS:
        raise RenderError(f"a link begins with `{scheme}:`", "Link to a page, or into the app")
    return url


def _within(text: str, limit: int, name: str) -> str:
    if len(text) > limit:
        raise RenderError(f"{name} is longer than {limit:,} characters", "Say less")
    return text
