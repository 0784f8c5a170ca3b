"""A hundred segments as a shop keeps them: the library's, and what teams add to it."""

from itertools import islice, product
from typing import Any

from journeyman.customers.segments.library import LIBRARY

Condition = dict[str, Any]
CATEGORIES = ("shoes", "coats", "bags", "hats", "books", "toys", "lamps", "games")
COUNTRIES = ("LV", "PL", "DE", "FR", "SE")
PLANS = ("free", "pro")
WATCHED = "Product Viewed"


def segment_set(count: int = 100) -> dict[str, Condition]:
    """Key → condition: all of the library first, the others in turn from each family."""
    families = [_interested(), _often(), _lapsed(), _spenders(), _from(), _totals(), _nested()]
    made = {key: ready["when"] for key, ready in LIBRARY.items()}
    for together in zip(*families, strict=False):
        made |= dict(together)
    return dict(islice(made.items(), count))


def naming(total: int, named: int) -> dict[str, Condition]:
    """Segments of which so many name the watched event, each in its own way; the others name what nobody does."""
    idle = {f"idle-{number}": {"event": f"Never Done {number}", "within": "30d"} for number in range(total - named)}
    return {f"named-{number}": _naming(number) for number in range(named)} | idle


def _naming(number: int) -> Condition:
    kinds: tuple[Condition, ...] = (
        {"event": WATCHED, "within": f"{number + 1}d"},
        {"event": WATCHED, "count": {"gte": number + 1}},
        {"all": [{"event": WATCHED, "within": f"{number + 1}h"}, {"not": {"event": "Order Completed"}}]},
        _times(WATCHED, f"{1 + number % 7}d", 1 + number // 7),
    )
    return kinds[number % len(kinds)]


def _interested() -> list[tuple[str, Condition]]:
    return [
        (f"likes-{category}-{days}", {"event": WATCHED, "within": f"{days}d", "where": _is("category", category)})
        for days, category in product((7, 30), CATEGORIES)
    ]


def _often() -> list[tuple[str, Condition]]:
    names = (WATCHED, "Product Added", "Page Viewed", "Products Searched")
    return [
        (f"often-{name.lower().replace(' ', '-')}-{times}-{days}", _times(name, f"{days}d", times))
        for days, times, name in product((7, 30), (2, 5), names)
    ]


def _lapsed() -> list[tuple[str, Condition]]:
    did = ("Order Completed", "Product Added")
    return [
        (
            f"no-{name.lower().replace(' ', '-')}-{days}",
            {"all": [{"event": name}, {"not": {"event": name, "within": f"{days}d"}}]},
        )
        for days, name in product((1, 2, 3, 7, 14, 30, 60), did)
    ]


def _spenders() -> list[tuple[str, Condition]]:
    figures = (("net_revenue", 100), ("average_order", 50), ("orders", 2), ("page_views", 5), ("items", 2))
    return [
        (f"{name.replace('_', '-')}-{by}", {"computed": name, "gte": least * by})
        for by, (name, least) in product((1, 2, 4), figures)
    ]


def _from() -> list[tuple[str, Condition]]:
    return [
        (f"{country.lower()}-{plan}", {"all": [_has("country", country), _has("plan", plan)]})
        for plan, country in product(PLANS, COUNTRIES)
    ] + [(f"in-{country.lower()}", _has("country", country)) for country in COUNTRIES]


def _totals() -> list[tuple[str, Condition]]:
    return [
        (
            f"spent-{least}-in-{days}-days",
            {"event": "Order Completed", "within": f"{days}d", "sum": {"property": "revenue", "gte": least}},
        )
        for days, least in product((30, 90), (50, 100, 200, 300, 400, 500, 800))
    ]


def _nested() -> list[tuple[str, Condition]]:
    groups = ("active", "buyers", "loyal", "frequent", "new", "at-risk", "sporadic")
    return [
        (
            f"{group}-{days}-without-order",
            {
                "all": [
                    {"segment": group},
                    {"any": [{"event": WATCHED, "within": f"{days}d"}, {"computed": "page_views", "gte": 5 * days}]},
                    {"not": {"event": "Order Completed", "within": f"{days}d"}},
                ]
            },
        )
        for days, group in product((2, 5), groups)
    ]


def _times(name: str, within: str, times: int) -> Condition:
    return {"event": name, "within": within, "count": {"gte": times}}


def _is(key: str, value: str) -> Condition:
    return {"property": key, "equals": value}


def _has(key: str, value: str) -> Condition:
    return {"attribute": key, "equals": value}
