"""Templates: kept, rendered, sent as a test."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.dependencies import OPERATES, READS, ServicesNow, caller
from api.documents import Document, answer, gives, takes
from api.errors import problems
from api.parameters import Cursor, Digest, IfMatch, Key, Language, Limit, VariantKey
from api.schemas.pages import PageOf
from api.schemas.templates import (
    TEMPLATE,
    Rendered,
    RenderRequest,
    TemplateFindings,
    TemplateItem,
    TemplateVersions,
    TestSendRequest,
    TestSent,
)
from api.use_cases import PreviewsNow
from journeyman.bootstrap import house_routes, routes_of
from journeyman.channels import templates
from journeyman.channels.content.asking import uses_of
from journeyman.channels.content.every import content_of
from journeyman.channels.ports import Accepted
from journeyman.channels.routing import Route, TopicSender
from journeyman.channels.templates import SavedTemplate
from journeyman.customers.consent import TRANSACTIONAL
from journeyman.customers.inbox.json_text import storable
from journeyman.journeys.documents.variants import segment_faults
from journeyman.journeys.previews import Rendered as RenderedMessage
from journeyman.journeys.previews import Sample
from journeyman.kit.errors import ConflictError, Fault, InvalidError
from journeyman.kit.pagination import page_of, read_cursor

OfDraft = Annotated[bool, Query(description="Show the template's draft in place of the template")]
Transactional = Annotated[bool, Query(description="The journey is no marketing, and needs no way out")]

router = APIRouter(prefix="/v1/templates", tags=["templates"], responses=problems(400, 401, 403, 422))
KEPT = {"$ref": "#/components/schemas/KeptTemplate"}


def shown(template: SavedTemplate) -> dict[str, Any]:
    """A template as the API shows it."""
    known = {"key": template.key, "hash": template.hash, "updated_at": template.updated_at.isoformat()}
    return known | template.content.document()


def sender_of(routes: Mapping[str, Route], channel: str) -> TopicSender:
    """The providers of a channel. Raises `ConflictError` where none is set up."""
    if channel not in routes:
        raise ConflictError(f"no provider is set up for the channel `{channel}`")
    return routes[channel].for_topic(TRANSACTIONAL)


@router.get("", response_model=PageOf[TemplateItem], dependencies=[READS])
async def list_templates(services: ServicesNow, limit: Limit = 50, cursor: Cursor = None) -> dict[str, Any]:
    """Every template, by key."""
    (after,) = read_cursor(cursor, str) or (None,)
    rows = await templates.list_templates(services.database, after=after, limit=limit + 1)
    page = page_of(rows, limit, lambda row: (row.key,))
    items = [
        {"channel": row.body["channel"], "subject": content_of(row.body).headline, "key": row.key}
        | {"hash": row.hash, "updated_at": row.updated_at}
        for row in page.items
    ]
    return {"items": items, "next": page.next}


@router.get("/{key}", response_model=None, responses=gives(KEPT, "The template"), dependencies=[READS])
async def read_template(key: Key, request: Request, services: ServicesNow) -> Response:
    """A template, as JSON or as YAML, and what it reads."""
    template, whole = await templates.get(services.database, key), await templates.get_whole(services.database, key)
    return answer(request, {**shown(template), "uses": asdict(uses_of(whole.content))})


@router.put(
    "/{key}",
    response_model=None,
    openapi_extra=takes(TEMPLATE),
    responses=gives(KEPT, "The template") | problems(412, 413, 415),
    dependencies=[OPERATES],
)
async def write_template(
    key: Key, document: Document, request: Request, services: ServicesNow, if_match: IfMatch = None
) -> dict[str, Any]:
    """Keep content, JSON or YAML, from now on; its Liquid, MJML and addresses are checked first.

    With `If-Match` it is kept only in place of the content of that hash.
    """
    if not isinstance(document, dict):
        raise InvalidError("the template cannot be used", [Fault("", "a template is a mapping", "Write `channel:` …")])
    content = templates.read_content(document)
    told = {"actor": caller(request), "instead_of": if_match.strip('"') if if_match is not None else None}
    return shown(
        await templates.save(services.database, key, content, services.clock.now(), check=segment_faults, **told)
    )


@router.get("/{key}/versions", response_model=TemplateVersions, responses=problems(404), dependencies=[READS])
async def list_template_versions(key: Key, services: ServicesNow) -> dict[str, Any]:
    """What the template is and was, the newest first, 200 of them at most."""
    return {"items": [asdict(one) for one in await templates.versions(services.database, key)]}


@router.get(
    "/{key}/versions/{digest}",
    response_model=None,
    responses=gives(KEPT, "The template as it was") | problems(404),
    dependencies=[READS],
)
async def read_template_version(key: Key, digest: Digest, request: Request, services: ServicesNow) -> Response:
    """The template as it was under a hash, as JSON or as YAML; `updated_at` is since when it was at last."""
    return answer(request, shown(await templates.version(services.database, key, digest)))


@router.post(
    "/{key}/versions/{digest}/restore",
    response_model=None,
    responses=gives(KEPT, "The template") | problems(404),
    dependencies=[OPERATES],
)
async def restore_template(key: Key, digest: Digest, request: Request, services: ServicesNow) -> dict[str, Any]:
    """Keep the template as it was under a hash; it is checked anew."""
    now = services.clock.now()
    actor = caller(request)
    return shown(await templates.restore(services.database, key, digest, now, actor=actor, check=segment_faults))


@router.get("/{key}/lint", response_model=TemplateFindings, responses=problems(404), dependencies=[READS])
async def lint_template(key: Key, previews: PreviewsNow, transactional: Transactional = False) -> dict[str, Any]:
    """What is worth a second look in the template. Nothing of it is an error."""
    return {"items": await previews.lint(key, marketing=not transactional)}


@router.post("/{key}/render", response_model=Rendered, responses=problems(404), dependencies=[OPERATES])
async def render_template(
    key: Key,
    sample: RenderRequest,
    previews: PreviewsNow,
    language: Language = None,
    variant: VariantKey = None,
    draft: OfDraft = False,
) -> RenderedMessage:
    """What the template becomes for a sample or for a real customer. Nothing is tracked or sent."""
    told = Sample(**storable(sample.model_dump()), language=language, variant=variant, draft=draft)
    return await previews.render(key, told)


@router.post("/{key}/test-send", response_model=TestSent, responses=problems(404, 409), dependencies=[OPERATES])
async def send_test(
    key: Key, wish: TestSendRequest, previews: PreviewsNow, services: ServicesNow, language: Language = None
) -> Accepted:
    """Send what the template becomes to one address, marked as a test; the ledger does not count it."""
    channel = await previews.channel_of(key)
    routes = {**routes_of(services.settings, services.clock), **house_routes(services)}
    try:
        sender = sender_of(routes, channel)
        sample = Sample(**storable(wish.model_dump(exclude={"to"})), language=language)
        return await previews.test_send(key, sample, wish.to, sender)
    finally:
        for route in routes.values():
            await route.close()
