"""Histories of customers, sound and unsound, for hypothesis to choose from."""

from datetime import UTC, datetime
from typing import Any

import orjson
from hypothesis import strategies as st

from journeyman.customers.profile.computed import Document, Event

AGENTS = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/141 Safari/537.36",
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) Chrome/141 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; Android 15; SM-X910) Chrome/141 Safari/537.36",
    "curl/8.5.0",
]
NAMES = ["Order Completed", "Order Refunded", "Page Viewed", "Product Viewed", "Email Opened", "Identified"]

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
figures = st.one_of(
    st.decimals(min_value=-20, max_value=1000, places=2).map(float),
    st.decimals(min_value=0, max_value=1000, places=2).map(str),
    st.sampled_from([1e9, 999_999_999.999999, "1e5", "nan", True]),
    anything,
)
words = st.sampled_from(["Games", "Books", "Toys", "Zoo", 'The "best"', "Ünder"]) | st.text(max_size=70)


def _documents(known: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=known)


products = _documents(
    {"price": figures, "quantity": figures, "category": words | anything, "coupon": words, "discount": figures}
)
properties = _documents(
    {
        "revenue": figures,
        "total": figures,
        "products": st.lists(products | anything, max_size=4) | anything,
        "discount": figures,
        "coupon": words | anything,
        "channel": st.sampled_from(["pos", " WEB ", ""]) | anything,
        "session_id": st.integers(0, 100) | anything,
        "quantity": figures,
    }
)
contexts = _documents(
    {
        "device": _documents({"type": st.sampled_from(["ios", "Tablet", "fridge"]) | anything, "model": words})
        | anything,
        "userAgent": st.sampled_from(AGENTS) | anything,
        "channel": words | anything,
        "campaign": _documents({"medium": words | anything}) | anything,
        "page": anything,
        "sessionId": st.integers(0, 200) | anything,
    }
)
instants = st.datetimes(datetime(1970, 1, 2), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - its zone follows
events: st.SearchStrategy[Event] = st.tuples(
    st.sampled_from(NAMES) | st.text(min_size=1, max_size=80), instants, properties, contexts
)
histories = st.lists(events, max_size=25)


def crowded(names: int, length: int) -> st.SearchStrategy[list[Event]]:
    """Histories with more names of events, channels, categories and sessions than there is room for."""
    number = st.integers(0, names)
    many = st.builds(
        lambda one, other, at: (
            "Order Completed" if one % 3 == 0 else f"{'long ' * (one % 9)}{one}",
            at,
            {"revenue": one, "channel": f"channel {other}", "products": [{"category": f"{'c' * (other % 40)}{one}"}]},
            {"sessionId": other},
        ),
        number,
        number,
        instants,
    )
    return st.lists(many, min_size=length, max_size=length)


def text_of(document: Document) -> bytes:
    """The document's bytes. PostgreSQL does not keep the order of keys, and so it is none of a document's content."""
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
