"""`journeyman import`: customers, events, products and coupon codes out of files."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from journeyman.cli.errors import FAILED
from journeyman.cli.import_progress import Progress
from journeyman.cli.remote import connect
from journeyman.cli.settings import AsJson, read_settings
from journeyman.kit.errors import DomainError

if TYPE_CHECKING:
    from journeyman.customers.imports.calls import Kind
    from journeyman.customers.imports.checkpoint import Tally
    from journeyman.customers.imports.order import Order
    from journeyman.customers.imports.sinks import Sink

app = typer.Typer(
    help="Import files: CSV, JSON Lines (both also as .gz) and Parquet. Cut off, an import goes on where it was.",
    no_args_is_help=True,
)

File = Annotated[
    Path, typer.Argument(help="A .csv, .tsv, .jsonl, .ndjson or .parquet file.", metavar="FILE", show_default=False)
]
Map = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="COLUMN=FIELD[:TYPE]",
        help="Where a column goes, and its type: text, number, boolean or json. `COLUMN=` leaves it out. Repeatable.",
    ),
]
Batch = Annotated[int, typer.Option(min=1, max=10_000, help="Rows that are stored at a time.")]
ProductBatch = Annotated[int, typer.Option(min=1, max=1000, help="Products that are stored at a time.")]
RejectsFile = Annotated[
    Path | None, typer.Option("--rejects", metavar="FILE", help="Where rows go that are not taken, with the reason.")
]
SourceName = Annotated[
    str,
    typer.Option("--source", help="What the rows count under, each once. The file's name if left out."),
]
Live = Annotated[
    bool, typer.Option("--live", help="Let journeys start on the rows: without it they are history, and none does.")
]
PoolKey = Annotated[str, typer.Option("--pool", help="The coupon pool's key.", metavar="KEY", show_default=False)]
EventName = Annotated[str, typer.Option("--event", help="The events' name, where no column has it.")]
ToUrl = Annotated[
    str,
    typer.Option(
        "--url", envvar="JOURNEYMAN_URL", help="Address of an API to send to; without it, straight into the database."
    ),
]
IngestKey = Annotated[
    str, typer.Option("--key", envvar="JOURNEYMAN_KEY", help="With --url: a key of the role ingest or admin.")
]

OperatorKey = Annotated[
    str, typer.Option("--key", envvar="JOURNEYMAN_KEY", help="With --url: a key of the role operator or admin.")
]


@app.command("customers")
def import_customers(
    file: File,
    mapping: Map = None,
    source: SourceName = "",
    batch: Batch = 1000,
    rejects: RejectsFile = None,
    live: Live = False,
    url: ToUrl = "",
    key: IngestKey = "",
    as_json: AsJson = False,
) -> None:
    """Customers, a row each: `user_id` or `anonymous_id`, and columns that become attributes.

    `timestamp` says when it was so; columns `consent.email`, `consent.<topic>` with yes or no become consent.
    """
    _import(_order("customers", file, mapping, source, batch, rejects, live=live), url, key, as_json=as_json)


@app.command("events")
def import_events(
    file: File,
    mapping: Map = None,
    event: EventName = "",
    source: SourceName = "",
    batch: Batch = 1000,
    rejects: RejectsFile = None,
    live: Live = False,
    url: ToUrl = "",
    key: IngestKey = "",
    as_json: AsJson = False,
) -> None:
    """Events, a row each: `event`, `user_id` or `anonymous_id`, `timestamp`, and columns that become properties.

    Rows of JSON Lines with a `type` of the Segment spec are taken as they are.
    """
    order = _order("events", file, mapping, source, batch, rejects, live=live, event=event)
    _import(order, url, key, as_json=as_json)


@app.command("products")
def import_products(
    file: File,
    mapping: Map = None,
    source: SourceName = "",
    batch: ProductBatch = 500,
    rejects: RejectsFile = None,
    url: ToUrl = "",
    key: OperatorKey = "",
    as_json: AsJson = False,
) -> None:
    """Products, a row each: `id` and what the catalogue knows of it; other columns become the product's own fields.

    What a row leaves out stays as it is. Several categories are parted by `|`.
    """
    _import(_order("products", file, mapping, source, batch, rejects, live=True), url, key, as_json=as_json)


@app.command("coupons")
def import_coupons(
    file: File,
    pool: PoolKey,
    mapping: Map = None,
    batch: Batch = 1000,
    rejects: RejectsFile = None,
    url: ToUrl = "",
    key: OperatorKey = "",
    as_json: AsJson = False,
) -> None:
    """Codes for a coupon pool, a row each: `code`, and `tier` where the pool has tiers. Known ones stay as they are."""
    _import(_order("coupons", file, mapping, pool, batch, rejects, live=True), url, key, as_json=as_json)


def _order(
    kind: "Kind",
    file: Path,
    mapping: list[str] | None,
    source: str,
    batch: int,
    rejects: Path | None,
    *,
    live: bool,
    event: str = "",
) -> "Order":
    from journeyman.customers.imports.order import Order  # noqa: PLC0415 - only these commands need it

    return Order(kind, file, tuple(mapping or ()), source or file.name, batch, rejects, live, event or None)


def _import(order: "Order", url: str, key: str, *, as_json: bool) -> None:
    try:
        tally = asyncio.run(_carry_out(order, url, key, shown=not as_json))
    except KeyboardInterrupt:
        raise DomainError(f"interrupted; the same command goes on from {order.checkpoint}") from None
    if as_json:
        print(json.dumps({**tally.model_dump(), "rejects": str(order.rejects_file) if tally.rejected else None}))
    else:
        _sum_up(order, tally)
    if tally.rows and tally.rejected == tally.rows:
        raise typer.Exit(FAILED)


def _sum_up(order: "Order", tally: "Tally") -> None:
    repeated = f", {tally.repeated:,} were there already" if tally.repeated else ""
    rejected = f", {tally.rejected:,} rejected: see {order.rejects_file}" if tally.rejected else ""
    print(f"{tally.rows:,} rows: {tally.stored:,} stored{repeated}{rejected}")


async def _carry_out(order: "Order", url: str, key: str, *, shown: bool) -> "Tally":
    async with _sink(order, url, key) as sink:
        importing = order.begin(sink)
        with Progress(order.file.name, importing, shown=shown) as progress:
            return await importing.run(progress.tell)


@asynccontextmanager
async def _sink(order: "Order", url: str, key: str) -> AsyncIterator["Sink"]:
    from journeyman.cli.import_sinks import BatchSink, CouponSink, ProductSink  # noqa: PLC0415 - as above

    if not url:
        async with _sink_here(order) as sink:
            yield sink
        return
    async with connect(url, key) as remote:
        if order.kind == "products":
            yield ProductSink(partial(remote.post, "/v1/products"))
        elif order.kind == "coupons":
            path = f"/v1/coupons/{order.source}"

            async def add(codes: Sequence[str], tier: str | None) -> int:
                return int((await remote.post(path, {"codes": [*codes], "tier": tier}))["added"])

            yield CouponSink(add)
        else:
            yield BatchSink(remote.post, says_consent=order.says_consent())


@asynccontextmanager
async def _sink_here(order: "Order") -> AsyncIterator["Sink"]:
    from journeyman.bootstrap import build  # noqa: PLC0415 - as above
    from journeyman.catalog.catalogue import Catalogue  # noqa: PLC0415 - as above
    from journeyman.catalog.coupons.coupons import Coupons  # noqa: PLC0415 - as above
    from journeyman.cli.import_sinks import CatalogueSink, CouponSink  # noqa: PLC0415 - as above
    from journeyman.customers.imports.sinks import InboxSink  # noqa: PLC0415 - as above

    services = build(read_settings())
    catalogue = Catalogue(services.database, services.clock, services.settings.low_stock_threshold)
    coupons = Coupons(services.database, services.clock)

    async def add(codes: Sequence[str], tier: str | None) -> int:
        return (await coupons.add(order.source, codes, tier)).added

    try:
        if order.kind == "coupons":
            yield CouponSink(add)
        else:
            is_products = order.kind == "products"
            yield CatalogueSink(catalogue) if is_products else InboxSink(services.inbox, services.clock)
    finally:
        await services.close()
