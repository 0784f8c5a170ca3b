"""Customers and conditions as hypothesis makes them up.

Both draw from the same few names and values, so that most comparisons have something to compare, and about one in
four meets something nasty instead: another type, a path that leads nowhere, text that only looks like an instant.
"""

from datetime import timedelta, timezone
from functools import partial
from typing import Any

from hypothesis import strategies as st

from journeyman.language.comparisons import OPERATORS
from journeyman.language.defined import STAGES
from journeyman.language.standing import RFM_GROUPS
from tests.journeyman.journeys.populations.people import (
    FATES,
    MAILBOXES,
    MODELS,
    NOON,
    NUMBERS_OF_PHONES,
    PRODUCTS,
    Mail,
    Person,
    Stay,
    some_state,
)

Any_ = st.SearchStrategy[Any]

DISTANCES = tuple(
    timedelta(**part)
    for part in (
        {},
        {"microseconds": 1},
        {"microseconds": -1},
        *({"hours": hours} for hours in (1, -1)),
        *({"days": days} for days in (1, -1, 6, 7, -6, -7, -8, 400, -400)),
    )
)
DURATIONS = ("1h", "1d", "7d", "P1D", "1d12h", "2w")
NO_INSTANTS = (
    *("2026-03-01", "2026-03-01T12:00:00", "2026-03-01T12:00Z", "2026-02-29T12:00:00Z", "2026-03-01T24:00:00Z"),
    *("2026-03-01T12:00:60Z", "0000-03-01T12:00:00Z", "2026-13-01T12:00:00Z", "2026-03-01T12:00:00.Z"),
    *(
        "1990-03-01",
        "--03-05",
        "--02-29",
        "1988-02-29",
        "2026-3-01",
        "990-03-01",
        "1990-03-01 ",
        "1990-03-32",
        "-1990-03-01",
    ),
    *("2026-03-01T12:00:00+24:00", "2026-03-01t12:00:00z", " 2026-03-01T12:00:00Z", "2026-03-01T12:00:00Z\n"),
    *(
        "2026-03-01T12:00:00.1234567890Z",
        "2026-03-01T12:00:00.1.2Z",
        "2026-04-31T00:00:00Z",
        "\u0662026-03-01T12:00:00Z",
    ),
)
WORDS = (
    "",
    "a",
    "A",
    "ab",
    "ba",
    "b",
    "\u00fc",
    "u\u0308",
    "\u00fcb",
    "\U0001f600",
    "\uff21",
    "%",
    "_",
    "'",
    '"',
    "\\",
    "\n",
)
LOOKALIKES = ("0", "1", "1.0", "true", "false", "null")
NUMBERS = (0, 1, -1, 2, -0.0, 1.0, 0.1, 1.5, 2.5, 10, 2**53, 2**53 + 1, 2**63 - 1, -(2**63) + 1, 1e300, 5e-324, -1e-7)


def _written(distance: timedelta, zone: int, form: int) -> str:
    at = (NOON + distance).astimezone(timezone(timedelta(minutes=zone)))
    text = at.isoformat(timespec="microseconds")
    return (text, text.replace("+00:00", "Z"), text.replace("+", "999+", 1), at.isoformat())[form]


words = st.sampled_from(WORDS)
numbers = st.sampled_from(NUMBERS)
flags = st.booleans()
instants = st.builds(
    _written, st.sampled_from(DISTANCES), st.sampled_from((0, 0, 60, -330, 839)), st.integers(0, 3)
) | st.sampled_from(("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2024-02-29T00:00:00Z"))
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=3)
scalars = st.one_of(
    *(words, st.sampled_from(LOOKALIKES), numbers, flags, instants, st.sampled_from(NO_INSTANTS), texts),
    st.integers(-(2**63) + 1, 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
)
values = st.recursive(
    scalars | st.none(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(("x", "y", "0", "a.b")), inner, max_size=2)
    ),
    max_leaves=4,
)


def mostly(usual: Any_, otherwise: Any_) -> Any_:
    """The usual in three cases of four."""
    return st.integers(0, 3).flatmap(lambda dice: otherwise if dice == 0 else usual)


