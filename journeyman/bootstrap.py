"""The composition root: which part stands behind which port is decided here and nowhere else."""

import atexit
import os
import secrets
import shutil
from asyncio import to_thread
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import SecretStr, TypeAdapter, ValidationError

from journeyman.catalog.catalogue import Catalogue
from journeyman.channels.attachments import Attachments, nothing_to_fetch
from journeyman.channels.configuration import Providers, read_providers
from journeyman.channels.connections.calling import ConnectedCalls
from journeyman.channels.copywriting.ports import Writer
from journeyman.channels.in_app.sender import InAppSender
from journeyman.channels.notices.apprise_sender import AppriseSender
from journeyman.channels.ports import Callbacks, Listening, Sender
from journeyman.channels.providers.smtp.settings import SmtpSettings
from journeyman.channels.routing import Route, only
from journeyman.channels.suppressions import UNKEYED, digest_key
from journeyman.channels.tracking import Tokens
from journeyman.channels.webhooks.calling import HttpCalls
from journeyman.channels.webhooks.posting import WebhookPost
from journeyman.customers.consent import TRANSACTIONAL
from journeyman.customers.identity import Rules
from journeyman.customers.inbox.door import Inbox
from journeyman.customers.repository import survivor_of
from journeyman.customers.scoring.cut_points import RfmScoring
from journeyman.journeys.advance import Advance
from journeyman.journeys.audiences.keeping import Audience, AudienceKeeper
from journeyman.journeys.callbacks import CallbackDesk
from journeyman.journeys.calling.calling import Calling
from journeyman.journeys.campaigns.offering import Offering
from journeyman.journeys.campaigns.opening import Opening
from journeyman.journeys.campaigns.products import ProductWatcher
from journeyman.journeys.campaigns.scheduling import ScheduleKeeper
from journeyman.journeys.coupons.reserving import CouponSource, Examples
from journeyman.journeys.coupons.sweeping import CouponSweeper
from journeyman.journeys.dates.keeping import DateKeeper
from journeyman.journeys.delivery import Delivery
from journeyman.journeys.direct import DirectEvents
from journeyman.journeys.dispatch import Dispatch
from journeyman.journeys.erasure.remains import Remains
from journeyman.journeys.erasure.removal import Removal
from journeyman.journeys.experiments.judging import Judging
from journeyman.journeys.intake.intake import Intake
from journeyman.journeys.intake.tending import Upkeep
from journeyman.journeys.learning.learners import learners_of
from journeyman.journeys.learning.learning import Learning
from journeyman.journeys.lookups.asking import Source
from journeyman.journeys.lookups.fetching import Fetching
from journeyman.journeys.mail import MailFactory
from journeyman.journeys.migration.moving import Moving
from journeyman.journeys.notices.keeping import NoticeKeeper
from journeyman.journeys.ports import JourneyRunner
from journeyman.journeys.pushing.delivery import PushDelivery
from journeyman.journeys.reach.keeping import AddressKeeper
from journeyman.journeys.receipts import ProviderReceipts, Receipts
from journeyman.journeys.replies import Replies
from journeyman.journeys.requests.paths import Http
from journeyman.journeys.scoring import ScoreKeeper
from journeyman.journeys.segmentation.keeping import Keeper
from journeyman.journeys.subscribing.confirmation_mail import ConfirmationMail
from journeyman.journeys.subscribing.confirmations import Confirmations
from journeyman.journeys.subscribing.expiry import Expiry
from journeyman.journeys.subscribing.subscriptions import Subscriptions
from journeyman.journeys.visiting.messages import InAppUpkeep
from journeyman.journeys.visiting.visitors import Visitors
from journeyman.kit.clock import Clock, FixedClock, SystemClock
from journeyman.kit.database import Database
from journeyman.kit.migrations import upgrade
from journeyman.kit.wake import Wake, wake_for
from journeyman.language.channels import SENDING
from journeyman.settings import Settings
from journeyman.simulation.answers import Answers
from journeyman.simulation.engine import SimulatedEngine
from journeyman.simulation.simulation import Simulation
from journeyman.simulation.trap import Trap

