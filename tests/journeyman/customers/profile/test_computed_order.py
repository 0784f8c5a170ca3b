"""Whatever the order in which events come and documents are merged, the document is the same to the byte."""

import random
from datetime import UTC, datetime
from functools import reduce

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from journeyman.customers.profile.computed import Document, Event, merge, public, rebuild, tally
from tests.journeyman.customers.profile.histories import anything, crowded, events, histories, text_of


@given(histories, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_order_does_not_show(history: list[Event], chance: random.Random) -> None:
    shuffled = chance.sample(history, len(history))
    assert text_of(rebuild(shuffled)) == text_of(rebuild(history))


@given(histories, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_grouping_does_not_show(history: list[Event], chance: random.Random) -> None:
    assert text_of(_merged(history, chance)) == text_of(rebuild(history))


@given(crowded(names=300, length=200), st.randoms(use_true_random=False))
@settings(max_examples=10, deadline=None)
def test_full_tables_do_not_show_order_either(history: list[Event], chance: random.Random) -> None:
    whole = text_of(rebuild(history))
    assert text_of(rebuild(chance.sample(history, len(history)))) == whole
    assert text_of(_merged(history, chance)) == whole


@given(crowded(names=300, length=200))
@settings(max_examples=10, deadline=None)
def test_a_tally_is_exact_or_unknown(history: list[Event]) -> None:
    document = rebuild(history)
    unknown = 0
    for name in {name for name, *_ in history} | {"Never Seen"}:
        found = tally(document, name)
        unknown += found is None
        assert found is None or found[0] == sum(1 for one in history if one[0] == name)
    assert unknown < len(document["_"]["e"]) or not document["_"]["x"]


@given(histories, histories)
@settings(max_examples=50, deadline=None)
def test_merging_changes_neither(history: list[Event], other_history: list[Event]) -> None:
    one, other = rebuild(history), rebuild(other_history)
    before = text_of(one), text_of(other)
    merged = merge(one, other)
    rebuilt = text_of(merged)
    for document in (one, other):
        _spoil(document)
    assert text_of(merged) == rebuilt
    assert before == (text_of(rebuild(history)), text_of(rebuild(other_history)))


def test_a_document_stays_small() -> None:
    history: list[Event] = []
    at = datetime(2026, 3, 2, tzinfo=UTC)
    for number in range(3000):
        name = f'"{number:04}" ' + "ä" * 28
        products = [{"category": name, "quantity": 1e9, "price": 1e9}] * 3
        history.append((name, at, {"channel": name}, {"sessionId": number, "device": {"type": "ios"}}))
        history.append(("Order Completed", at, {"revenue": 1e9, "products": products, "channel": name}, {}))
    document = rebuild(history)
    assert len(orjson.dumps(document)) < 8192
    assert set(document["_"]["x"]) == {"e", "c", "g"}


@given(anything, events)
@settings(max_examples=60, deadline=None)
def test_nothing_that_comes_in_is_too_much(found: object, event: Event) -> None:
    name, at, properties, context = event
    strange = dict.fromkeys(("revenue", "products", "channel", "session_id", "coupon", "discount", "total"), found)
    document = rebuild(
        [event, ("Order Completed", at, strange, {"device": found}), (name, at, {**properties}, context)]
    )
    orjson.dumps(document)
    assert "_" not in public(document)


def _merged(history: list[Event], chance: random.Random) -> Document:
    """Events dealt out among some people who turn out to be one, in some order, by twos."""
    hands: list[list[Event]] = [[] for _ in range(chance.randint(1, 4))]
    for event in history:
        chance.choice(hands).append(event)
    documents = [rebuild(chance.sample(hand, len(hand))) for hand in hands]
    while len(documents) > 1 and chance.random() < 0.7:
        documents.append(merge(documents.pop(chance.randrange(len(documents))), documents.pop(0)))
    return reduce(merge, documents, {})


def _spoil(document: Document) -> None:
    for inner in document.get("_", {}).values():
        if isinstance(inner, dict | list):
            inner.clear()
