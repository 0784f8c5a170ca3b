"""Ready segments: the groups that shops speak of, in the language of conditions.

Event names are those of Segment's e-commerce spec (V2). Whoever keeps one may change it.
"""

from typing import Any, Final

Ready = dict[str, Any]

_ORDERED: Final = "Order Completed"


def _orders(**bounds: float) -> Ready:
    return {"computed": "orders", **bounds}


def _ordered(within: str) -> Ready:
    return {"computed": "last_order_at", "within_last": within}


def _seen(within: str) -> Ready:
    return {"computed": "last_seen_at", "within_last": within}


def _message(status: str, within: str, **more: str) -> Ready:
    return {"message": "any", "of": "any journey", "status": status, "within": within, **more}


def _ready(name: str, description: str, when: Ready) -> Ready:
    return {"name": name, "description": description, "when": when}


LIBRARY: Final[dict[str, Ready]] = {
    "new": _ready("New", "First seen in the last 30 days", {"computed": "first_seen_at", "within_last": "30d"}),
    "active": _ready("Active", "Did something in the last 30 days", _seen("30d")),
    "buyers": _ready("Buyers", "Ordered at least once", _orders(gte=1)),
    "one-time-buyers": _ready("One-time buyers", "Ordered exactly once", _orders(equals=1)),
    "frequent": _ready(
        "Frequent",
        "Ordered three times or more in the last 90 days",
        {"event": _ORDERED, "within": "90d", "count": {"gte": 3}},
    ),
    "sporadic": _ready(
        "Sporadic",
        "Ordered more than once in all, but once at most in the last 180 days",
        {"all": [_orders(gte=2), {"event": _ORDERED, "within": "180d", "count": {"lte": 1}}]},
    ),
    "loyal": _ready(
        "Loyal", "Five orders or more, the last within 90 days", {"all": [_orders(gte=5), _ordered("90d")]}
    ),
    "vip": _ready("VIP", "Spent 1,000 or more, refunds taken off", {"computed": "net_revenue", "gte": 1000}),
    "at-risk": _ready(
        "At risk",
        "Ordered twice or more, the last time 90 to 180 days ago",
        {"all": [_orders(gte=2), {"not": _ordered("90d")}, _ordered("180d")]},
    ),
    "lost": _ready(
        "Lost", "Ordered, but not in the last 180 days", {"all": [_orders(gte=1), {"not": _ordered("180d")}]}
    ),
    "discount-lovers": _ready(
        "Discount lovers",
        "Two orders or more, most of them with a discount",
        {"all": [_orders(gte=2), {"computed": "discount_share", "gte": 0.6}]},
    ),
    "browse-abandoners": _ready(
        "Browse abandoners",
        "Viewed a product in the last day, put none into the cart since then and bought nothing",
        {
            "all": [
                {"event": "Product Viewed", "within": "1d"},
                {"not": {"event": "Product Added", "within": "1d"}},
                {"not": {"event": _ORDERED, "within": "1d"}},
            ]
        },
    ),
    "cart-abandoners": _ready(
        "Cart abandoners",
        "Put something into the cart in the last three days, not in the last hour, and did not order",
        {
            "all": [
                {"event": "Product Added", "within": "3d"},
                {"not": {"event": "Product Added", "within": "1h"}},
                {"not": {"event": _ORDERED, "within": "3d"}},
            ]
        },
    ),
    "birthday-this-month": _ready(
        "Birthday this month", "Has a birthday this month", {"attribute": "birthday", "anniversary": "this_month"}
    ),
    "reachable-by-email": _ready(
        "Reachable by e-mail",
        "Said yes to e-mail, and has an address that works and is not suppressed",
        {"reachable": "email"},
    ),
    "reachable-by-sms": _ready(
        "Reachable by SMS",
        "Said yes to SMS, and has a number that works and is not suppressed",
        {"reachable": "sms"},
    ),
    "engaged-by-email": _ready(
        "Engaged by e-mail", "Clicked in an e-mail in the last 90 days", _message("clicked", "90d", channel="email")
    ),
    "not-contacted-30-days": _ready(
        "Not contacted for 30 days", "No message on any channel in 30 days", {"not": _message("sent", "30d")}
    ),
    "not-emailed-2-weeks": _ready(
        "Not e-mailed for 2 weeks", "No e-mail in 14 days", {"not": _message("sent", "14d", channel="email")}
    ),
}
"""Key → what `PUT /v1/segments/{key}` takes."""