_SECRETS = TypeAdapter(dict[str, str])


@dataclass(frozen=True)
class Services:
    """What every process of the product shares."""

    settings: Settings
    database: Database
    clock: Clock
    wake: Wake
    inbox: Inbox

    async def close(self) -> None:
        await self.inbox.close()
        await self.wake.close()
        await self.database.close()


def build(settings: Settings, *, clock: Clock | None = None, database: Database | None = None) -> Services:
    """The parts that `settings` asks for. Must be called inside the event loop that will use them."""
    database = database or Database(settings.database_url)
    wake = wake_for(database)
    return Services(
        settings=settings,
        database=database,
        clock=clock or SystemClock(),
        wake=wake,
        inbox=Inbox(database, wake, settings.inbox_limit),
    )


@dataclass(frozen=True)
class Work:
    """What a worker does beside the services that every process has."""

    intake: Intake
    dispatch: Dispatch
    upkeep: Sequence[Upkeep]
    advance: Advance
    delivery: Delivery
    direct_events: DirectEvents
    confirmation_mail: ConfirmationMail
    removal: Removal
    webhooks: WebhookPost
    push_delivery: PushDelivery
    judging: Judging
    learning: Learning
    moving: Moving
    calling: Calling
    opening: Opening
    offering: Offering
    audiences: Mapping[str, Audience]

    async def close(self) -> None:
        await self.calling.http.close()
        await self.webhooks.close()
        for route in self.delivery.routes.values():
            await route.close()
        for audience in self.audiences.values():
            await audience.network.close()


def build_work(
    services: Services,
    runner: JourneyRunner,
    senders: Mapping[str, Sender[Any]] | None = None,
    http: Http | None = None,
    coupons: CouponSource | None = None,
    source: Source | None = None,
) -> Work:
    """The parts of a worker that tells `runner` what intake decides.

    `senders` and `http` instead of the settings', `coupons` instead of the workspace's pools.
    Where `http` is given, no attachments are fetched; `source` has the answers to lookups, instead of `http`.
    """
    settings, database, clock = services.settings, services.database, services.clock
    tokens, digest_key = tokens_of(settings), digest_key_of(settings)
    dates = DateKeeper(database, clock, settings.time_zone)
    webhooks = WebhookPost(clock, allows_private=settings.webhook_private_addresses)
    routes = _routes(services, senders)
    mail = routes["email"].for_topic(TRANSACTIONAL)
    calls = http or calls_of(settings, clock)
    attach = Attachments(calls) if http is None else nothing_to_fetch
    mails = MailFactory(tokens, settings.language, source or Fetching(calls, clock))
    delivery = Delivery(routes, mails, digest_key, coupons, attach)
    calling = Calling(calls, call_secrets_of(settings))
    audiences = audiences_of(settings, clock) if senders is None else {}
    notices = providers_of(settings).notices if senders is None else {}
    return Work(
        intake=Intake(database, clock, settings.time_zone, rules_of(settings), digest_key),
        dispatch=Dispatch(database, runner),
        upkeep=(
            # First, for a date is due on the minute; what is only built comes last.
            dates.fire,
            ScheduleKeeper(database, clock, settings.time_zone).step,
            ProductWatcher(database, clock).step,
            Expiry(database, clock).step,
            InAppUpkeep(database, clock).step,
            CouponSweeper(database, clock).step,
            AddressKeeper(database, digest_key).step,
            Keeper(database, clock).step,
            ScoreKeeper(database, clock).step,
            RfmScoring(database, clock).refresh,
            AudienceKeeper(database, clock, audiences).step,
            NoticeKeeper(database, clock, notices, routes, AppriseSender()).step,
            dates.build,
        ),
        advance=Advance(database, clock, delivery, settings.time_zone, calling, audiences),
        delivery=delivery,
        direct_events=DirectEvents(database, services.inbox, clock),
        confirmation_mail=ConfirmationMail(database, clock, mail, tokens, digest_key),
        removal=Removal(Remains(database, clock, digest_key), runner),
        webhooks=webhooks,
        calling=calling,
        push_delivery=PushDelivery(database, clock, webhooks, signing_key_of(settings)),
        judging=Judging(database, clock),
        learning=Learning(database, clock, learners_of(database, settings.time_zone), settings.time_zone),
        moving=Moving(database, clock, settings.time_zone),
        opening=Opening(database, clock, settings.time_zone),
        offering=Offering(database, services.inbox, services.wake, clock, settings.time_zone),
        audiences=audiences,
    )


