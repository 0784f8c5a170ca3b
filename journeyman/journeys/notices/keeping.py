"""Telling the team: what is new is kept as rows, and sent beside the journeys until it is taken."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

from journeyman.channels.notices.apprise_sender import NoticeError
from journeyman.channels.notices.settings import KINDS, NoticeKind, NoticeTarget
from journeyman.channels.routing import Route
from journeyman.journeys.notices import repository
from journeyman.journeys.notices.looking import Found, look
from journeyman.journeys.notices.repository import FAILED, PENDING, SENT, Kept
from journeyman.kit.bulk import Row
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.kit.ids import new_id

LOOK: Final = timedelta(seconds=10)
PAUSE: Final = timedelta(minutes=1)
"""What comes within it is one notice."""
SHOWN: Final = 10
ATTEMPTS: Final = 12
FIRST_REST: Final = timedelta(seconds=30)
LONGEST_REST: Final = timedelta(hours=1)
REMEMBERED: Final = timedelta(days=30)
TITLES: Final[Mapping[str, tuple[str, str]]] = {
    "task": ("A task for somebody", "{} tasks for somebody"),
    "campaign": ("A campaign has ended", "{} campaigns have ended"),
    "experiment": ("An experiment has a winner", "{} experiments have winners"),
    "provider": ("A provider fails", "{} providers fail"),
}


class NoticeSender(Protocol):
    """Hands one notice to one URL."""

    async def send(self, url: str, title: str, body: str) -> None:
        """Raises `NoticeError`."""
        ...


class NoticeKeeper:
    """The upkeep of notices, for the targets of the providers' file."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        targets: Mapping[str, NoticeTarget],
        routes: Mapping[str, Route],
        sender: NoticeSender,
    ) -> None:
        self.database = database
        self.clock = clock
        self.targets = targets
        self.routes = routes
        self.sender = sender
        self._looked: datetime | None = None

    async def step(self) -> int:
        """Look for what is new, and send what is due; returns how many notices were sent."""
        if not self.targets:
            return 0
        now = self.clock.now()
        if self._looked is None or now >= self._looked + LOOK:
            await self._look(now)
            self._looked = now
        return sum([await self._send(name, target, now) for name, target in self.targets.items()])

    async def _look(self, now: datetime) -> None:
        """What was there before the first look is not told of."""
        async with self.database.transaction() as connection:
            for kind in KINDS:
                if not any(kind in target.about for target in self.targets.values()):
                    continue
                since = await repository.mark(connection, kind)
                found = await look(connection, kind, since or now, now, self.routes)
                rows = [row for one in found for row in self._rows(one, now, is_old=since is None and _lasts(kind))]
                await repository.note(connection, rows)
                await repository.move_mark(connection, kind, now)
            await repository.forget(connection, now - REMEMBERED)

    def _rows(self, found: Found, now: datetime, *, is_old: bool) -> list[Row]:
        return [
            {
                "id": new_id("notice"),
                "target": name,
                "place": place,
                "kind": found.kind,
                "subject": found.subject,
                "line": line,
                "customer_id": found.customer,
                "state": SENT if is_old else PENDING,
                "at": now,
                "next_at": now,
                "sent_at": None,
                "attempts": 0,
                "failure": None,
            }
            for name, target in self.targets.items()
            if (line := found.line_for(target)) is not None
            for place in range(len(target.to))
        ]

    async def _send(self, name: str, target: NoticeTarget, now: datetime) -> int:
        async with self.database.reading() as connection:
            due = await repository.due(connection, name, now)
            piles: dict[tuple[int, str], list[Kept]] = defaultdict(list)
            for one in due:
                piles[one.place, one.kind].append(one)
            last = {pile: await repository.last_sent(connection, name, *pile) for pile in piles}
        sent = 0
        for (place, kind), pile in piles.items():
            told = last[place, kind]
            if place < len(target.to) and (told is None or told <= now - PAUSE):
                sent += await self._tell(target.to[place].get_secret_value(), kind, pile, now)
        return sent

    async def _tell(self, url: str, kind: str, pile: Sequence[Kept], now: datetime) -> int:
        one, many = TITLES[kind]
        lines = [each.line for each in pile[:SHOWN]]
        if len(pile) > SHOWN:
            lines.append(f"… and {len(pile) - SHOWN} more")
        try:
            await self.sender.send(url, one if len(pile) == 1 else many.format(len(pile)), "\n".join(lines))
        except NoticeError as error:
            attempts = pile[0].attempts + 1
            rest = min(FIRST_REST * 2 ** (attempts - 1), LONGEST_REST)
            state = FAILED if attempts >= ATTEMPTS else PENDING
            values: Row = {"attempts": attempts, "next_at": now + rest, "failure": str(error)[:500], "state": state}
            sent = 0
        else:
            values, sent = {"state": SENT, "sent_at": now, "failure": None}, 1
        async with self.database.transaction() as connection:
            await repository.settle(connection, [each.id for each in pile], values)
        return sent


def _lasts(kind: NoticeKind) -> bool:
    """Whether what is found of a kind stays found: what was so before the first look is taken as told."""
    return kind == "experiment"
