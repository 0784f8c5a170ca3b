"""Answers of other systems, fetched once for all who ask at once, and kept for as long as a template lets them be."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from journeyman.channels.webhooks.calling import HttpAnswer, HttpRequest, NoAnswerError
from journeyman.customers.inbox.errors import RefusedError
from journeyman.journeys.lookups.asking import Answer, Ask
from journeyman.journeys.requests.paths import Http
from journeyman.journeys.requests.reading import read_answer
from journeyman.kit.clock import Clock

MOST_KEPT: Final = 250
"""Answers that one process keeps, each of 64 KB at most."""
FAILURES_KEPT: Final = timedelta(seconds=5)
"""A system that is down is not asked again by every message of a campaign, each of which would wait for it."""
GOOD: Final = range(200, 300)
HEADERS: Final = (("user-agent", "Journeyman"), ("accept", "application/json"), ("accept-encoding", "identity"))


@dataclass(frozen=True, slots=True)
class _Kept:
    answer: Answer
    at: datetime


class Fetching:
    """Fetches and keeps answers, in memory alone: each process has its own."""

    def __init__(self, http: Http, clock: Clock, most_kept: int = MOST_KEPT) -> None:
        self._http = http
        self.clock = clock
        self._most_kept = most_kept
        self._kept: dict[Ask, _Kept] = {}
        self._under_way: dict[Ask, asyncio.Task[Answer]] = {}

    def known(self, ask: Ask) -> Answer | None:
        """An answer that is at hand and not older than this template lets it be."""
        kept = self._kept.get(ask)
        if kept is None:
            return None
        keep = ask.keep if kept.answer.failure is None else min(ask.keep, FAILURES_KEPT)
        return kept.answer if timedelta() <= self.clock.now() - kept.at < keep else None

    async def fetch(self, asks: Iterable[Ask]) -> dict[Ask, Answer]:
        """The answers, all of them at once; one request for all who ask for the same meanwhile."""
        wanted = list(dict.fromkeys(asks))
        found = await asyncio.gather(*(self._shared(ask) for ask in wanted))
        return dict(zip(wanted, found, strict=True))

    async def _shared(self, ask: Ask) -> Answer:
        if (known := self.known(ask)) is not None:
            return known
        task = self._under_way.get(ask)
        if task is None:
            task = self._under_way[ask] = asyncio.create_task(self._fetched(ask))
            task.add_done_callback(lambda _: self._under_way.pop(ask, None))
        try:
            # Who asked first may be cancelled; the others still wait for the answer.
            async with asyncio.timeout(ask.timeout.total_seconds()):
                return await asyncio.shield(task)
        except TimeoutError:
            return Answer(failure="no answer: it took too long")

    async def _fetched(self, ask: Ask) -> Answer:
        seconds = ask.timeout.total_seconds()
        request = HttpRequest("GET", ask.path, HEADERS, b"", seconds, ask.connection)
        try:
            answer = _read(await self._http(request))
        except NoAnswerError as error:
            answer = Answer(failure=error.detail)
        self._keep(ask, answer)
        return answer

    def _keep(self, ask: Ask, answer: Answer) -> None:
        self._kept.pop(ask, None)
        if len(self._kept) >= self._most_kept:
            # Mappings are in the order of insertion: the first is the oldest.
            self._kept.pop(next(iter(self._kept)))
        self._kept[ask] = _Kept(answer, self.clock.now())


def _read(answer: HttpAnswer) -> Answer:
    if answer.status not in GOOD:
        return Answer(failure=f"the answer is {answer.status}")
    try:
        return Answer(read_answer(answer))
    except (RefusedError, ValueError) as error:
        return Answer(failure=f"the answer cannot be read: {error}")
