"""A workspace whose customers' time passes without an engine: each run is advanced when its timer is due."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx

from api.app import create_app
from journeyman.bootstrap import Services, build, calls_of, digest_key_of, house_routes, routes_of, tokens_of
from journeyman.channels.tracking import Tokens
from journeyman.journeys import repository as runs
from journeyman.journeys.advance import Advance, Request
from journeyman.journeys.delivery import Delivery
from journeyman.journeys.lookups.fetching import Fetching
from journeyman.journeys.mail import MailFactory
from journeyman.journeys.subscribing.confirmation_mail import ConfirmationMail
from journeyman.kit.clock import FixedClock
from journeyman.kit.database import Database
from journeyman.kit.keys.keys import Role, create
from journeyman.settings import Settings
from tests.builders import NOON, Shop
from tests.parts.smtp import SmtpServer

SECRET = "a secret of thirty-two characters"


class World:
    """The shop, its API with an operator's key, and a mail server."""

    def __init__(self, services: Services, smtp: SmtpServer, http: httpx.AsyncClient) -> None:
        assert isinstance(services.clock, FixedClock)
        self.services = services
        self.database = services.database
        self.clock = services.clock
        self.smtp = smtp
        self.http = http
        self.shop = Shop(services.database, wake=services.wake)
        self.shop.clock = self.shop.drafts.clock = self.shop.intake.clock = self.clock
        self.routes = {**routes_of(services.settings, services.clock), **house_routes(services)}
        self.calls = calls_of(services.settings, services.clock)
        mail = MailFactory(self.tokens, services.settings.language, Fetching(self.calls, services.clock))
        self.delivery = Delivery(self.routes, mail, digest_key_of(services.settings))
        self.advance = Advance(self.database, self.clock, self.delivery, "UTC")
        self.confirmation_mail = ConfirmationMail(
            self.database,
            self.clock,
            self.routes["email"].for_topic("transactional"),
            self.tokens,
            digest_key_of(services.settings),
        )

    @property
    def tokens(self) -> Tokens:
        return tokens_of(self.services.settings)

    async def get(self, path: str, **query: Any) -> Any:
        answer = await self.http.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def put(self, path: str, body: Any) -> Any:
        answer = await self.http.put(path, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def pass_time(self, **span: float) -> None:
        """Every timer that is due by then has its effect, in order; then events that came meanwhile are decided."""
        until = self.clock.at + timedelta(**span)
        await self.settle()
        while due := await self._due(until):
            self.clock.at = max(self.clock.at, due)
            await self.settle()
        self.clock.at = until
        await self.settle()

    async def settle(self) -> None:
        """Decide what came in, and walk every run as far as it gets at this instant."""
        await self.shop.decide()
        for kind, payload in await self.shop.outbox():
            if kind == "confirm":
                await self.confirmation_mail(payload["confirmation"])
        for run in await self.shop.runs():
            at = self.clock.at
            timer = run.look_at or run.until
            if run.state != "live" or (timer is not None and timer > at and run.released is None):
                continue
            position = await self.advance(Request(run.id, run.step, run.visit, at, "email"))
            while position.outcome is None and position.until is None:
                await self.shop.decide()
                request = Request(run.id, position.step or "", position.visit, at, position.channel)
                position = await self.advance(request)

    async def _due(self, until: Any) -> Any:
        live = [run for run in await self.shop.runs() if run.state == "live" and run.until is not None]
        async with self.database.reading() as connection:
            paused = {one.key for one in await runs.live_journeys(connection) if one.is_paused}
        timers = [
            run.look_at or run.until
            for run in live
            # What is due in a paused journey is held, and was looked at already.
            if run.journey_key not in paused or (run.look_at or run.until) > self.clock.at
        ]
        return min((timer for timer in timers if timer <= until), default=None)


@asynccontextmanager
async def world(database_url: str, **settings: Any) -> AsyncIterator[World]:
    """A world on a database that is there; its API is called inside the test's own loop."""
    async with SmtpServer() as smtp:
        given = {"database_url": database_url, "secret_key": SECRET, "smtp_url": smtp.url(), **settings}
        services = build(Settings.model_validate(given), clock=FixedClock(NOON), database=Database(database_url))
        key = await create(services.database, Role.OPERATOR, "", NOON)
        app = create_app(services)
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url="http://test",
            headers={"authorization": f"Bearer {key}"},
        ) as http:
            made = World(services, smtp, http)
            try:
                yield made
            finally:
                for route in made.routes.values():
                    await route.close()
                await made.calls.close()
                await app.state.calls.close()
                await services.close()
