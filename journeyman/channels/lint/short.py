"""What is worth a second look in text messages and notifications."""

from collections.abc import Iterator
from typing import Final

from journeyman.channels.lint.findings import TemplateFinding
from journeyman.channels.ports import OutgoingPush, OutgoingText
from journeyman.channels.sms.segments import BASIC, EXTENDED, segments_of

PARTS: Final = 3
SHOWN: Final = 5
TITLE: Final = 50
"""Characters of a title that iOS and Android show in a closed notification, about."""
BODY: Final = 150
"""Characters of a body: four lines on a locked iPhone, fewer on Android."""
CHARACTERS: Final = frozenset(BASIC) | frozenset(EXTENDED)


def text_findings(message: OutgoingText) -> Iterator[TemplateFinding]:
    """Of a text message as it is sent."""
    segments = segments_of(message.text)
    count = len(segments.parts)
    if count > PARTS:
        detail = f"the text has {len(message.text)} characters and takes {count} parts"
        yield TemplateFinding("many-parts", "/text", detail, f"Say it in {PARTS} parts, or on another channel")
    odd = list(dict.fromkeys(one for one in message.text if one not in CHARACTERS))
    if segments.alphabet == "ucs2" and len(odd) <= SHOWN:
        shown = ", ".join(f"`{one}` (U+{ord(one):04X})" for one in odd)
        detail = f"{shown} leave 67 characters to a part instead of 153: it takes {count}"
        yield TemplateFinding("costly-characters", "/text", detail, "Write them otherwise, such as `'` and `...`")


def push_findings(message: OutgoingPush) -> Iterator[TemplateFinding]:
    """Of a notification as it is sent."""
    if len(message.title) > TITLE:
        detail = f"the title has {len(message.title)} characters; screens show about {TITLE}"
        yield TemplateFinding("title-long", "/title", detail, "Say the most important first, and less")
    if len(message.body) > BODY:
        detail = f"the body has {len(message.body)} characters; screens show about {BODY}"
        yield TemplateFinding("body-long", "/body", detail, "Say the most important first, and less")
