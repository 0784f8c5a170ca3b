"""A simulation as a picture: every wait, message and end at its place, and nothing that comes from elsewhere."""

from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from journeyman.bootstrap import simulation
from journeyman.language.definition import Definition
from journeyman.simulation.crowd import Deed, Invented
from journeyman.simulation.picture import MOST_ROWS, picture
from journeyman.simulation.runs import Simulated, simulate
from journeyman.simulation.stock import Stock
from tests.builders import NOON, definition, email

SVG = "{http://www.w3.org/2000/svg}"
STEPS = [
    {"id": "pause", "name": "A <while>", "wait": {"for": "1d"}},
    {"id": "mail", "send": {"channel": "email", "template": "hello"}},
    {"id": "rest", "wait": {"for": "10d"}},
]
GOAL = {"key": "order", "on": "event", "event": "Order Completed", "within": "7d"}
ADDED = Deed(timedelta(), "Product Added", {}, None)
ORDERED = Deed(timedelta(days=2), "Order Completed", {}, None)


async def played(cart: Definition, *people: Invented) -> Simulated:
    stock = Stock(templates={"hello": email().model_dump(mode="json", exclude_none=True)})
    return await simulate(simulation, cart, stock, people, NOON, timedelta(days=5))


def ann(user: str = "ann", consent: str = "yes") -> Invented:
    said = {"email": consent, "marketing": consent}
    return Invented(user, {"email": f"{user}@example.com", "name": "Ann"}, said, [ADDED, ORDERED])


@pytest.fixture(name="cart")
def of_a_cart() -> Definition:
    return definition(name="Cart", steps=STEPS, goals=[GOAL])


def read(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - of our own making


def titles(svg: str, tag: str) -> list[str]:
    return [str(found.findtext(f"{SVG}title")) for found in read(svg).iter(f"{SVG}{tag}")]


async def test_of_one_customer_each_step_has_its_row(cart: Definition) -> None:
    svg = picture(await played(cart, ann()), cart)
    root = read(svg)
    names = [found.text for found in root.findall(f"{SVG}text")]
    assert names[0] == "Cart: ann, waiting"
    assert {"A <while>", "mail", "rest"} <= set(names)
    stays = [title for title in titles(svg, "rect") if title.startswith("waits")]
    assert stays == ["waits 2026-03-02 12:00 to 2026-03-03 12:00", "waits 2026-03-03 12:00 to 2026-03-07 12:00"]
    assert titles(svg, "circle")[0] == "sent 2026-03-03 12:00"
    assert "goal: order 2026-03-04 12:00" in titles(svg, "text")
    assert "entered 2026-03-02 12:00" in titles(svg, "path")


async def test_places_are_in_order_of_time_and_within_the_picture(cart: Definition) -> None:
    root = read(picture(await played(cart, ann()), cart))
    first, second = (box for box in root.iter(f"{SVG}rect") if str(box.findtext(f"{SVG}title")).startswith("waits"))
    begins, width = float(first.attrib["x"]), float(first.attrib["width"])
    assert begins + width == pytest.approx(float(second.attrib["x"]), abs=0.3)
    assert float(second.attrib["width"]) == pytest.approx(4 * width, abs=1)
    assert float(second.attrib["x"]) + float(second.attrib["width"]) <= float(root.attrib["width"])


async def test_of_many_each_has_a_row_and_what_was_not_sent_is_told(cart: Definition) -> None:
    svg = picture(await played(cart, ann(), ann("bob", "no")), cart)
    assert read(svg).findtext(f"{SVG}title") == "Cart: 2 customers; 2 waiting"
    assert [title.split()[0] for title in titles(svg, "circle")[:2]] == ["sent", "no_consent"]


async def test_nothing_comes_from_elsewhere_and_programs_that_read_aloud_are_told(cart: Definition) -> None:
    svg = picture(await played(cart, ann()), cart)
    root = read(svg)
    assert (root.attrib["role"], root[0].tag, root[1].tag) == ("img", f"{SVG}title", f"{SVG}desc")
    assert "sent 2026-03-03 12:00" in str(root[1].text)
    kinds = {found.tag.removeprefix(SVG) for found in root.iter()}
    assert kinds == {"svg", "title", "desc", "rect", "line", "text", "circle", "path"}
    assert not [name for found in root.iter() for name in found.attrib if "href" in name or name.startswith("on")]


async def test_of_a_crowd_the_first_are_shown(cart: Definition) -> None:
    people = [Invented(f"c{number}", {}, {}, []) for number in range(MOST_ROWS + 5)]
    svg = picture(await played(cart, *people), cart)
    texts: list[Any] = [found.text for found in read(svg).iter(f"{SVG}text")]
    assert f"c{MOST_ROWS - 1}" in texts
    assert f"c{MOST_ROWS}" not in texts
    assert f"{MOST_ROWS} of them shown" in texts[0]