SLOTS: dict[str, Any_] = {
    "text": words,
    "\u00fc": words,
    "number": numbers,
    "first name": numbers,
    "flag": flags,
    "when": instants,
    "tags": words | numbers | flags,
    "deep.x": words | numbers,
}
"""Paths, each with what usually stands there; in `tags` it is what the list holds."""

ODD_PATHS = (
    "nobody",
    "text.x",
    "tags.0",
    "deep",
    "deep.y",
    "deep.y.x",
    "a.b",
    "$",
    "a[0]",
    "a'b",
    "#",
    "deep.a.b",
    "0",
)

documents = st.fixed_dictionaries(
    {
        **{name: mostly(usual, values) for name, usual in SLOTS.items() if name not in {"tags", "deep.x"}},
        "tags": mostly(st.lists(words | numbers | flags, max_size=4), values),
        "deep": mostly(st.fixed_dictionaries({"x": words | numbers}, optional={"y": values, "a.b": values}), values),
    },
    optional=dict.fromkeys(("a.b", "$", "a[0]", "a'b", "#", "0"), scalars),
)
times = st.sampled_from([NOON + distance for distance in DISTANCES])
amounts = mostly(
    st.integers(-10, 50) | st.integers(-1000, 5000).map(lambda cents: cents / 100),
    st.sampled_from(("12", None, True, [1], "0.5")),
)
lines = st.fixed_dictionaries({}, optional={"lines": st.lists(documents | values, max_size=3) | values})
properties = st.builds(
    lambda document, amount, listed: {**document, **amount, **listed},
    documents,
    st.fixed_dictionaries({}, optional={"amount": amounts}),
    lines,
)
events = st.tuples(st.sampled_from(("Viewed", "Bought", "Order Completed")), times, properties)
mails = st.builds(
    Mail,
    step=st.sampled_from(("remind", "thank")),
    channel=st.sampled_from(("email", "sms")),
    outcome=st.sampled_from((None, "failed", "no_consent", "suppressed", "unreachable", "capped")),
    reserved=times,
    fates=st.dictionaries(st.sampled_from(FATES), times, max_size=4),
)
scores = st.fixed_dictionaries(
    {}, optional={key: st.builds(partial(some_state, model=model), st.randoms()) for key, model in MODELS.items()}
)
figures = st.fixed_dictionaries(
    {},
    optional={
        "orders": mostly(st.integers(0, 10), scalars),
        "revenue": mostly(st.sampled_from((-2, -1, 0, 1.5, 2, 100, 100.5)), scalars | st.none()),
        "last_order_at": instants,
        "favourite_device": mostly(st.sampled_from(("mobile", "tablet")), values),
    },
)
spots = st.sampled_from(("PL", "pl", "Pl", "Riga", "LV"))
addresses = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("country", "city", "region"), mostly(spots, values)),
        "email": mostly(st.sampled_from(MAILBOXES), values),
        "phone": mostly(st.sampled_from(NUMBERS_OF_PHONES), values),
        "address": mostly(
            st.dictionaries(st.sampled_from(("country", "city", "state", "region")), mostly(spots, values)), values
        ),
    },
)
stays = st.builds(
    Stay,
    journey=st.sampled_from(("welcome", "cart")),
    entered=times,
    ended=st.none() | times,
    outcome=st.sampled_from(("completed", "exited")),
)
chances = st.sampled_from((0, 0.1, 0.3, 0.5, 1))
dealings = st.tuples(st.sampled_from(PRODUCTS), st.sampled_from(("viewed", "bought")), times)
people = st.builds(
    Person,
    attributes=st.builds(lambda document, address: {**document, **address}, documents, addresses),
    events=st.lists(events, max_size=3).map(tuple),
    consents=st.dictionaries(
        st.sampled_from(("email", "sms", "marketing")), st.sampled_from(("yes", "yes", "no", "pending"))
    ),
    predictions=st.dictionaries(st.sampled_from(("purchase", "churn")), chances),
    consent_ends=st.dictionaries(st.sampled_from(("email", "sms")), times),
    mails=st.lists(mails, max_size=3).map(tuple),
    merged=st.integers(0, 9).map(lambda dice: dice == 0),
    computed=st.builds(lambda document, orders: {**document, **orders}, documents, figures),
    scores=scores,
    segments=st.lists(st.sampled_from(("vip", "lost")), unique=True).map(tuple),
    dealings=st.lists(dealings, max_size=6).map(tuple),
    stays=st.lists(stays, max_size=2, unique_by=lambda stay: (stay.journey, stay.ended is None)).map(tuple),
)

