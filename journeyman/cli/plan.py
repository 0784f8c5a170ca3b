"""The difference between documents in files and in a running Journeyman, and how to do away with it."""

import difflib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any, Literal

from pydantic import ValidationError

from journeyman.channels.blocks.blocks import read_block
from journeyman.channels.content.asking import blocks_in
from journeyman.channels.copywriting.voice import read_voice
from journeyman.cli.documents import Document
from journeyman.cli.remote import Remote
from journeyman.customers.consents.topic import TopicSettings
from journeyman.customers.scoring.definition import read_model
from journeyman.customers.segments.definition import SegmentDocument, kept_form, read_segment
from journeyman.journeys.contact.policies import read_policy
from journeyman.kit.errors import InvalidError
from journeyman.kit.yaml_format import dump_yaml
from journeyman.language.lint import Finding, lint_together
from journeyman.language.validation import DefinitionError, parse

Verdict = Literal["create", "change", "publish", "same"]
# What the API adds to the content of a template or a block.
KNOWN_OF_TEMPLATES = frozenset({"key", "hash", "created_at", "updated_at", "used_by", "uses"})
CONTACT_POLICY = "contact-policy"
BRAND = "brand"
KNOWN_OF_TOPICS = frozenset({"key", "updated_at"})
KNOWN_OF_SEGMENTS = frozenset({"key", "created_at", "updated_at", "built_at"})


@dataclass(frozen=True, slots=True)
class Change:
    """What is to happen to one document; `difference` is a unified diff, empty where there is none.

    `publish` means that the draft is as it should be and is not what newcomers get.
    """

    document: Document
    verdict: Verdict
    difference: str


async def make_plan(remote: Remote, documents: Sequence[Document]) -> list[Change]:
    """Raises `InvalidError` for a document that cannot be, before anything is asked."""
    wanted = [(document, normal(document)) for document in in_order(documents)]
    live = {item["key"] async for item in remote.items("/v1/journeys") if item["state"] == "live"}
    return [await _judge(remote, document, body, live) for document, body in wanted]


def in_order(documents: Sequence[Document]) -> list[Document]:
    """The documents with each segment and block behind those that it names. Raises `InvalidError` for a circle."""
    segments = {document.key: document for document in documents if document.kind == "segments"}
    named = {key: sorted(_segment(document).named & segments.keys()) for key, document in segments.items()}
    ordered = iter(_behind(named, "segments speak of"))
    blocks = iter(_blocks_in_order(documents))
    return [
        segments[next(ordered)] if one.kind == "segments" else next(blocks) if one.kind == "blocks" else one
        for one in documents
    ]


def _blocks_in_order(documents: Sequence[Document]) -> list[Document]:
    """The blocks with each behind those that it renders."""
    blocks = {document.key: document for document in documents if document.kind == "blocks"}
    named = {key: sorted(blocks_in(read_block(one.body)) & blocks.keys()) for key, one in blocks.items()}
    return [blocks[key] for key in _behind(named, "blocks render")]


def _behind(named: dict[str, list[str]], saying: str) -> list[str]:
    """Each key behind those that it names. Raises `InvalidError` for a circle."""
    try:
        return list(TopologicalSorter(named).static_order())
    except CycleError as error:
        raise InvalidError(f"{saying} one another in a circle: {', '.join(error.args[1])}") from None


async def _judge(remote: Remote, document: Document, wanted: dict[str, Any], live: set[str]) -> Change:
    change = compare(document, wanted, await remote.find(document.path))
    if change.verdict != "same" or document.kind != "journeys":
        return change
    if document.key in live and not (await _publish(remote, document, dry_run=True))["is_new"]:
        return change
    return Change(document, "publish", "")


async def look_at(remote: Remote, documents: Sequence[Document], plan: Sequence[Change]) -> list[Finding]:
    """What lint finds in journeys that are new or changed, and in them together with all the others that are live."""
    mine = {document.key: parse(document.body) for document in documents if document.kind == "journeys"}
    live = [item["key"] async for item in remote.items("/v1/journeys") if item["state"] in {"live", "paused"}]
    others = [parse(await remote.get(f"/v1/journeys/{key}")) for key in live if key not in mine]
    written = next((one.body for one in documents if (one.kind, one.key) == ("settings", CONTACT_POLICY)), None)
    policy = read_policy(written if written is not None else await remote.get("/v1/settings/contact-policy"))
    concerned = {one.document.key for one in plan if one.document.kind == "journeys" and one.verdict != "same"} | {""}
    return [one for one in lint_together([*mine.values(), *others], policy) if one.journey in concerned]


