"""The parts of which random journeys are made: starters, steps, rules and conditions."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

Strategy = st.SearchStrategy[Any]
Draw = Any
Step = Callable[[Sequence[str], int], Strategy]

EVENT = st.sampled_from(("Product Viewed", "Product Added", "Order Completed", "Signed Up"))
SPAN = st.sampled_from(("5m", "30m", "1h", "1d", "3d", "1 calendar day", "2 calendar days"))
SHORT = st.sampled_from(("30m", "6h", "1d", "3d"))
CLOCK = st.sampled_from(("00:00", "02:30", "09:00", "17:45"))
OUTCOME = st.sampled_from(("done", "bought", "gone"))
WHERE = st.sampled_from(
    (
        {"property": "price", "gte": 20},
        {"property": "id", "equals": {"entry": "id"}},
        {"not": {"property": "id", "equals": "b"}},
    )
)
LEAF = st.sampled_from(
    (
        {"attribute": "plan", "equals": "pro"},
        {"attribute": "age", "gte": 18},
        {"attribute": "vip", "exists": True},
        {"attribute": "trial_ends", "within_next": "3d"},
        {"attribute": "noted", "equals": True},
        {"event": "Order Completed"},
        {"event": "Product Viewed", "count": {"gte": 2}, "within": "2d"},
        {"event": "Product Added", "within": "1d", "where": {"property": "price", "gte": 20}},
        {"event": "Signed Up", "count": 0, "within": "3d"},
        {"computed": "orders", "gte": 1},
        {"computed": "last_seen_at", "within_last": "2d"},
        {"segment": "vip"},
        {"segment": "buyers"},
        {"segment": "list"},
        {"consent": "email"},
        {"consent": "email", "is": "no"},
        {"reachable": "email"},
        {"lifecycle": "lead"},
        {"score": "warm", "gte": 10},
    )
)
INSIDE = st.sampled_from(
    (
        {"entry": "id", "equals": "a"},
        {"entry": "price", "gte": 20},
        {"context": "lead.score", "gte": 5},
        {"message": "any", "status": "opened"},
        {"message": "any", "status": "clicked", "within": "3d"},
        {"message": "any", "of": "any journey", "status": "sent", "within": "1d"},
        {"journey": "other"},
        {"journey": "other", "is": "exited", "by": "won"},
        {"journey": "story", "is": "was_in"},
    )
)


def combined(leaf: Strategy) -> Strategy:
    return leaf | st.one_of(
        st.lists(leaf, min_size=1, max_size=2).map(lambda parts: {"all": parts}),
        st.lists(leaf, min_size=1, max_size=2).map(lambda parts: {"any": parts}),
        leaf.map(lambda part: {"not": part}),
    )


CONDITIONS = combined(LEAF | INSIDE)
"""What may be asked of a customer in a run."""
OUTSIDE = combined(LEAF)
"""What may be asked of a customer who is in none."""


def some(**parts: Strategy) -> Strategy:
    """A mapping with some of these parts."""
    return st.fixed_dictionaries({}, optional=parts)


def of(fields: Mapping[str, Any], **optional: Strategy) -> Strategy:
    """A mapping with all of the fields, and some of the optional parts."""
    given = {name: part if isinstance(part, st.SearchStrategy) else st.just(part) for name, part in fields.items()}
    return st.fixed_dictionaries(given, optional=optional)


# Starters -------------------------------------------------------------------------------------------------------------

REENTRY = st.sampled_from(
    ("always", "never", {"after": "2d"}, {"after": "1d", "since": "entry"}, {"max": 2, "per": "7d"})
)
KEYED: dict[str, Strategy] = {"reentry": REENTRY, "audience": OUTSIDE, "reachable": st.just(True)}
LIVE = st.sampled_from(("ignore", "restart"))
PARALLEL = of({"correlate": "id", "while_live": st.sampled_from(("ignore", "restart", "parallel"))})


def both(one: Strategy, other: Strategy) -> Strategy:
    return st.tuples(one, other).map(lambda parts: {**parts[0], **parts[1]})


ENTRIES: Strategy = st.one_of(
    of({"on": "event", "event": EVENT}, while_live=LIVE, **KEYED),
    both(of({"on": "event", "event": EVENT}, **KEYED), PARALLEL),
    of({"on": "event", "event": EVENT, "where": {"property": "price", "gte": 20}}, while_live=LIVE, **KEYED),
    of({"on": "event", "event": EVENT, "count": 2}, within=SHORT, while_live=LIVE, **KEYED),
    of({"on": "api"}, while_live=LIVE, **KEYED),
    both(of({"on": "api"}, **KEYED), PARALLEL),
    of({"on": "attribute_change", "attribute": "plan"}, changes_to=st.just("pro"), while_live=LIVE, **KEYED),
    of({"on": "attribute_change", "computed": "orders"}, while_live=LIVE, **KEYED),
    of(
        {"on": "segment", "segment": st.sampled_from(("vip", "buyers"))},
        direction=st.sampled_from(("enters", "leaves")),
    ),
    of({"on": "date", "attribute": "born", "repeat": "yearly"}, time=CLOCK, **KEYED),
    of({"on": "date", "attribute": "trial_ends"}, offset=st.sampled_from(("-1d", "-6h")), **KEYED),
    of({"on": "date", "event": EVENT, "property": "departs_at"}, correlate=st.just("id"), **KEYED),
    of({"on": "journey", "journey": "other"}, outcome=st.sampled_from(("won", "lost")), while_live=LIVE),
    of({"on": "journey", "journey": "other", "step": "stay"}, direction=st.sampled_from(("reached", "left"))),
)


@st.composite
def frames(draw: Draw) -> dict[str, Any]:
    """All of a journey but for its rules and steps."""
    hours = of(
        {"from": "21:00", "until": st.sampled_from(("08:00", "23:30"))},
        then=st.sampled_from(("hold", "skip")),
        piled_up=st.sampled_from(("all", "latest", "first", "one per journey")),
        spread=st.just("5m"),
    )
    caps = st.lists(of({"max": st.integers(1, 2), "per": st.sampled_from(("1d", "7d", "1 calendar day"))}), max_size=2)
    found = {"entry": draw(ENTRIES), **draw(some(time_zone=st.just("Europe/Riga"), quiet_hours=hours, caps=caps))}
    if not draw(st.integers(0, 5)):
        found["holdout"] = {"share": 40}
    return found


# Rules ----------------------------------------------------------------------------------------------------------------

TRIGGERS = (
    of({"on": "event", "event": EVENT}, where=WHERE),
    of({"on": "attribute_change", "attribute": "plan", "changes_to": "free"}),
    of({"on": "attribute_change", "computed": "orders", "changes": True}),
    of(
        {"on": "segment", "segment": st.sampled_from(("vip", "buyers"))},
        direction=st.sampled_from(("enters", "leaves")),
    ),
    of({"on": "condition", "when": CONDITIONS}),
)


def message_trigger(ids: Sequence[str]) -> Strategy:
    del ids
    return of({"on": "message", "message": "any", "status": st.sampled_from(("opened", "clicked"))})


@st.composite
def exits(draw: Draw, ids: Sequence[str]) -> list[dict[str, Any]]:
    dates = of({"on": "date", "attribute": "trial_ends"}, offset=st.just("-1d"))
    rule = both(st.one_of(*TRIGGERS, message_trigger(ids), dates), some(outcome=OUTCOME))
    found: list[dict[str, Any]] = draw(st.lists(rule, max_size=2))
    return found


@st.composite
def goals(draw: Draw, ids: Sequence[str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for number in range(draw(st.sampled_from((2, 1, 0)))):
        rule = draw(st.one_of(*TRIGGERS, message_trigger(ids)))
        window = draw(
            of(
                {"within": st.sampled_from(("7d", "1d", "28d"))},
                anchor=st.sampled_from(("entry", "send", "open", "click")),
            )
        )
        found.append({"key": f"goal-{number}", **rule, **window})
    return found


# Steps ----------------------------------------------------------------------------------------------------------------


def ahead(ids: Sequence[str], place: int) -> Strategy:
    """A step further down, or the end."""
    return st.sampled_from((*ids[place + 1 :], "end"))


def anywhere(ids: Sequence[str], place: int) -> Strategy:
    """Mostly ahead; from where time passes, also back."""
    return st.one_of(ahead(ids, place), ahead(ids, place), st.sampled_from(ids))


def onwards(ids: Sequence[str], place: int) -> Strategy:
    return st.one_of(st.sampled_from(("continue", "exit")), anywhere(ids, place))


def wait(ids: Sequence[str], place: int) -> Strategy:
    past = {"past": st.sampled_from(("continue", "exit", "next_occurrence")) | ahead(ids, place)}
    past |= {"missing": st.sampled_from(("continue", "exit")) | ahead(ids, place)}
    until = st.one_of(
        CLOCK,
        of({"time": CLOCK}, weekday=st.just(["monday", "friday"]), spread=st.just("30m")),
        of({"time": CLOCK, "in_days": st.integers(1, 3)}),
        st.sampled_from(("2026-03-20T09:00:00Z", "2026-01-01T09:00:00Z")),
    )
    dates = st.one_of(
        of(
            {"attribute": "trial_ends"}, offset=st.sampled_from(("-1d", "-1 calendar day", "2h")), time=st.just("10:00")
        ),
        of({"entry": "departs_at"}, offset=st.sampled_from(("-1d", "-1 calendar day")), spread=st.just("30m")),
    )
    dates = dates.filter(lambda one: "time" not in one or one.get("offset") != "2h")
    best = of({"within": SHORT}, **{"else": CLOCK})
    kinds = st.one_of(
        of({"for": SPAN}),
        of({"for": SPAN}),
        both(of({"until": until}), some(past=past["past"])),
        both(of({"until": dates}), some(**past)),
        of({"best_time": best}),
    )
    return both(of({"wait": kinds}), some(next=ahead(ids, place)))


def branches(ids: Sequence[str], place: int) -> Strategy:
    onward = {"next": anywhere(ids, place)}
    return st.one_of(
        of({"event": EVENT}, where=WHERE, **onward),
        of({"event": EVENT}, **onward),
        of({"when": CONDITIONS}, next=ahead(ids, place)),
        of({"attribute": "plan", "changes_to": "pro"}, **onward),
        of({"segment": st.sampled_from(("vip", "buyers"))}, next=ahead(ids, place)),
        of({"message": "any", "status": st.sampled_from(("opened", "refused"))}, next=ahead(ids, place)),
    )


def wait_for(ids: Sequence[str], place: int) -> Strategy:
    rest: dict[str, Strategy] = {
        "on_timeout": onwards(ids, place),
        "mode": st.sampled_from(("first", "ranked")),
        "since": st.sampled_from(("entry", "1d")),
    }
    several = st.lists(branches(ids, place), min_size=1, max_size=3)
    return of({"wait_for": of({"branches": several, "timeout": SPAN}, **rest)})


def branch(ids: Sequence[str], place: int) -> Strategy:
    ways = st.lists(of({"when": CONDITIONS, "next": ahead(ids, place)}), min_size=1, max_size=2)
    return of({"branch": ways}, **{"else": ahead(ids, place)})


def split(ids: Sequence[str], place: int) -> Strategy:
    arms = of({}, next=ahead(ids, place), weight=st.sampled_from((1.0, 3.0)))
    keyed = st.tuples(arms, arms).map(lambda two: [{"key": "one", **two[0]}, {"key": "two", **two[1]}])
    more = {"holdout": st.just(20), "sticky": st.booleans(), "salt": st.sampled_from(("x", "y"))}
    return of({"split": of({"arms": keyed}, **more)})


def send(ids: Sequence[str], place: int) -> Strategy:
    outcomes = st.dictionaries(
        st.sampled_from(("no_consent", "unreachable", "capped", "held_out", "sent", "quiet_hours")),
        ahead(ids, place),
        max_size=2,
    )
    rest: dict[str, Strategy] = {
        "on": outcomes,
        "on_error": st.sampled_from(("continue", "exit")) | ahead(ids, place),
        "topic": st.sampled_from(("transactional", "marketing")),
        "cap": st.sampled_from(("skip", {"delay": "1d"})) | ahead(ids, place),
        "guarded": st.just(True),
    }
    return both(of({"send": of({"channel": "email", "template": "hello"}, **rest)}), some(next=ahead(ids, place)))


def update(ids: Sequence[str], place: int) -> Strategy:
    del ids, place
    changes = st.one_of(
        of(
            {
                "attributes": st.sampled_from(
                    ({"noted": True}, {"plan": "pro"}, {"seen": {"entry": "id"}}, {"vip": None})
                )
            }
        ),
        of({"consent": st.sampled_from(({"email": "no"}, {"email": "yes"}))}),
        of({"tags": st.sampled_from(({"add": ["a"]}, {"remove": ["a"]}))}),
        of({"segments": st.sampled_from(({"add": ["list"]}, {"remove": ["list"]}))}),
    )
    return of({"update": changes})


def emit(ids: Sequence[str], place: int) -> Strategy:
    del ids, place
    return of({"emit": of({"event": EVENT}, properties=st.just({"id": {"entry": "id"}, "price": 5}))})


def enter(ids: Sequence[str], place: int) -> Strategy:
    waiting = st.sampled_from((True, {"timeout": "3d"}, {"timeout": "1d", "on_timeout": "exit"}))
    on = st.dictionaries(st.sampled_from(("won", "lost", "refused")), ahead(ids, place), max_size=2)
    waits = of({"journey": "other", "wait": waiting}, on=on, **{"as": st.just("others")})
    return of({"enter": of({"journey": "other"}) | waits})


def task(ids: Sequence[str], place: int) -> Strategy:
    on = st.dictionaries(st.sampled_from(("done", "no")), anywhere(ids, place), max_size=2)
    fields = {"title": "Call {{ customer.name }}", "choices": ["done", "no"], "timeout": SHORT}
    return of({"task": of(fields, on=on, on_timeout=onwards(ids, place), **{"as": st.just("answered")})})


def throttle(ids: Sequence[str], place: int) -> Strategy:
    del ids, place
    return of({"throttle": of({"max": st.integers(1, 2), "per": st.sampled_from(("1h", "1d"))})})


def repeat(ids: Sequence[str], place: int) -> Strategy:
    ends = of({"max": st.integers(1, 3)}, **{"for": st.just("2d")})
    return of({"repeat": both(of({"to": st.sampled_from(ids[: place + 1])}), ends)})


def call(ids: Sequence[str], place: int) -> Strategy:
    rest: dict[str, Strategy] = {
        "as": st.just("lead"),
        "attempts": st.integers(1, 3),
        "on": st.dictionaries(st.sampled_from(("404", "5xx")), ahead(ids, place), max_size=1),
        "on_error": st.sampled_from(("continue", "exit")) | ahead(ids, place),
    }
    return of({"call": of({"url": "https://crm.example/leads"}, **rest)})


def activity(ids: Sequence[str], place: int) -> Strategy:
    on_error = st.sampled_from(("continue", "exit")) | ahead(ids, place)
    return of({"activity": of({"name": "ScoreLead", "queue": "own"}, on_error=on_error, **{"as": st.just("lead")})})


def end(ids: Sequence[str], place: int) -> Strategy:
    del ids, place
    return of({"end": OUTCOME})


STEPS: dict[str, Step] = {
    "wait_for": wait_for,
    "wait": wait,
    "send": send,
    "branch": branch,
    "task": task,
    "enter": enter,
    "repeat": repeat,
    "throttle": throttle,
    "update": update,
    "emit": emit,
    "split": split,
    "call": call,
    "activity": activity,
    "end": end,
}
"""How a step of each kind is made up."""
OFTEN: tuple[str, ...] = (*STEPS, *("wait_for", "wait", "send") * 3, "branch", "task", "repeat")
"""Kinds, each as often as it comes among others."""
