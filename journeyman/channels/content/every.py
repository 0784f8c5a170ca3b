"""The contents of all channels, told apart by `channel`."""

from collections.abc import Mapping
from typing import Any, Final

from journeyman.channels.content.chat import ChatContent
from journeyman.channels.content.email import EmailContent
from journeyman.channels.content.in_app import InAppContent
from journeyman.channels.content.push import PushContent
from journeyman.channels.content.text import TextContent

TemplateContent = EmailContent | TextContent | ChatContent | PushContent | InAppContent
CONTENTS: Final[Mapping[str, type[TemplateContent]]] = {
    "email": EmailContent,
    "sms": TextContent,
    "whatsapp": ChatContent,
    "push": PushContent,
    "web_push": PushContent,
    "messenger": ChatContent,
    "telegram": ChatContent,
    "viber": ChatContent,
    "line": ChatContent,
    "in_app": InAppContent,
}
"""What a template holds, by channel."""


def content_of(body: Mapping[str, Any]) -> TemplateContent:
    """A content as it is kept."""
    return CONTENTS[body["channel"]].model_validate(body)
