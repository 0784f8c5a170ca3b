"""The use cases that routes call, made of the services for each request."""

from collections.abc import AsyncIterator, Mapping
from functools import partial
from typing import Annotated

from fastapi import Depends, Header, Request

from api.dependencies import ServicesNow
from api.errors import HttpError
from journeyman.bootstrap import (
    callback_desk_of,
    digest_key_of,
    hook_secrets,
    providers_of,
    signing_key_of,
    simulation,
    tokens_of,
    writer_of,
)
from journeyman.catalog.catalogue import Catalogue
from journeyman.catalog.coupons.coupons import Coupons
from journeyman.channels.attachments import Attachments
from journeyman.channels.copywriting.brand import Brand
from journeyman.channels.copywriting.drafts import TemplateDrafts
from journeyman.channels.copywriting.proposing import Proposing
from journeyman.channels.copywriting.taking import Taking
from journeyman.channels.suppression_list import SuppressionList
from journeyman.channels.suppressions import UNKEYED
from journeyman.channels.tracking import Tokens
from journeyman.channels.warming.ramp import WarmUp
from journeyman.customers.consents.reading import Consents
from journeyman.customers.groups.groups import Groups
from journeyman.customers.hooks.hooks import Hooks
from journeyman.customers.scoring.cut_points import RfmScoring
from journeyman.customers.scoring.scoring import Scoring
from journeyman.customers.scoring.shelf import ScoreShelf
from journeyman.customers.sources.receiving import Receiving
from journeyman.insight.customer_export import CustomerExport
from journeyman.insight.customers import Customers
from journeyman.insight.explanations import Explanations
from journeyman.insight.exports.segments import SegmentExport
from journeyman.insight.interests import Interests
from journeyman.insight.lift.lift import Lifting
from journeyman.insight.runs import Runs
from journeyman.insight.statistics.statistics import Counting
from journeyman.insight.timeline import Timeline
from journeyman.journeys.audiences.standing import Audiences
from journeyman.journeys.callbacks import CallbackDesk
from journeyman.journeys.calls import Calls
from journeyman.journeys.campaigns.campaigns import Campaigns
from journeyman.journeys.contact.policies import Policies
from journeyman.journeys.devices import Devices
from journeyman.journeys.documents.variants import segment_faults
from journeyman.journeys.drafts import Drafts
from journeyman.journeys.erasing import Erasing
from journeyman.journeys.experiments.judging import Judging
from journeyman.journeys.identities.identities import IdentityDesk
from journeyman.journeys.interventions import Interventions
from journeyman.journeys.learning.learners import CARDS
from journeyman.journeys.learning.learning import Models
from journeyman.journeys.linting import Linting
from journeyman.journeys.migration.pausing import Pausing
from journeyman.journeys.migration.rollouts import Rollouts
from journeyman.journeys.migration.versions import Versions
from journeyman.journeys.notices.reading import Notices
from journeyman.journeys.previews import Previews
from journeyman.journeys.product_feed import ProductFeed
from journeyman.journeys.published import Shelf
from journeyman.journeys.pushing.webhooks import SegmentWebhooks
from journeyman.journeys.reach.keeping import recheck_at
from journeyman.journeys.receipts import Receipts
from journeyman.journeys.segmentation.segments import Segments
from journeyman.journeys.subscribing.choices import Choices
from journeyman.journeys.subscribing.confirmations import Confirmations
from journeyman.journeys.subscribing.imports import ConsentImport
from journeyman.journeys.subscribing.subscriptions import Subscriptions
from journeyman.journeys.tasks.tasks import Tasks
from journeyman.journeys.visiting.choosing import Slots
from journeyman.journeys.visiting.messages import InAppMessages
from journeyman.journeys.visiting.streams import Streams
from journeyman.journeys.visiting.visitors import Visitor
from journeyman.simulation.workspace import Simulations


async def shelf(request: Request) -> Shelf:
    """The published documents, read once for all requests."""
    found: Shelf = request.app.state.shelf
    return found


async def campaigns(services: ServicesNow) -> Campaigns:
    return Campaigns(services.database, services.wake, services.clock)


