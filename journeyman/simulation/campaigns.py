"""Campaigns and schedules of a simulation: what their workflows do in the engine, with time that passes at a word.

As with runs, the rows decide: a campaign's workflow asks for one page after another and waits in between. A test holds
campaigns on a Temporal server against the same (`tests/workflows/test_campaign.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from journeyman.journeys.campaigns.offering import Offering
from journeyman.journeys.campaigns.opening import Opened, Opening
from journeyman.kit.clock import Clock

NOTHING = timedelta(0)


@dataclass(slots=True)
class Going:
    """A campaign under way, and when its next page is due."""

    opened: Opened
    due: datetime


class SimulatedCampaigns:
    """Keeps the times of schedules, and the campaigns that are under way."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._times: dict[str, list[datetime]] = {}
        self._fired: dict[str, datetime] = {}
        self._asked: dict[str, Mapping[str, Any]] = {}
        self._going: dict[str, Going] = {}

    def keep(self, payload: Mapping[str, Any]) -> None:
        """A schedule is to have these times; none while it is paused."""
        times = [] if payload["paused"] else [_instant(at) for at in payload["times"]]
        self._times[payload["journey"]] = sorted(times)

    def ring(self, workflow_id: str, payload: Mapping[str, Any]) -> None:
        """A campaign is to begin, or to be looked at again."""
        self._asked[workflow_id] = payload

    def next_due(self) -> datetime | None:
        """When a schedule fires next, or a campaign goes on."""
        if self._asked:
            return self.clock.now()
        times = [at for journey in self._times if (at := self._next(journey)) is not None]
        return min([*times, *(one.due for one in self._going.values())], default=None)

    async def go_on(self, opening: Opening, offering: Offering) -> bool:
        """Fire what is due, and let each campaign whose time has come take a page; whether there was any."""
        now = self.clock.now()
        asked, self._asked = self._asked, {}
        for workflow_id, payload in asked.items():
            await self._begin(workflow_id, payload, opening)
        fired = [(journey, at) for journey in self._times if (at := self._next(journey)) is not None and at <= now]
        for journey, at in fired:
            self._fired[journey] = at
            # As Temporal names the workflow that a schedule starts.
            workflow_id = f"campaign/{journey}-{at:%Y-%m-%dT%H:%M:%SZ}"
            opened = await opening.scheduled(journey, at, workflow_id, _unheard)
            if opened is not None:
                self._going[workflow_id] = Going(opened, now)
        due = [workflow_id for workflow_id, one in self._going.items() if one.due <= now]
        for workflow_id in due:
            await self._page(workflow_id, offering)
        return bool(asked or fired or due)

    def _next(self, journey: str) -> datetime | None:
        last = self._fired.get(journey)
        return next((at for at in self._times[journey] if last is None or at > last), None)

    async def _begin(self, workflow_id: str, payload: Mapping[str, Any], opening: Opening) -> None:
        if workflow_id in self._going:
            self._going[workflow_id].due = self.clock.now()
            return
        if payload["campaign"] is not None:
            opened = await opening.known(payload["campaign"])
        else:
            at = _instant(payload["scheduled_at"])
            opened = await opening.scheduled(payload["journey"], at, workflow_id, _unheard)
        if opened is not None:
            self._going[workflow_id] = Going(opened, self.clock.now())

    async def _page(self, workflow_id: str, offering: Offering) -> None:
        """As the campaign's workflow reckons when its next page is due."""
        one = self._going[workflow_id]
        offered = await offering(one.opened.campaign.id, one.opened.size, None, _unheard)
        if offered.campaign.state != "under_way":
            # A paused one is rung for when it goes on.
            del self._going[workflow_id]
            return
        one.due += timedelta(seconds=(one.opened.seconds_each or 0.0) * offered.taken)
        if offered.until is not None:
            one.due = max(one.due, offered.until)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _unheard() -> None:
    """Nobody waits for a sign of life."""