async def apply_plan(remote: Remote, plan: Sequence[Change]) -> None:
    """Write every draft that differs, then publish every journey that differs. Those inside stay where they are."""
    for change in plan:
        if change.verdict in {"create", "change"}:
            await remote.put(change.document.path, change.document.body)
    for change in plan:
        if change.document.kind == "journeys" and change.verdict != "same":
            await _publish(remote, change.document, dry_run=False)


def compare(document: Document, wanted: dict[str, Any], found: dict[str, Any] | None) -> Change:
    """What is to happen to a document that is to be `wanted`, and that the API has as `found`."""
    if found is None:
        return Change(document, "create", _difference(document, {}, wanted))
    there = normal(Document(document.kind, document.key, found))
    if there == wanted:
        return Change(document, "same", "")
    return Change(document, "change", _difference(document, there, wanted))


def normal(document: Document) -> dict[str, Any]:
    """A document in the one form in which two can be compared."""
    if document.kind in {"templates", "blocks"}:
        return {name: part for name, part in sorted(document.body.items()) if _is_content(name, part)}
    if document.kind == "settings":
        return _setting(document)
    if document.kind == "topics":
        return _topic(document)
    if document.kind == "segments":
        return kept_form(_segment(document))
    if document.kind == "scores":
        return _score(document)
    try:
        return parse(document.body).to_document()
    except DefinitionError as error:
        raise InvalidError(f"{document.kind}/{document.key}: {error}") from error


def _setting(document: Document) -> dict[str, Any]:
    """One of the settings that are documents."""
    if document.key == BRAND:
        with _naming(document):
            return read_voice(document.body).model_dump(mode="json", exclude_unset=True)
    if document.key != CONTACT_POLICY:
        names = f"{CONTACT_POLICY}.yaml or {BRAND}.yaml"
        raise InvalidError(f"settings/{document.key}: there is no such setting; name the file {names}")
    with _naming(document):
        return read_policy(document.body).model_dump(mode="json", by_alias=True, exclude_unset=True)


def _topic(document: Document) -> dict[str, Any]:
    """A topic's settings, with those that are left out."""
    given = {name: part for name, part in document.body.items() if name not in KNOWN_OF_TOPICS}
    try:
        return TopicSettings.model_validate(given).model_dump(mode="json")
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InvalidError(f"topics/{document.key}: {place}: {first['msg']}") from error


def _segment(document: Document) -> SegmentDocument:
    given = {name: part for name, part in document.body.items() if name not in KNOWN_OF_SEGMENTS}
    with _naming(document):
        return read_segment(given)


def _score(document: Document) -> dict[str, Any]:
    with _naming(document):
        return read_model({"score": document.key, **document.body}).document()


@contextmanager
def _naming(document: Document) -> Iterator[None]:
    """A mistake is told with the document and the place in which it stands."""
    try:
        yield
    except InvalidError as error:
        faults = "; ".join(f"{fault.pointer}: {fault.detail}" for fault in error.faults)
        raise InvalidError(f"{document.kind}/{document.key}: {faults or error.detail}", error.faults) from error


def _is_content(name: str, part: object) -> bool:
    return name not in KNOWN_OF_TEMPLATES and part is not None


async def _publish(remote: Remote, document: Document, *, dry_run: bool) -> dict[str, Any]:
    """Those inside stay. `is_new` tells whether newcomers get another version than before."""
    answer: dict[str, Any] = await remote.post(f"{document.path}/publish", {"inside": "stay", "dry_run": dry_run})
    return answer


def _difference(document: Document, there: dict[str, Any], wanted: dict[str, Any]) -> str:
    before, after = (dump_yaml(body).splitlines() if body else [] for body in (there, wanted))
    name = f"{document.kind}/{document.key}"
    return "\n".join(difflib.unified_diff(before, after, f"{name} (running)", f"{name} (file)", lineterm=""))
