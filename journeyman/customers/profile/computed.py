"""A customer's computed attributes: what her events come to, kept by folding each one in.

The document is the same whatever the order in which events come, and however documents of the same person are merged,
so that what was kept event by event equals what a rebuild from the store gives. Everything is a sum, an extreme, or a
bounded table that depends on the names met alone (`bounded`); no event takes more than itself to be folded in.

The figures under `_` are what the others are made from, and nobody else's:

`e` events: name -> [how many, first, last], in microseconds since 1970
`h` `w` events by hour and by weekday, UTC
`d` `c` events by device and by channel
`s` digests of sessions
`r` `f` `q` revenue, refunds and items in millionths
`p` orders with a discount
`g` bought quantities by category, in millionths
`x` the edges of the tables `e`, `c` and `g` that had no room for more; with none for `e`, every name is in it
"""

from collections.abc import Collection, Iterable, Mapping
from copy import deepcopy
from datetime import datetime
from typing import Any, Final

from journeyman.customers.profile import sessions
from journeyman.customers.profile.bounded import BEYOND_ALL, favourite, is_beyond, is_keepable, trim, united
from journeyman.customers.profile.figures import UNITS, add, shown
from journeyman.customers.profile.orders import read_order, read_refund
from journeyman.customers.profile.places import channel_of, device_of, session_of
from journeyman.language.calendar import WEEKDAYS
from journeyman.language.channels import RECEIPTS
from journeyman.language.instants import microseconds

Document = dict[str, Any]
Event = tuple[str, datetime, Mapping[str, Any], Mapping[str, Any]]
"""Name, event time, properties and context."""

ORDERED: Final = "Order Completed"
REFUNDED: Final = "Order Refunded"
VIEWED: Final = frozenset({"Page Viewed", "Screen Viewed"})
NOT_HERS: Final = frozenset(
    {
        *(name for name, moment in RECEIPTS.items() if moment in {"delivered", "opened", "bounced", "complained"}),
        "Consent Expired",
        "Entry Requested",
        "Score Threshold Reached",
        "Score Threshold Lost",
        "Score Band Changed",
        "Segment Entered",
        "Segment Left",
    }
)
"""What happens without her doing: it is counted, but she was not seen. Mail programs open mails by themselves."""

_OF_ORDERS: Final = frozenset(
    {
        *("orders", "revenue", "net_revenue", "refunded", "items", "average_order", "basket_size", "discount_share"),
        *("orders_by_month", "first_order_at", "last_order_at", "top_categories"),
    }
)

TOP: Final = 5
NEVER: Final = (0, 0, 0)
_ROOM: Final = {"e": (4500, 47), "c": (300, 12), "g": (1200, 23)}
"""Bytes for each bounded table, and what an entry costs beside its name."""


def fold(
    document: Document,
    name: str,
    at: datetime,
    at_us: int,
    properties: Mapping[str, Any],
    context: Mapping[str, Any],
) -> None:
    """Count one event into the document, in place. `at` is in UTC, and `at_us` the same in microseconds since 1970."""
    inner = document.get("_") or _begin(document)
    _tally(inner, name, at_us)
    if name in NOT_HERS:
        return
    text = _written(at)
    _see(document, inner, at, text)
    _place(document, inner, properties, context)
    if name == ORDERED:
        _order(document, inner, at, text, properties)
    elif name == REFUNDED:
        inner["f"] = add(inner["f"], read_refund(properties))
        _show_revenue(document, inner)
    elif name in VIEWED:
        document["page_views"] += 1


def changeable(computed: frozenset[str], names: Collection[str]) -> frozenset[str]:
    """Those of these computed attributes that may get another value by an event of one of these names."""
    others = set[str]()
    if not (ORDERED in names or REFUNDED in names):
        others |= _OF_ORDERS
    if VIEWED.isdisjoint(names):
        others.add("page_views")
    return computed - others