def _routes(services: Services, senders: Mapping[str, Sender[Any]] | None) -> dict[str, Route]:
    """The providers of each channel, which tell what comes back to them over connections of their own."""
    if senders is not None:
        routes = {channel: only(sender, services.clock, channel) for channel, sender in senders.items()}
    else:
        routes = {**routes_of(services.settings, services.clock), **house_routes(services)}
    if any(isinstance(one.sender, Listening) for route in routes.values() for one in route.providers.values()):
        _listen(routes, callback_desk_of(services, {}))
    return routes


@asynccontextmanager
async def simulation(at: datetime, settings: Settings | None = None) -> AsyncIterator[Simulation]:
    """A simulation that begins at `at`, on a database of its own that is gone afterwards."""
    with TemporaryDirectory(prefix="journeyman-") as folder:
        file = Path(folder) / "simulation.db"
        await to_thread(shutil.copyfile, await to_thread(_blank), file)
        given = settings or Settings()
        mine = given.model_copy(
            update={"database_url": f"sqlite+aiosqlite:///{file}", "secret_key": SecretStr(secrets.token_urlsafe(32))}
        )
        clock = FixedClock(at)
        services, answers = build(mine, clock=clock), Answers()
        engine = SimulatedEngine(clock, answers)
        traps = {channel: Trap(channel, clock) for channel in SENDING}
        work = build_work(services, engine, traps, answers, Examples(), answers)
        try:
            yield Simulation(
                services.database,
                clock,
                work.intake,
                work.dispatch,
                work.advance,
                work.upkeep,
                engine,
                traps,
                answers,
                work.opening,
                work.offering,
                Catalogue(services.database, clock, mine.low_stock_threshold),
                mine.time_zone,
            )
        finally:
            await work.close()
            await services.close()


@cache
def _blank() -> Path:
    """A SQLite file with the newest tables and nothing in them, made once for each process."""
    folder = TemporaryDirectory(prefix="journeyman-")
    atexit.register(folder.cleanup)
    file = Path(folder.name) / "blank.db"
    upgrade(f"sqlite+aiosqlite:///{file}")
    return file


def rules_of(settings: Settings) -> Rules:
    """Who is one person, as far as the workspace decides it."""
    kinds = frozenset(kind for kind in settings.identity_merge_kinds.split(",") if kind)
    return Rules(kinds, settings.identity_shared_limit)


def tokens_of(settings: Settings) -> Tokens:
    """What signs links. Raises `ValueError` where there is no secret to sign with."""
    return Tokens(signing_key_of(settings).decode(), settings.public_url)


def signing_key_of(settings: Settings) -> bytes:
    """The workspace's secret, which signs. Raises `ValueError` where there is none."""
    if settings.secret_key is None:
        raise ValueError("set JOURNEYMAN_SECRET_KEY to at least 32 random characters: it signs the links in mail")
    return settings.secret_key.get_secret_value().encode()


def digest_key_of(settings: Settings) -> bytes:
    """What keys the digests of addresses; nothing where there is no secret, and then they are plain ones."""
    secret = settings.suppression_key or settings.secret_key
    return digest_key(secret.get_secret_value()) if secret is not None else UNKEYED


def hook_secrets() -> Mapping[str, str]:
    """The secrets that hooks name."""
    return {name: value for name, value in os.environ.items() if name.startswith("JOURNEYMAN_HOOK_")}


def calls_of(settings: Settings, clock: Clock) -> ConnectedCalls:
    """What makes the calls of journeys. Raises `ValueError` as `providers_of`."""
    http = HttpCalls(allows_private=settings.call_private_addresses)
    return ConnectedCalls(http, providers_of(settings).connections, clock)


