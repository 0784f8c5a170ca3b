"""The HTTP application: `uvicorn --factory api.app:create_app`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from api import errors
from api.cross_origin import CrossOrigin
from api.limits import BodyLimit
from api.metrics import Measured, Metrics
from api.openapi import describe
from api.routes import (
    attributes,
    audiences,
    blocks,
    brand,
    callbacks,
    campaigns,
    client,
    consents,
    contact_policy,
    copywriting,
    coupons,
    customers,
    devices,
    erasures,
    experiments,
    exports,
    groups,
    health,
    hooks,
    identities,
    imports,
    inbox,
    ingest,
    interests,
    journeys,
    lift,
    lint,
    model_registry,
    notices,
    preferences,
    products,
    pushes,
    recipes,
    rfm,
    runs,
    schemas,
    scores,
    segments,
    simulations,
    slots,
    sources,
    stats,
    suppressions,
    tasks,
    template_drafts,
    templates,
    topics,
    tracking,
    versions,
)
from journeyman.bootstrap import Services, build, calls_of, engine_of, providers_of, visitors_of
from journeyman.customers.scoring.shelf import ScoreShelf
from journeyman.journeys.lookups.fetching import Fetching
from journeyman.journeys.published import Shelf
from journeyman.journeys.receipts import Receipts
from journeyman.journeys.visiting.messages import InAppMessages
from journeyman.journeys.visiting.streams import Streams
from journeyman.kit.keys.keys import KeyCache, Role, adopt
from journeyman.settings import Settings

ROUTERS: tuple[APIRouter, ...] = (
    health.router,
    client.router,
    ingest.router,
    imports.router,
    callbacks.router,
    devices.public,
    devices.telling,
    devices.router,
    inbox.router,
    slots.public,
    slots.router,
    journeys.router,
    versions.router,
    lint.router,
    stats.router,
    lift.router,
    experiments.router,
    campaigns.router,
    runs.router,
    contact_policy.router,
    blocks.router,
    templates.router,
    template_drafts.router,
    copywriting.router,
    brand.router,
    customers.router,
    erasures.router,
    identities.router,
    attributes.router,
    consents.router,
    topics.router,
    suppressions.router,
    products.router,
    interests.router,
    products.product_router,
    coupons.router,
    audiences.router,
    model_registry.router,
    notices.router,
    tracking.router,
    sources.router,
    hooks.public,
    hooks.router,
    groups.router,
    exports.router,
    pushes.router,
    preferences.router,
    scores.router,
    rfm.router,
    segments.router,
    segments.of_customers,
    tasks.router,
    recipes.router,
    simulations.router,
    schemas.router,
)


class Application(FastAPI):
    """FastAPI with a description of its own."""

    def openapi(self) -> dict[str, Any]:
        return describe(self)


def create_app(services: Services | None = None) -> FastAPI:
    """The application over `services`, or over its own, made from the environment for as long as it runs."""
    app = Application(
        title="Journeyman",
        lifespan=partial(_lifespan, given=services),
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_operation_id,
        responses=errors.problems(500, 503),
    )
    app.state.metrics = Metrics()
    if services is not None:
        _attach(app, services)
    for router in ROUTERS:
        app.include_router(router)
    errors.install(app)
    app.add_middleware(BodyLimit)
    paths = ingest.PATHS | devices.PATHS | callbacks.PATHS | inbox.PATHS | slots.PATHS
    app.add_middleware(CrossOrigin, paths=paths, below=inbox.PATHS)
    app.add_middleware(Measured, metrics=app.state.metrics)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI, given: Services | None) -> AsyncIterator[None]:
    services = given or build(Settings())
    _attach(app, services)
    await _adopt_keys(services)
    if given is None:
        app.state.engine = await engine_of(services.settings)
        await services.wake.start()
    yield
    await app.state.streams.close()
    await app.state.calls.close()
    if given is None:
        await services.close()


def _attach(app: FastAPI, services: Services) -> None:
    app.state.services = services
    app.state.keys = KeyCache(services.database)
    app.state.shelf = Shelf()
    app.state.score_shelf = ScoreShelf()
    app.state.engine = None
    app.state.visitors = visitors_of(services.settings)
    receipts = Receipts(services.database, services.inbox, services.clock)
    app.state.messages = InAppMessages(services.database, app.state.visitors, receipts, services.clock)
    app.state.streams = Streams(services.database, services.wake, app.state.messages)
    providers = providers_of(services.settings)
    app.state.callbacks = providers.callbacks()
    app.state.ramps = providers.ramps
    app.state.web_push_key = providers.web_push_key
    app.state.calls = calls_of(services.settings, services.clock)
    app.state.lookups = Fetching(app.state.calls, services.clock)


async def _adopt_keys(services: Services) -> None:
    brought = ((services.settings.admin_key, Role.ADMIN), (services.settings.ingest_key, Role.INGEST))
    for key, role in brought:
        if key is not None:
            await adopt(services.database, key.get_secret_value(), role, services.clock.now())


def _operation_id(route: APIRoute) -> str:
    return route.name