def merge(one: Document, other: Document) -> Document:
    """The document of two customers who are one; neither is changed."""
    if "_" not in one or "_" not in other:
        return deepcopy(one if "_" in one else other)
    merged: Document = {"_": _merge_inner(one["_"], other["_"])}
    for key in ("orders", "page_views"):
        merged[key] = one[key] + other[key]
    for key, choose in (("first_seen_at", min), ("first_order_at", min), ("last_seen_at", max), ("last_order_at", max)):
        if found := [document[key] for document in (one, other) if key in document]:
            merged[key] = choose(found)
    months = [document["orders_by_month"] for document in (one, other) if "orders_by_month" in document]
    if months:
        merged["orders_by_month"] = [sum(pair) for pair in zip(*months, strict=True)]
    _show_all(merged, merged["_"])
    return merged


def rebuild(events: Iterable[Event]) -> Document:
    """The document from nothing."""
    document: Document = {}
    for name, at, properties, context in events:
        fold(document, name, at, microseconds(at), properties, context)
    return document


def public(document: Mapping[str, Any]) -> Document:
    """What others may see: all but the figures that the rest is made from."""
    return {key: value for key, value in document.items() if key != "_"}


def tally(document: Mapping[str, Any], name: str) -> tuple[int, int, int] | None:
    """How many events of that name there are, when the first was and when the last, in microseconds since 1970.

    `NEVER` where there are none for certain; None where the document does not know and the store has to be asked.
    """
    inner = document.get("_")
    if inner is None:
        return None
    found = inner["e"].get(name)
    if found is not None:
        return (found[0], found[1], found[2])
    edges = inner["x"]
    known = not is_beyond(edges, "e", name) if is_keepable(name) else "e" not in edges
    return NEVER if known else None


def _begin(document: Document) -> Document:
    for key in ("orders", "revenue", "refunded", "net_revenue", "items", "page_views"):
        document[key] = 0
    inner: Document = {"e": {}, "h": [0] * 24, "w": [0] * 7, "d": {}, "c": {}, "s": [], "g": {}, "x": {}}
    inner |= {"r": 0, "f": 0, "q": 0, "p": 0}
    document["_"] = inner
    return inner