async def tasks(services: ServicesNow) -> Tasks:
    return Tasks(services.database, services.wake, services.clock)


async def judging(services: ServicesNow) -> Judging:
    return Judging(services.database, services.clock)


async def simulations(services: ServicesNow) -> Simulations:
    opened = partial(simulation, settings=services.settings)
    return Simulations(services.database, services.clock, opened)


async def policies(services: ServicesNow) -> Policies:
    return Policies(services.database, services.clock)


async def drafts(request: Request, services: ServicesNow) -> Drafts:
    zone = services.settings.time_zone
    return Drafts(services.database, services.clock, zone, request.app.state.calls.names)


async def rollouts(services: ServicesNow) -> Rollouts:
    return Rollouts(services.database, services.wake, services.clock, services.settings.time_zone)


async def pausing(services: ServicesNow) -> Pausing:
    return Pausing(services.database, services.wake, services.clock, services.settings.time_zone)


async def linting(services: ServicesNow) -> Linting:
    return Linting(services.database)


async def versions(services: ServicesNow) -> Versions:
    return Versions(services.database)


async def interventions(services: ServicesNow, known: Annotated[Shelf, Depends(shelf)]) -> Interventions:
    zone = services.settings.time_zone
    return Interventions(services.database, services.wake, services.clock, known, zone)


async def calls(services: ServicesNow) -> Calls:
    return Calls(services.database, services.inbox, services.clock)


async def previews(request: Request, services: ServicesNow) -> Previews:
    calls, clock = request.app.state.calls, services.clock
    attach, source = Attachments(calls), request.app.state.lookups
    return Previews(services.database, clock, services.settings.language, attach, source, calls.names)


async def brand(services: ServicesNow) -> Brand:
    return Brand(services.database, services.clock)


async def proposing(services: ServicesNow) -> AsyncIterator[Proposing]:
    writer = writer_of(services.settings)
    try:
        yield Proposing(services.database, services.clock, writer)
    finally:
        if writer is not None:
            await writer.close()


async def taking(services: ServicesNow) -> Taking:
    return Taking(services.database, services.clock)


async def template_drafts(services: ServicesNow) -> TemplateDrafts:
    return TemplateDrafts(services.database, services.clock, segment_faults)


async def confirmations(services: ServicesNow) -> Confirmations:
    return Confirmations(services.database, services.wake, services.clock, digest_key_of(services.settings))


async def subscriptions(
    services: ServicesNow, asking: Annotated[Confirmations, Depends(confirmations)]
) -> Subscriptions:
    return Subscriptions(asking, double_opt_in=services.settings.double_opt_in)


async def devices(services: ServicesNow) -> Devices:
    return Devices(services.database, services.inbox, services.clock)


async def callback_desk(request: Request, services: ServicesNow) -> CallbackDesk:
    return callback_desk_of(services, request.app.state.callbacks)


async def choices(services: ServicesNow) -> Choices:
    return Choices(services.database, services.wake, services.clock)


async def consents(services: ServicesNow) -> Consents:
    return Consents(services.database, services.clock)


async def consent_import(services: ServicesNow) -> ConsentImport:
    return ConsentImport(services.database, services.wake, services.clock)


async def suppression_list(services: ServicesNow) -> SuppressionList:
    key = digest_key_of(services.settings)
    return SuppressionList(services.database, services.clock, key, recheck_at)


async def receipts(services: ServicesNow) -> Receipts:
    return Receipts(services.database, services.inbox, services.clock)


async def tokens(services: ServicesNow) -> Tokens:
    """What reads links. Without a secret no link was ever made here, so none can be valid."""
    if services.settings.secret_key is None:
        raise HttpError(400, "This link was not made here.", code="invalid_link")
    return tokens_of(services.settings)


async def runs(services: ServicesNow, known: Annotated[Shelf, Depends(shelf)]) -> Runs:
    return Runs(services.database, services.clock, known, services.settings)


async def timeline(services: ServicesNow, known: Annotated[Shelf, Depends(shelf)]) -> Timeline:
    return Timeline(services.database, services.clock, known, services.settings.time_zone)


RunsNow = Annotated[Runs, Depends(runs)]


