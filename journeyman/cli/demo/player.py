"""Plays a script over the API, as the shop and its people would."""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from journeyman.cli.demo.script import Moment, Script
from journeyman.cli.demo.shop import Call, Person, draw
from journeyman.cli.remote import Remote
from journeyman.kit.errors import DomainError, InvalidError, NotFoundError
from journeyman.kit.ids import new_id

LANES = 8
BATCH = 100
# A part that was killed is back within seconds; calls have ids, so that repeating them does no harm.
ATTEMPTS = 40
PAUSE = 0.5
# Customers are there as soon as intake has read their first call.
INTAKE_ATTEMPTS = 200
INTAKE_PAUSE = 0.05


@dataclass(frozen=True, slots=True)
class Ways:
    """How the shop's programs (`ingest`) and its staff (`admin`) reach the API."""

    ingest: Remote
    admin: Remote


class Player:
    """One play; `advance` is told after every moment that has been played."""

    def __init__(self, ways: Ways, script: Script, advance: Callable[[Moment], None]) -> None:
        self._ways = ways
        self._script = script
        self._advance = advance
        self._introduced: set[str] = set()

    async def play(self) -> None:
        """Play every moment when it is due, each person's in order."""
        await self._introduce(self._script.known)
        began = time.monotonic()
        lanes: dict[int, list[Moment]] = defaultdict(list)
        for moment in self._script.moments:
            lanes[draw(moment.person.id) % LANES].append(moment)
        async with asyncio.TaskGroup() as group:
            for moments in lanes.values():
                group.create_task(self._play_lane(moments, began))

    async def _play_lane(self, moments: Sequence[Moment], began: float) -> None:
        async for due in _when_due(moments, began):
            newcomers = {one.person.id: one.person for one in due if one.person.id not in self._introduced}
            await self._introduce(list(newcomers.values()))
            await self._send([{"userId": moment.person.id, **call} for moment in due for call in moment.calls])
            for moment in due:
                self._advance(moment)

    async def _introduce(self, people: Sequence[Person]) -> None:
        """Make people known, then record what they agreed to."""
        calls = [{"type": "identify", "userId": person.id, "traits": person.traits} for person in people]
        for start in range(0, len(calls), BATCH):
            await self._send(calls[start : start + BATCH])
        self._introduced |= {person.id for person in people}
        for person in people:
            if person.agrees:
                await self._agree(person)

    async def _agree(self, person: Person) -> None:
        consent = {"email": {"status": "yes", "source": "demo"}}
        for _ in range(INTAKE_ATTEMPTS):
            try:
                await self._ways.admin.put(f"/v1/customers/{person.id}/consent", consent)
            except NotFoundError:
                await asyncio.sleep(INTAKE_PAUSE)
            else:
                return
        raise DomainError(f"the API does not know the customer {person.id} although it took her first call")

    async def _send(self, calls: Sequence[Call]) -> None:
        now = datetime.now(UTC).isoformat()
        batch = [{**call, "messageId": new_id("demo"), "timestamp": now} for call in calls]
        if batch:
            await _patiently(self._ways.ingest, batch)


async def _patiently(remote: Remote, batch: list[dict[str, Any]]) -> None:
    """Send a batch, again where the API does not answer. Raises `InvalidError` where a call is refused."""
    for attempt in range(ATTEMPTS):
        try:
            answer = await remote.post("/v1/batch", {"batch": batch})
        except InvalidError:
            raise
        except DomainError:
            if attempt == ATTEMPTS - 1:
                raise
            await asyncio.sleep(PAUSE)
        else:
            if not answer.get("success"):
                raise InvalidError(f"a call of the demo was refused: {answer['errors'][0]}")
            return


async def _when_due(moments: Sequence[Moment], began: float) -> AsyncIterator[list[Moment]]:
    """The moments in order, as many at a time as are due."""
    ahead = list(moments)
    while ahead:
        await asyncio.sleep(max(0.0, began + ahead[0].at - time.monotonic()))
        passed = time.monotonic() - began
        due = [moment for moment in ahead[: BATCH // 2] if moment.at <= passed] or ahead[:1]
        ahead = ahead[len(due) :]
        yield due