def _written(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")[:26] + "Z"


def _tally(inner: Document, name: str, at_us: int) -> None:
    entry = inner["e"].get(name)
    if entry is not None:
        entry[0] += 1
        if at_us < entry[1]:
            entry[1] = at_us
        elif at_us > entry[2]:
            entry[2] = at_us
    elif not is_keepable(name):
        inner["x"].setdefault("e", BEYOND_ALL)
    elif not is_beyond(inner["x"], "e", name):
        inner["e"][name] = [1, at_us, at_us]
        _trim(inner, "e")


def _see(document: Document, inner: Document, at: datetime, text: str) -> None:
    if text < document.get("first_seen_at", "~"):
        document["first_seen_at"] = text
    if text > document.get("last_seen_at", ""):
        document["last_seen_at"] = text
    hours, hour = inner["h"], at.hour
    hours[hour] += 1
    inner["w"][at.weekday()] += 1
    # What has just grown is the favourite, or the one before still is: looking through all takes longer.
    best = document.get("favourite_hour")
    if best is None or hours[hour] > hours[best] or (hours[hour] == hours[best] and hour < best):
        document["favourite_hour"] = hour
    document["favourite_weekday"] = _weekday(inner)


def _place(document: Document, inner: Document, properties: Mapping[str, Any], context: Mapping[str, Any]) -> None:
    if device := device_of(context):
        devices = inner["d"]
        devices[device] = devices.get(device, 0) + 1
        document["favourite_device"] = device if len(devices) == 1 else favourite(devices)
    if channel := channel_of(properties, context):
        _count(inner, "c", channel, 1)
        channels = inner["c"]
        document["favourite_channel"] = channel if len(channels) == 1 and channel in channels else favourite(channels)
    digest = session_of(properties, context)
    if digest is not None and sessions.note(inner["s"], digest):
        document["sessions"] = sessions.number(inner["s"])


def _order(document: Document, inner: Document, at: datetime, text: str, properties: Mapping[str, Any]) -> None:
    order = read_order(properties)
    inner["r"] = add(inner["r"], order.revenue)
    inner["q"] = add(inner["q"], order.items)
    inner["p"] += order.is_discounted
    for category, quantity in order.categories.items():
        _count(inner, "g", category, quantity)
    document["orders"] += 1
    # A list of its own: who has kept the one before sees that this is another.
    document["orders_by_month"] = months = list(document.get("orders_by_month") or [0] * 12)
    months[at.month - 1] += 1
    if text < document.get("first_order_at", "~"):
        document["first_order_at"] = text
    if text > document.get("last_order_at", ""):
        document["last_order_at"] = text
    _show_orders(document, inner)


def _count(inner: Document, table: str, name: str, number: int) -> None:
    """Count into a bounded table of sums."""
    content = inner[table]
    if name in content:
        content[name] = add(content[name], number)
    elif not is_beyond(inner["x"], table, name):
        content[name] = number
        _trim(inner, table)


def _trim(inner: Document, table: str) -> None:
    room, each = _ROOM[table]
    trim(inner[table], inner["x"], table, room=room, each=each)


def _show_all(document: Document, inner: Document) -> None:
    _show_revenue(document, inner)
    _show_orders(document, inner)
    if "first_seen_at" in document:
        _show_times(document, inner)
    for key, table in (("favourite_device", "d"), ("favourite_channel", "c")):
        if inner[table]:
            document[key] = favourite(inner[table])
    if inner["s"]:
        document["sessions"] = sessions.number(inner["s"])


def _show_times(document: Document, inner: Document) -> None:
    hours = inner["h"]
    document["favourite_hour"] = hours.index(max(hours))
    document["favourite_weekday"] = _weekday(inner)


def _weekday(inner: Document) -> str:
    weekdays = inner["w"]
    return WEEKDAYS[weekdays.index(max(weekdays))]


def _show_revenue(document: Document, inner: Document) -> None:
    document["revenue"] = shown(inner["r"])
    document["refunded"] = shown(inner["f"])
    document["net_revenue"] = shown(inner["r"] - inner["f"])


def _show_orders(document: Document, inner: Document) -> None:
    orders = document["orders"]
    document["items"] = shown(inner["q"])
    if not orders:
        return
    _show_revenue(document, inner)
    document["average_order"] = shown(inner["r"], orders)
    document["basket_size"] = shown(inner["q"], orders)
    document["discount_share"] = shown(inner["p"] * UNITS, orders)
    if bought := inner["g"]:
        document["top_categories"] = sorted(bought, key=lambda name: (-bought[name], name))[:TOP]


def _merge_inner(one: Document, other: Document) -> Document:
    inner: Document = {key: one[key] + other[key] for key in ("p",)}
    inner |= {key: add(one[key], other[key]) for key in ("r", "f", "q")}
    inner |= {key: [sum(pair) for pair in zip(one[key], other[key], strict=True)] for key in ("h", "w")}
    inner["s"] = sorted({*one["s"], *other["s"]})[: sessions.KEPT]
    inner["d"] = united(one["d"], other["d"], None, add)
    inner["x"] = {}
    for table, adding in (("e", _add_tallies), ("c", add), ("g", add)):
        edge = min((side["x"][table] for side in (one, other) if table in side["x"]), default=None)
        if edge is not None:
            inner["x"][table] = edge
        inner[table] = united(one[table], other[table], edge, adding)
        _trim(inner, table)
    inner["e"] = {name: list(entry) for name, entry in inner["e"].items()}
    return inner


def _add_tallies(one: list[int], other: list[int]) -> list[int]:
    return [one[0] + other[0], min(one[1], other[1]), max(one[2], other[2])]