def audiences_of(settings: Settings, clock: Clock) -> dict[str, Audience]:
    """The audiences of ad networks, by the names that journeys give them. Raises `ValueError` as `providers_of`."""
    named = providers_of(settings).audiences
    return {name: Audience(one.open(clock), one.segment) for name, one in named.items()}


def call_secrets_of(settings: Settings) -> dict[str, str]:
    """The secrets that `call` steps may name. Raises `ValueError` where they are not a JSON object of texts."""
    given = [settings.call_secrets_file.read_text()] if settings.call_secrets_file is not None else []
    given += [settings.call_secrets.get_secret_value()] if settings.call_secrets is not None else []
    try:
        found = [_SECRETS.validate_json(text) for text in given]
    except ValidationError:
        # Its own words would show what it read.
        raise ValueError("JOURNEYMAN_CALL_SECRETS is no JSON object of texts by their names") from None
    return {name: secret for secrets in found for name, secret in secrets.items()}


def _listen(routes: Mapping[str, Route], desk: CallbackDesk) -> None:
    """Have what comes back over the providers' own connections be noted as callbacks are."""
    for route in routes.values():
        for name, provider in route.providers.items():
            if isinstance(provider.sender, Listening):
                provider.sender.listen(partial(desk.note, name))


def callback_desk_of(services: Services, readers: Mapping[str, Callbacks]) -> CallbackDesk:
    """What takes what providers tell."""
    database, clock, digest_key = services.database, services.clock, digest_key_of(services.settings)
    ending = Subscriptions(Confirmations(database, services.wake, clock, digest_key))
    channels = providers_of(services.settings).channels
    receipts = ProviderReceipts(Receipts(database, services.inbox, clock), ending, digest_key, channels)
    return CallbackDesk(readers, receipts, Replies(database, services.inbox, services.wake, clock), clock)


def providers_of(settings: Settings) -> Providers:
    """The providers of the workspace; the SMTP server of the settings where the file has none for e-mail.

    Raises `ValueError` where the file cannot be used.
    """
    named = read_providers(settings.providers_file, os.environ) if settings.providers_file else Providers(providers={})
    if any(named.settings(name).channel == "email" for name in named.providers):
        return named
    smtp = SmtpSettings(
        provider="smtp", url=settings.smtp_url, mail_from=settings.mail_from, connections=settings.smtp_connections
    )
    return named.model_copy(update={"providers": {"smtp": smtp, **named.providers}})


def routes_of(settings: Settings, clock: Clock | None = None) -> dict[str, Route]:
    """The providers of each channel, in the order in which they are asked. Raises `ValueError` as `providers_of`."""
    return providers_of(settings).routes_of(clock or SystemClock(), settings.public_url)


def house_routes(services: Services) -> dict[str, Route]:
    """The channels whose messages wait in the product itself."""
    sender = InAppSender(services.database, services.wake, services.clock, survivor_of)
    return {sender.channel: only(sender, services.clock, sender.channel)}


def writer_of(settings: Settings) -> Writer | None:
    """The model that proposes copy; None where none is set up, or the library that asks it is not installed."""
    if settings.ai_key is None or settings.ai_model is None or find_spec("openai") is None:
        return None
    from journeyman.channels.copywriting.endpoint import OpenAIWriter  # noqa: PLC0415 - loaded only where it is used

    return OpenAIWriter(settings.ai_url, settings.ai_key.get_secret_value(), settings.ai_model, settings.ai_timeout)


def visitors_of(settings: Settings) -> Visitors:
    """Who it is that a page of the shop asks for."""
    secret = settings.visitor_secret.get_secret_value() if settings.visitor_secret is not None else None
    return Visitors(secret, trusts=settings.visitor_trust)


def engine_of(settings: Settings) -> Awaitable[JourneyRunner]:
    """The engine that the settings name as `module:attribute`: the product itself knows of no engine."""
    module, _, attribute = settings.engine.partition(":")
    connect: Callable[[Settings], Awaitable[JourneyRunner]] = getattr(import_module(module), attribute)
    return connect(settings)
