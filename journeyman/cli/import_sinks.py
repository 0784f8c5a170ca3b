"""Where an import sends to beside the inbox: the HTTP API, and the catalogue."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from journeyman.catalog.coupons.codes import is_sound
from journeyman.customers.imports.calls import Document
from journeyman.customers.imports.sinks import Stored, reason_of
from journeyman.customers.inbox.json_text import dump
from journeyman.kit.errors import InvalidError

if TYPE_CHECKING:
    from journeyman.catalog.catalogue import Catalogue

REQUEST_BYTES = 400 * 1024
"""A request of `/v1/batch` may have 500 KB."""

Post = Callable[[object], Awaitable[Any]]


class BatchSink:
    """Sends calls to `POST /v1/batch`, as many at once as a request may hold.

    What tells of consent goes to `POST /v1/imports`, which asks for a key that may record it; so does everything where
    the file `says_consent`.
    """

    def __init__(self, post: Callable[[str, object], Awaitable[Any]], *, says_consent: bool = False) -> None:
        self._post = post
        self._says_consent = says_consent

    async def store(self, documents: Sequence[Document]) -> Stored:
        """Sent again after a refusal for now, calls that an earlier request has stored are not stored twice."""
        stored = Stored(0)
        for start, part in parts(documents):
            refused = await self._send(part)
            stored.refused += [(start + place, reason) for place, reason in refused.items()]
            stored.new += len(part) - len(refused)
        return stored

    async def _send(self, part: Sequence[Document]) -> dict[int, str]:
        path = "/v1/imports" if self._says_consent or any("consents" in one for one in part) else "/v1/batch"
        try:
            answer = await self._post(path, {"batch": part})
        except InvalidError as error:
            # Not one of them was good: the faults name each by its place.
            return {int(fault.pointer.split("/")[2]): f"{fault.detail} {fault.mend}" for fault in error.faults}
        return {one["index"]: f"{one['pointer']} {one['detail']} {one['mend']}" for one in answer.get("errors", ())}


class ProductSink:
    """Sends products to `POST /v1/products`."""

    def __init__(self, post: Post) -> None:
        self._post = post

    async def store(self, documents: Sequence[Document]) -> Stored:
        """A product that is there already, with the same in it, counts as repeated."""
        stored = Stored(0)
        for start, part in parts(documents):
            try:
                answer = await self._post({"products": part})
            except InvalidError as error:
                refused = {int(fault.pointer.split("/")[2]): f"{fault.detail} {fault.mend}" for fault in error.faults}
            else:
                stored.new += answer["created"] + answer["changed"]
                refused = {one["index"]: f"{one['pointer']} {one['detail']} {one['mend']}" for one in answer["errors"]}
            stored.refused += [(start + place, reason) for place, reason in refused.items()]
        return stored


class CatalogueSink:
    """Puts products into the catalogue, within this process."""

    def __init__(self, catalogue: "Catalogue") -> None:
        self._catalogue = catalogue

    async def store(self, documents: Sequence[Document]) -> Stored:
        """As `ProductSink.store`."""
        upserted = await self._catalogue.upsert(documents)
        refused = [(place, reason_of(refusal)) for place, refusal in upserted.refusals]
        return Stored(upserted.created + upserted.changed, refused)


class CouponSink:
    """Brings codes into a pool by `add`, which is given the codes of one tier and tells how many are new."""

    def __init__(self, add: Callable[[Sequence[str], str | None], Awaitable[int]]) -> None:
        self._add = add

    async def store(self, documents: Sequence[Document]) -> Stored:
        """Codes that are in the pool already count as repeated."""
        refused = [(place, "this is no code") for place, one in enumerate(documents) if not is_sound(one["code"])]
        bad = {place for place, _ in refused}
        tiers: dict[str | None, list[str]] = {}
        for place, one in enumerate(documents):
            if place not in bad:
                tiers.setdefault(one["tier"], []).append(one["code"])
        return Stored(sum([await self._add(codes, tier) for tier, codes in tiers.items()]), refused)


def parts(documents: Sequence[Document]) -> Iterator[tuple[int, Sequence[Document]]]:
    """The documents in pieces of at most `REQUEST_BYTES`, each with the place of its first."""
    start, size = 0, 0
    if not documents:
        return
    for place, document in enumerate(documents):
        more = len(dump(document)) + 1
        if size + more > REQUEST_BYTES and place > start:
            yield start, documents[start:place]
            start, size = place, 0
        size += more
    yield start, documents[start:]
