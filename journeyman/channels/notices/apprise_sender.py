"""Notices to the team through Apprise (https://appriseit.com), which knows Slack, Teams, mail and a hundred more.

Apprise says of a notice that it was taken or that it was not, and no more. The library is imported by nobody else; it
comes with the extra `notices`.
"""

import asyncio
import logging
from typing import Final

TIMEOUT_SECONDS: Final = 30.0


class NoticeError(Exception):
    """A notice was not taken; the words hold no secret."""


class AppriseSender:
    """Sends to one URL at a time. Its URLs are the operator's own, and go wherever they say."""

    async def send(self, url: str, title: str, body: str) -> None:
        """Raises `NoticeError`."""
        try:
            import apprise  # noqa: PLC0415 - an extra
        except ImportError as error:
            raise NoticeError("Apprise is not installed: pip install 'journeyman[notices]'") from error
        # Their words would show the URL, which is a secret.
        logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
        logging.getLogger("urllib3.connectionpool").setLevel(logging.CRITICAL + 1)
        service = apprise.Apprise.instantiate(url)
        if service is None:
            raise NoticeError("Apprise does not know this kind of URL")
        many = apprise.Apprise()
        many.add(service)
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                taken = await many.async_notify(title=title, body=body, body_format=apprise.NotifyFormat.TEXT)
        except TimeoutError as error:
            raise NoticeError("no answer: it took too long") from error
        except Exception as error:
            raise NoticeError(f"the service failed: {type(error).__name__}") from error
        if not taken:
            raise NoticeError("the service did not take it")