references = st.sampled_from((*SLOTS, *ODD_PATHS)).map(lambda path: {"attribute": path})
distances = st.sampled_from(DURATIONS)
moments = st.one_of(
    instants,
    st.sampled_from((*DURATIONS, "0d")).map(lambda length: {"ago": length}),
    distances.map(lambda length: {"ahead": length}),
    references,
)


def operand(operator: str, usual: Any_) -> Any_:
    """What may stand beside the operator, at a path where `usual` stands."""
    single = mostly(usual, scalars | references)
    fitting: dict[str, Any_] = {
        **dict.fromkeys(
            ("in", "not_in"), mostly(st.lists(single.filter(_no_reference), min_size=1, max_size=4), references)
        ),
        **dict.fromkeys(("before", "after"), moments),
        **dict.fromkeys(("within_last", "within_next"), distances),
        **dict.fromkeys(("starts_with", "ends_with"), words | references),
        **dict.fromkeys(("gt", "gte", "lt", "lte"), single.filter(lambda value: not isinstance(value, bool))),
        "exists": flags,
        "anniversary": st.sampled_from(("today", "this_month"))
        | st.sampled_from(("1d", "7d", "2w", "365d")).map(lambda length: {"within_next": length}),
    }
    return fitting.get(operator, single)


def _no_reference(value: object) -> bool:
    return not isinstance(value, dict)


FITTING = {
    **dict.fromkeys(
        ("text", "\u00fc"), ("equals", "not_equals", "gt", "lte", "in", "contains", "starts_with", "ends_with")
    ),
    **dict.fromkeys(("number", "first name"), ("equals", "not_equals", "gt", "gte", "lt", "lte", "in", "not_in")),
    "flag": ("equals", "not_equals", "in"),
    "when": ("before", "after", "within_last", "within_next", "anniversary"),
    "tags": ("contains",),
    "deep.x": OPERATORS,
}


def compared(kind: str) -> Any_:
    """A comparison of that kind, mostly one that fits what stands at its path."""

    def at(path: str, operators: tuple[str, ...]) -> Any_:
        usual = SLOTS.get(path, scalars)
        return st.one_of(
            [st.fixed_dictionaries({kind: st.just(path), name: operand(name, usual)}) for name in operators]
        )

    fitting = st.one_of([at(path, operators) for path, operators in FITTING.items()])
    return mostly(fitting, st.one_of([at(path, OPERATORS) for path in (*SLOTS, *ODD_PATHS)]))


def nested(leaf: Any_) -> Any_:
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.fixed_dictionaries({"all": st.lists(inner, min_size=1, max_size=3)}),
            st.fixed_dictionaries({"any": st.lists(inner, min_size=1, max_size=3)}),
            st.fixed_dictionaries({"not": inner}),
        ),
        max_leaves=3,
    )


def bounds(limits: Any_) -> Any_:
    return st.dictionaries(st.sampled_from(("equals", "gt", "gte", "lt", "lte")), limits, min_size=1, max_size=2)


def aggregate(path: Any_) -> Any_:
    limits = st.integers(-10, 60) | st.integers(-1000, 5000).map(lambda cents: cents / 100)
    return st.builds(lambda of, kept: {"property": of, **kept}, path, bounds(limits))