async def customers(now: RunsNow) -> Customers:
    return Customers(now)


async def explanations(now: RunsNow) -> Explanations:
    return Explanations(now)


async def scoring(request: Request, services: ServicesNow) -> Scoring:
    """Scores, with definitions that are read once for all requests."""
    known: ScoreShelf = request.app.state.score_shelf
    return Scoring(services.database, services.clock, known)


async def rfm(services: ServicesNow) -> RfmScoring:
    return RfmScoring(services.database, services.clock)


async def lifting(services: ServicesNow) -> Lifting:
    return Lifting(services.database, services.clock)


async def counting(services: ServicesNow) -> Counting:
    return Counting(services.database, services.clock)


async def models(services: ServicesNow) -> Models:
    return Models(services.database, services.clock, CARDS)


async def notices(services: ServicesNow) -> Notices:
    return Notices(services.database)


async def audiences(services: ServicesNow) -> Audiences:
    named = providers_of(services.settings).audiences
    return Audiences(services.database, {key: (one.network, one.segment) for key, one in named.items()})


async def coupons(services: ServicesNow) -> Coupons:
    return Coupons(services.database, services.clock)


async def ramps(request: Request) -> Mapping[str, WarmUp]:
    """The providers that are new, with how they grow."""
    found: Mapping[str, WarmUp] = request.app.state.ramps
    return found


async def catalogue(services: ServicesNow) -> Catalogue:
    return Catalogue(services.database, services.clock, services.settings.low_stock_threshold)


async def segment_webhooks(services: ServicesNow) -> SegmentWebhooks:
    settings = services.settings
    key = signing_key_of(settings) if settings.secret_key is not None else None
    allows_private = settings.webhook_private_addresses
    return SegmentWebhooks(services.database, services.wake, services.clock, key, allows_private=allows_private)


async def receiving(services: ServicesNow, products: Annotated[Catalogue, Depends(catalogue)]) -> Receiving:
    settings = services.settings
    secrets = {
        "shopify": settings.shopify_webhook_secret,
        "woocommerce": settings.woocommerce_webhook_secret,
        "stripe": settings.stripe_webhook_secret,
    }
    return Receiving(
        services.database,
        services.inbox,
        services.clock,
        secrets={source: secret.get_secret_value() for source, secret in secrets.items() if secret is not None},
        currency=settings.shop_currency,
        keep_products=ProductFeed(products).keep,
    )


async def hooks(services: ServicesNow) -> Hooks:
    return Hooks(services.database, services.inbox, services.clock, hook_secrets())


async def segment_export(services: ServicesNow) -> SegmentExport:
    return SegmentExport(services.database)


async def groups(services: ServicesNow) -> Groups:
    return Groups(services.database)


async def erasing(services: ServicesNow) -> Erasing:
    """Names that are erased are remembered by digests that the secret keys: every process needs the same one."""
    key = digest_key_of(services.settings)
    if key == UNKEYED:
        raise HttpError(409, "Erasing needs JOURNEYMAN_SECRET_KEY, the same as the worker has.", code="no_secret")
    return Erasing(services.database, services.wake, services.clock, key)


async def customer_export(services: ServicesNow) -> CustomerExport:
    return CustomerExport(services.database, services.clock, digest_key_of(services.settings))


async def identity_desk(services: ServicesNow) -> IdentityDesk:
    key = digest_key_of(services.settings)
    return IdentityDesk(services.database, services.inbox, services.clock, key)


async def interests(services: ServicesNow) -> Interests:
    return Interests(services.database)


async def in_app_messages(request: Request) -> InAppMessages:
    found: InAppMessages = request.app.state.messages
    return found


async def streams(request: Request) -> Streams:
    found: Streams = request.app.state.streams
    return found


async def slots(request: Request, services: ServicesNow) -> Slots:
    state, language = request.app.state, services.settings.language
    return Slots(services.database, state.visitors, services.clock, language, state.lookups, state.calls.names)


