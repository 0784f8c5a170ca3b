"""Clicks as the calls that a shop would send: the Segment e-commerce spec (Segment, "Spec: V2 Ecommerce Events")."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from journeyman.cli.demo.clickstream import Click

CURRENCY: Final = "EUR"


@dataclass(frozen=True, slots=True)
class Product:
    """Something on the shelf; `refills` where it is used up and bought again."""

    id: str
    name: str
    category: str
    price: float
    refills: bool = False

    def properties(self, quantity: int = 1) -> dict[str, Any]:
        return {
            "product_id": self.id,
            "name": self.name,
            "category": self.category,
            "price": self.price,
            "quantity": quantity,
        }


SHELF: Final = (
    Product("harvest-500", "Harvest Blend, 500 g", "coffee", 13.9, refills=True),
    Product("dawn-500", "Dawn Espresso, 500 g", "coffee", 14.5, refills=True),
    Product("hill-250", "Single Hill, 250 g", "coffee", 11.2, refills=True),
    Product("moon-250", "Half Moon Decaf, 250 g", "coffee", 10.9, refills=True),
    Product("forest-tea", "Forest Herb Tea", "tea", 8.5, refills=True),
    Product("smoke-tea", "Smoked Black Tea", "tea", 9.8, refills=True),
    Product("hand-mill", "Hand Mill, ceramic", "gear", 49.0),
    Product("pour-over", "Pour-over Set for two", "gear", 38.0),
    Product("kettle", "Gooseneck Kettle", "gear", 64.0),
    Product("cup-pair", "Two Cups, stoneware", "gear", 27.5),
)

Call = dict[str, Any]
Properties = dict[str, Any]

PAGES: Final = {
    "home": "Home",
    "account_page": "Account",
    "review_page": "Reviews",
    "support_chat": "Support",
    "compare": "Compare",
    "error_page": "Error",
}


@dataclass
class Shopper:
    """One visitor's basket, and the calls that come of what the visitor does.

    `play` makes the ids of baskets and orders differ from those of an earlier play.
    """

    visitor: str
    play: str
    _basket: dict[str, tuple[Product, int]] = field(default_factory=dict)
    _number: int = 1
    _seen: Product | None = None
    _clicks: int = 0

    def calls(self, click: Click) -> Iterator[Call]:
        """What the shop would send for one click, without ids and times."""
        self._clicks += 1
        if click.event in PAGES:
            yield {"type": "page", "name": PAGES[click.event], "properties": {"path": f"/{click.event}"}}
            return
        name, make = EVENTS[click.event]
        yield {"type": "track", "event": name, "properties": make(self)}

    @property
    def cart_id(self) -> str:
        return f"cart-{self.visitor.removeprefix('user_')}-{self.play}-{self._number}"

    def view(self) -> Properties:
        self._seen = self._pick()
        return self._seen.properties()

    def wish(self) -> Properties:
        return {"wishlist_id": f"wishes-{self.visitor}", **self._product().properties()}

    def add(self) -> Properties:
        product = self._product()
        _, quantity = self._basket.get(product.id, (product, 0))
        self._basket[product.id] = (product, quantity + 1)
        return {**product.properties(), **self.cart()}

    def cart(self) -> Properties:
        return {
            "cart_id": self.cart_id,
            "currency": CURRENCY,
            "cart_total": self._total(),
            "products": [product.properties(quantity) for product, quantity in self._basket.values()],
        }

    def checkout(self) -> Properties:
        return {**self.cart(), "value": self._total()}

    def order(self) -> Properties:
        """Pays for the basket; the next one is another."""
        if not self._basket:
            self.add()
        total = self._total()
        paid = {
            **self.cart(),
            "order_id": self.cart_id.replace("cart", "order", 1),
            "revenue": total,
            "total": total,
            "refillable": any(product.refills for product, _ in self._basket.values()),
        }
        self._basket, self._number, self._seen = {}, self._number + 1, None
        return paid

    def fail(self) -> Properties:
        return {"cart_id": self.cart_id, "reason": "declined"}

    def look(self) -> Properties:
        return {"list_id": "catalog", "category": self._pick().category}

    def search(self) -> Properties:
        return {"query": self._pick().name.split(",")[0].lower()}

    def promotion(self) -> Properties:
        return {"promotion_id": "spring", "name": "Spring roast"}

    def _product(self) -> Product:
        self._seen = self._seen or self._pick()
        return self._seen

    def _pick(self) -> Product:
        return SHELF[draw(f"{self.visitor}/{self._clicks}") % len(SHELF)]

    def _total(self) -> float:
        return round(sum(product.price * quantity for product, quantity in self._basket.values()), 2)


EVENTS: Final[dict[str, tuple[str, Callable[[Shopper], Properties]]]] = {
    "catalog": ("Product List Viewed", Shopper.look),
    "filter_results": ("Product List Filtered", Shopper.look),
    "search": ("Products Searched", Shopper.search),
    "promo_page": ("Promotion Viewed", Shopper.promotion),
    "product_view": ("Product Viewed", Shopper.view),
    "wishlist_add": ("Product Added to Wishlist", Shopper.wish),
    "add_to_cart": ("Product Added", Shopper.add),
    "cart": ("Cart Viewed", Shopper.cart),
    "shipping_details": ("Checkout Started", Shopper.checkout),
    "payment_details": ("Payment Info Entered", Shopper.checkout),
    "payment_error": ("Payment Failed", Shopper.fail),
    "checkout_bug": ("Checkout Failed", Shopper.fail),
    "purchase": ("Order Completed", Shopper.order),
}

FIRST: Final = (
    "Ada",
    "Ben",
    "Clara",
    "Dario",
    "Ella",
    "Finn",
    "Greta",
    "Hugo",
    "Ines",
    "Jonas",
    "Kira",
    "Leo",
    "Mila",
    "Noah",
    "Olga",
    "Piotr",
    "Rosa",
    "Sami",
    "Tess",
    "Viktor",
)
LAST: Final = (
    "Abel",
    "Baker",
    "Castro",
    "Duarte",
    "Ek",
    "Fischer",
    "Grant",
    "Holm",
    "Ito",
    "Jansen",
    "Kowal",
    "Lind",
    "Moreau",
    "Novak",
    "Okoye",
    "Petit",
    "Rossi",
)
# One person in so many has not agreed to e-mail: what is not sent is part of the picture.
REFUSES: Final = 7


@dataclass(frozen=True, slots=True)
class Person:
    """Who the visitor is: made up, the same every time, with an address that no mail ever reaches (RFC 2606)."""

    id: str
    first_name: str
    last_name: str
    agrees: bool

    @property
    def traits(self) -> dict[str, Any]:
        name = f"{self.first_name}.{self.last_name}.{self.id.removeprefix('user_')}"
        return {
            "firstName": self.first_name,
            "lastName": self.last_name,
            "email": f"{name.lower()}@example.com",
        }


def person(visitor: str) -> Person:
    number = draw(visitor)
    return Person(visitor, _one(FIRST, number), _one(LAST, number // 97), number % REFUSES != 0)


def draw(seed: str) -> int:
    """A number that is the same every time and everywhere."""
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:6])


def _one(words: Sequence[str], number: int) -> str:
    return words[number % len(words)]