def occurrences(where: Any_) -> Any_:
    """A condition on events with one or two of its settings."""
    settings = {
        "count": st.integers(0, 3) | bounds(st.integers(0, 3)),
        "within": distances,
        "where": where,
        "sum": aggregate(st.just("amount")),
        "average": aggregate(st.just("amount")),
        "max": aggregate(st.sampled_from(("amount", "number", "deep.x"))),
        "min": aggregate(st.sampled_from(("amount", "number", "deep.x"))),
    }
    name = st.sampled_from(("Viewed", "Bought"))
    pairs = st.lists(st.sampled_from(tuple(settings)), max_size=2, unique=True)
    return pairs.flatmap(lambda some: st.fixed_dictionaries({"event": name, **{key: settings[key] for key in some}}))


consents = st.fixed_dictionaries(
    {"consent": st.sampled_from(("email", "sms", "fax"))}, optional={"is": st.sampled_from(("yes", "no", "unknown"))}
)
messages = st.fixed_dictionaries(
    {
        "message": st.sampled_from(("remind", "thank", "any")),
        "status": st.sampled_from((*FATES, "failed", "no_consent", "suppressed", "unreachable")),
        "of": st.just("any journey"),
    },
    optional={"channel": st.sampled_from(("email", "sms")), "within": distances},
)
attributes = compared("attribute")
segments = st.sampled_from(("vip", "lost", "nobody's")).map(lambda key: {"segment": key})
heights = st.sampled_from((-3, 0, 2, 4, 5, 10.5, 12.5)) | st.integers(-400, 2000).map(lambda number: number / 100)
scored = st.builds(
    lambda key, kept, more: {**key, **kept, **more},
    st.sampled_from(("leads", "leads", "still", "nobody's")).map(lambda key: {"score": key}),
    bounds(heights),
    st.sampled_from(({}, {}, {"category": "web"}, {"category": "fit"}, {"category": "none"})),
)
fifths = st.integers(1, 5) | bounds(st.integers(1, 5))
rfm = st.builds(
    lambda wanted: {"rfm": wanted},
    st.sampled_from(RFM_GROUPS) | st.dictionaries(st.sampled_from(("r", "f", "m")), fifths, min_size=1, max_size=3),
)
spot_or_spots = spots | st.lists(spots, min_size=1, max_size=2)
defined = st.one_of(
    st.sampled_from(STAGES).map(lambda stage: {"lifecycle": stage}),
    st.sampled_from(("mobile", "tv", ["mobile", "tablet"])).map(lambda device: {"device": device}),
    st.dictionaries(st.sampled_from(("country", "region", "city")), spot_or_spots, min_size=1).map(
        lambda wanted: {"place": wanted}
    ),
)
journeys = st.builds(
    lambda key, asked: {"journey": key, **asked},
    st.sampled_from(("welcome", "cart", "nobody's")),
    st.fixed_dictionaries({}, optional={"is": st.sampled_from(("in", "was_in", "never_in")), "within": distances})
    | st.fixed_dictionaries(
        {"is": st.just("exited")}, optional={"by": st.sampled_from(("completed", "exited")), "within": distances}
    ),
)
interested = st.builds(
    lambda wares, kind, asked: {"interest": wares, "in": kind, **asked},
    st.sampled_from(PRODUCTS).map(lambda product: {"product": product})
    | st.sampled_from(("Shoes", "Shoes/Running", "Hats", "Nothing")).map(lambda path: {"category": path}),
    st.sampled_from(("viewed", "bought")),
    st.fixed_dictionaries({}, optional={"at_least": st.integers(1, 10), "within": distances}),
)
some_line = st.builds(
    lambda path, where: {"some": path, "where": where},
    st.sampled_from(("lines", "lines", "lines", "tags", "deep", "nobody")),
    nested(compared("property")),
)
reachable = st.sampled_from(("email", "sms", "push")).map(lambda channel: {"reachable": channel})
predicted = st.builds(
    lambda key, kept: {"prediction": key, **kept}, st.sampled_from(("purchase", "churn", "value")), bounds(chances)
)
conditions = nested(
    st.one_of(
        *(attributes, attributes, attributes, compared("computed"), segments),
        *(occurrences(nested(compared("property") | some_line)), consents, messages, scored, rfm),
        *(defined, journeys, interested, reachable, predicted),
    )
)