async def visitor(
    anonymous_id: Annotated[
        str | None, Header(alias="X-Journeyman-Anonymous-Id", max_length=512, description="The browser's own id")
    ] = None,
    token: Annotated[
        str | None,
        Header(alias="X-Journeyman-Token", max_length=4_096, description="Signed by the shop for who is signed in"),
    ] = None,
) -> Visitor:
    return Visitor(anonymous_id or None, token or None)


async def segments(services: ServicesNow) -> Segments:
    return Segments(services.database, services.clock)


InAppMessagesNow = Annotated[InAppMessages, Depends(in_app_messages)]
StreamsNow = Annotated[Streams, Depends(streams)]
SlotsNow = Annotated[Slots, Depends(slots)]
VisitorNow = Annotated[Visitor, Depends(visitor)]
InterventionsNow = Annotated[Interventions, Depends(interventions)]
LintingNow = Annotated[Linting, Depends(linting)]
PausingNow = Annotated[Pausing, Depends(pausing)]
RolloutsNow = Annotated[Rollouts, Depends(rollouts)]
VersionsNow = Annotated[Versions, Depends(versions)]
ModelsNow = Annotated[Models, Depends(models)]
NoticesNow = Annotated[Notices, Depends(notices)]
AudiencesNow = Annotated[Audiences, Depends(audiences)]
RampsNow = Annotated[Mapping[str, WarmUp], Depends(ramps)]
CouponsNow = Annotated[Coupons, Depends(coupons)]
CatalogueNow = Annotated[Catalogue, Depends(catalogue)]
ErasingNow = Annotated[Erasing, Depends(erasing)]
CustomerExportNow = Annotated[CustomerExport, Depends(customer_export)]
IdentityDeskNow = Annotated[IdentityDesk, Depends(identity_desk)]
InterestsNow = Annotated[Interests, Depends(interests)]
SegmentsNow = Annotated[Segments, Depends(segments)]
PoliciesNow = Annotated[Policies, Depends(policies)]
DraftsNow = Annotated[Drafts, Depends(drafts)]
ReceivingNow = Annotated[Receiving, Depends(receiving)]
HooksNow = Annotated[Hooks, Depends(hooks)]
GroupsNow = Annotated[Groups, Depends(groups)]
CampaignsNow = Annotated[Campaigns, Depends(campaigns)]
TasksNow = Annotated[Tasks, Depends(tasks)]
SegmentWebhooksNow = Annotated[SegmentWebhooks, Depends(segment_webhooks)]
SegmentExportNow = Annotated[SegmentExport, Depends(segment_export)]
CallsNow = Annotated[Calls, Depends(calls)]
BrandNow = Annotated[Brand, Depends(brand)]
ProposingNow = Annotated[Proposing, Depends(proposing)]
TakingNow = Annotated[Taking, Depends(taking)]
TemplateDraftsNow = Annotated[TemplateDrafts, Depends(template_drafts)]
PreviewsNow = Annotated[Previews, Depends(previews)]
SubscriptionsNow = Annotated[Subscriptions, Depends(subscriptions)]
ConfirmationsNow = Annotated[Confirmations, Depends(confirmations)]
DevicesNow = Annotated[Devices, Depends(devices)]
CallbackDeskNow = Annotated[CallbackDesk, Depends(callback_desk)]
ChoicesNow = Annotated[Choices, Depends(choices)]
ConsentsRead = Annotated[Consents, Depends(consents)]
ConsentImportNow = Annotated[ConsentImport, Depends(consent_import)]
SuppressionsNow = Annotated[SuppressionList, Depends(suppression_list)]
ReceiptsNow = Annotated[Receipts, Depends(receipts)]
TokensNow = Annotated[Tokens, Depends(tokens)]
TimelineNow = Annotated[Timeline, Depends(timeline)]
CustomersNow = Annotated[Customers, Depends(customers)]
ExplanationsNow = Annotated[Explanations, Depends(explanations)]
ScoringNow = Annotated[Scoring, Depends(scoring)]
RfmNow = Annotated[RfmScoring, Depends(rfm)]
SimulationsNow = Annotated[Simulations, Depends(simulations)]
LiftingNow = Annotated[Lifting, Depends(lifting)]
CountingNow = Annotated[Counting, Depends(counting)]
JudgingNow = Annotated[Judging, Depends(judging)]
