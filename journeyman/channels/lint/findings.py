"""What is worth a second look in a template. Nothing here is an error; each finding says why, and the mend."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

CODES: Final[Mapping[str, str]] = {
    "cannot-render": "the template cannot be rendered for this customer",
    "clipped": "Gmail cuts the mail off after 102 KB of HTML; what counts opens and ends it stands behind the cut",
    "subject-long": "the subject has more than 60 characters; telephones show fewer",
    "subject-capitals": "the subject is written in capitals",
    "subject-shouts": "the subject has more than one exclamation mark, or marks of both kinds",
    "no-preheader": "there is no preheader: mail programs show whatever text comes first",
    "preheader-long": "the preheader has more than 110 characters",
    "spam-words": "words that filters count against a mail",
    "image-only": "there is next to no text beside the pictures",
    "no-plain-text": "the plain-text part would be empty",
    "no-alt": "a picture has no `alt`",
    "misleading-link": "the text of a link names another host than the one it leads to",
    "url-shortener": "a link goes through a public shortener, whose other customers are spammers",
    "insecure-link": "a link or a picture is `http`",
    "light-only": "the mail says that it has no dark form",
    "dark-on-nothing": "dark text stands on no background of its own: mail programs that darken may leave both dark",
    "low-contrast": "the contrast of text and background is below that of WCAG 2.2, 1.4.3",
    "no-unsubscribe": "marketing whose template places no way out; one is put at its end",
    "no-default": "an attribute of the customer's has no `default`, and nothing asks whether it is there",
    "lookup-unused": "the template looks something up and shows it nowhere",
    "unknown-connection": "a lookup names a connection that the providers' file does not have",
    "many-parts": "the text message takes more than three parts, and each is paid for",
    "costly-characters": "a few characters bring the text message into the alphabet with less than half the room",
    "title-long": "the title of the notification has more than 50 characters; screens show fewer",
    "body-long": "the body of the notification has more than 150 characters; screens show fewer",
}
"""Every code, with what it says."""


@dataclass(frozen=True, slots=True)
class TemplateFinding:
    """Something worth a look; `pointer` leads into the template (RFC 6901)."""

    code: str
    pointer: str
    detail: str
    mend: str
