"""Files that go out with a mail: fetched when it is handed over, from addresses that are public, and within bounds."""

import asyncio
import mimetypes
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Final, Protocol
from urllib.parse import urlsplit

from journeyman.channels.errors import RejectedError, SendError, TemporaryError
from journeyman.channels.ports import Attachment, Outgoing, OutgoingMail
from journeyman.channels.webhooks.calling import HttpAnswer, HttpRequest, NoAnswerError
from journeyman.channels.webhooks.network import ForbiddenAddressError

LARGEST: Final = 10_000_000
"""Bytes of all attachments of a mail together."""
SECONDS: Final = 20.0
"""How long fetching all of them may take."""
WAITS: Final = frozenset({408, 425, 429})
"""Answers after which the same request may fare better, beside those of 500 and above (RFC 9110)."""
UNKNOWN_TYPE: Final = "application/octet-stream"
_TYPES: Final = mimetypes.MimeTypes()
for _ending, _kind in (
    (".ics", "text/calendar"),
    (".vcf", "text/vcard"),
    (".pkpass", "application/vnd.apple.pkpass"),
    (".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    (".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
):
    _TYPES.add_type(_kind, _ending)

Attach = Callable[[Outgoing], Awaitable[Outgoing]]
"""Fills a message with what it has to be fetched for. Raises `SendError`."""


class Http(Protocol):
    """Makes one request. Raises `NoAnswerError`."""

    async def __call__(self, request: HttpRequest, /) -> HttpAnswer: ...


async def nothing_to_fetch(outgoing: Outgoing) -> Outgoing:
    """Where nothing is fetched, as in a simulation."""
    return outgoing


def type_of(name: str) -> str:
    """The media type that a file's name stands for.

    A message within a message may not be in base64 (RFC 2046, section 5.2.1), so that one is but bytes.
    """
    found, encoding = _TYPES.guess_type(name)
    return UNKNOWN_TYPE if found is None or encoding is not None or found.startswith("message/") else found


class Attachments:
    """Fetches what mails carry."""

    def __init__(self, http: Http, *, seconds: float = SECONDS) -> None:
        self._http = http
        self._seconds = seconds

    async def __call__(self, outgoing: Outgoing) -> Outgoing:
        """The message with the bytes of its attachments.

        Raises `TemporaryError` where another attempt may fare better, else `RejectedError`.
        """
        if not isinstance(outgoing, OutgoingMail) or not outgoing.attachments:
            return outgoing
        try:
            async with asyncio.timeout(self._seconds):
                return replace(outgoing, attachments=await self._filled(outgoing.attachments))
        except TimeoutError as error:
            raise TemporaryError(f"the attachments were not there within {self._seconds:.0f} s") from error

    async def _filled(self, attachments: Sequence[Attachment]) -> list[Attachment]:
        filled: list[Attachment] = []
        for one in attachments:
            room = LARGEST - sum(len(other.content) for other in filled)
            filled.append(one if one.url is None else replace(one, content=await self._fetch(one, room), url=None))
            if sum(len(other.content) for other in filled) > LARGEST:
                raise RejectedError(f"the attachments are larger than {LARGEST // 1_000_000} MB together")
        return filled

    async def _fetch(self, attachment: Attachment, room: int) -> bytes:
        url = attachment.url or ""
        request = HttpRequest("GET", url, [("Host", urlsplit(url).netloc)], b"", self._seconds, largest=max(1, room))
        try:
            answer = await self._http(request)
        except NoAnswerError as error:
            is_final = error.is_final or isinstance(error.__cause__, ForbiddenAddressError)
            raise _error(attachment, error.detail, is_final=is_final) from error
        if answer.status == 200:  # noqa: PLR2004 - anything else is not the file
            return answer.body
        is_final = answer.status not in WAITS and answer.status < 500  # noqa: PLR2004 - the other side's own failure
        raise _error(attachment, f"the answer is {answer.status}", is_final=is_final)


def _error(attachment: Attachment, detail: str, *, is_final: bool) -> SendError:
    kind = RejectedError if is_final else TemporaryError
    return kind(f"the attachment `{attachment.name}` cannot be fetched: {detail}")
