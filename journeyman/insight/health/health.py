"""How the product is doing: every part that it stands on, and every queue in it, looked at once."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels.ads.ports import AudienceNetwork
from journeyman.channels.errors import SendError
from journeyman.channels.ledger import repository as ledger
from journeyman.channels.routing import Route
from journeyman.channels.webhooks.calling import NoAnswerError
from journeyman.customers import repository as customers
from journeyman.insight.health import repository
from journeyman.insight.health.coupons import look_at_coupons
from journeyman.insight.health.findings import Finding, fail, ok, warn
from journeyman.insight.health.notices import look_at_notices
from journeyman.insight.health.runs import look_at_runs, lost_runs
from journeyman.insight.health.schedules import look_at_schedules
from journeyman.insight.health.warming import look_at_warm_up
from journeyman.insight.words import count, listing
from journeyman.journeys import repository as journeys
from journeyman.journeys.ports import JourneyRunner
from journeyman.journeys.restarting import start_again
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.kit.keys.keys import Role, all_keys
from journeyman.kit.migrations import newest
from journeyman.kit.readiness import NotReadyError, check
from journeyman.settings import Settings

SLOW = timedelta(seconds=60)
"""What has waited for longer than this waits too long."""
IN_FLIGHT = timedelta(minutes=5)
"""A hand-over takes a minute at most, so nobody is working any more on one that is older."""


class Connections(Protocol):
    """The systems that `call` steps name."""

    @property
    def names(self) -> Collection[str]: ...

    async def check(self, name: str) -> None:
        """Raises `NoAnswerError`."""


@dataclass(frozen=True)
class Health:
    """Looks at everything."""

    settings: Settings
    database: Database
    clock: Clock
    engine: JourneyRunner
    routes: Mapping[str, Route]
    connections: Connections | None = None
    audiences: Mapping[str, AudienceNetwork] = field(default_factory=dict)

    async def examine(self) -> list[Finding]:
        """Every finding, in the order in which they are best mended."""
        found = await self._database()
        if any(finding.level == "fail" for finding in found):
            return [*found, *self._secret(), *await self._outside()]
        engine, has_engine = await self._engine()
        found += [*engine, *await self._keys(), *self._secret()]
        now = self.clock.now()
        async with self.database.reading() as connection:
            found += await _intake(connection, now, self.settings.partitions)
            found += await _outbox(connection, now)
            found += await _ledger(connection, now)
            found += await look_at_coupons(connection, now)
            found += await look_at_notices(connection)
        found += await look_at_warm_up(self.database, self.clock, self.routes)
        found += await look_at_runs(self.database, now, self.engine if has_engine else None)
        if has_engine:
            found += await look_at_schedules(self.database, now, self.engine, self.settings.time_zone)
        return [*found, *await self._outside()]

    async def restart_lost(self) -> list[Finding]:
        """Have the workflows of live runs that the engine has lost started again."""
        health = await self.engine.health()
        if not health.reachable:
            return []
        lost = await lost_runs(self.database, self.clock.now(), self.engine)
        told = await start_again(self.database, self.clock, lost)
        return [ok("runs", f"{count(told, 'workflow is', 'workflows are')} being started again")]

    async def _database(self) -> list[Finding]:
        area = "database"
        try:
            await check(self.database)
        except NotReadyError as error:
            mend = "Start it, or set JOURNEYMAN_DATABASE_URL to where it is"
            return [fail(area, f"{error.detail} {error.__cause__ or ''}".strip(), mend)]
        found = [ok(area, "answers")]
        async with self.database.reading() as connection:
            found.append(await _migrations(connection))
            if self.database.is_sqlite:
                mode = await repository.journal_mode(connection)
                wal = ok(area, "SQLite writes ahead (WAL)")
                found.append(wal if mode == "wal" else warn(area, f"SQLite's journal mode is {mode}", "Set it to WAL"))
        return found

    async def _engine(self) -> tuple[list[Finding], bool]:
        area = "temporal"
        health = await self.engine.health()
        if not health.reachable:
            mend = f"Start Temporal at {self.settings.temporal_address}, or set JOURNEYMAN_TEMPORAL_ADDRESS"
            return [fail(area, f"does not answer: {health.detail}", mend)], False
        found = [ok(area, f"answers, {health.detail}")]
        for queue, pollers in health.pollers.items():
            none = fail("workers", f"nobody works the task queue {queue}", "Start a worker: python worker.py")
            found.append(ok("workers", f"{count(pollers, 'poller')} on {queue}") if pollers else none)
        if health.lacks:
            mend = "Add them with `temporal operator search-attribute create`"
            found.append(fail(area, f"lacks {listing(list(health.lacks))}", mend))
        return found, True

    async def _keys(self) -> list[Finding]:
        valid = [key for key in await all_keys(self.database) if key.revoked_at is None]
        if any(key.role is Role.ADMIN for key in valid):
            return [ok("keys", f"{count(len(valid), 'valid key')}")]
        return [warn("keys", "there is no admin key", "Make one: journeyman key create --role admin")]

    def _secret(self) -> list[Finding]:
        if self.settings.secret_key is None:
            mend = "Set JOURNEYMAN_SECRET_KEY to at least 32 random characters, the same for all parts"
            return [fail("keys", "there is no secret to sign links with", mend)]
        return [ok("keys", "links are signed")]

    async def _outside(self) -> list[Finding]:
        return [*await self._providers(), *await self._connections(), *await self._audiences()]

    async def _providers(self) -> list[Finding]:
        found = []
        for channel, route in self.routes.items():
            for name, provider in route.providers.items():
                try:
                    await provider.sender.check()
                    found.append(ok("providers", f"{channel}: {name} answers"))
                except SendError as error:
                    where = "the providers' file" if self.settings.providers_file else "JOURNEYMAN_SMTP_URL"
                    mend = f"Check {where} and the server behind it"
                    found.append(fail("providers", f"{channel}: {name}: {error.detail}", mend))
        return found

    async def _connections(self) -> list[Finding]:
        found: list[Finding] = []
        if self.connections is None:
            return found
        for name in self.connections.names:
            try:
                await self.connections.check(name)
                found.append(ok("connections", f"{name} can be called"))
            except NoAnswerError as error:
                mend = "Check its URL and credentials in the providers' file"
                found.append(fail("connections", f"{name}: {error.detail}", mend))
        return found

    async def _audiences(self) -> list[Finding]:
        found = []
        for name, network in self.audiences.items():
            try:
                await network.check()
                found.append(ok("audiences", f"{network.network} knows {name}"))
            except SendError as error:
                mend = "Check its id and credentials in the providers' file"
                found.append(fail("audiences", f"{name}: {network.network}: {error.detail}", mend))
        return found


async def _migrations(connection: AsyncConnection) -> Finding:
    wanted = newest()
    try:
        found = await repository.schema_version(connection)
    except DBAPIError:
        found = None
    if found == wanted:
        return ok("database", "has the newest tables")
    return fail("database", f"its tables are at {found or 'nothing'}, not at {wanted}", "Run journeyman migrate")


async def _intake(connection: AsyncConnection, now: datetime, wanted: int) -> list[Finding]:
    area = "intake"
    depth, oldest = await customers.inbox_depth(connection)
    age = now - oldest if oldest is not None else timedelta(0)
    waiting = f"{count(depth, 'event waits', 'events wait')}" + (f", the oldest for {_span(age)}" if depth else "")
    mend = "Start a worker, or more of them with more JOURNEYMAN_INTAKE_PARTITIONS"
    found = [warn(area, waiting, mend) if age > SLOW else ok(area, waiting)]
    quarantined = await customers.quarantined(connection)
    if quarantined:
        are = count(quarantined, "event is", "events are")
        found.append(warn(area, f"{are} in quarantine", "Read the reasons in the table `quarantine`"))
    return [*found, _partitions(await journeys.partitions(connection), wanted, now)]


def _partitions(rows: list[tuple[int, str, datetime]], wanted: int, now: datetime) -> Finding:
    """Whether each partition has an owner who has looked at it lately."""
    lately = {partition for partition, _, seen_at in rows if now - seen_at <= SLOW}
    silent = [str(partition) for partition in range(wanted) if partition not in lately]
    if not silent:
        return ok("intake", f"{count(wanted, 'partition')} at work")
    detail = f"nobody has worked partition {listing(silent)} for a minute"
    return fail("intake", detail, "Start a worker: python worker.py")


async def _outbox(connection: AsyncConnection, now: datetime) -> list[Finding]:
    area = "outbox"
    depth, oldest, error = await journeys.outbox_depth(connection)
    age = now - oldest if oldest is not None else timedelta(0)
    said = f"{count(depth, 'command waits', 'commands wait')} for Temporal"
    if age <= SLOW:
        return [ok(area, said)]
    last = f"; the last error was: {error}" if error else ""
    return [fail(area, f"{said}, the oldest for {_span(age)}{last}", "Mend what the error says; they are told again")]


async def _ledger(connection: AsyncConnection, now: datetime) -> list[Finding]:
    area = "ledger"
    totals = await ledger.totals(connection)
    found = [ok(area, f"{totals.get('sent', 0)} sent, of which {totals['ambiguous']} may have come twice or not")]
    stuck = await ledger.in_flight(connection, now - IN_FLIGHT)
    if stuck:
        many = count(stuck, "message was", "messages were")
        detail = f"{many} handed over more than {_span(IN_FLIGHT)} ago without an answer"
        found.append(warn(area, detail, "Their runs try again by themselves; look for workers that die while sending"))
    return found


def _span(span: timedelta) -> str:
    """A length of time in the unit that suits it."""
    seconds = int(span.total_seconds())
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
