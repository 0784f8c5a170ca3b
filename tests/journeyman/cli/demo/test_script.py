"""The demo's data and what is made of it."""

from collections import Counter
from itertools import pairwise

import pytest

from journeyman.cli.demo.clickstream import Visitor, choose_visitors, read_clicks
from journeyman.cli.demo.demo import SHOP, at_pace
from journeyman.cli.demo.pace import compress
from journeyman.cli.demo.script import Script, write_script
from journeyman.cli.demo.shop import EVENTS, PAGES, person
from journeyman.cli.documents import read_folder
from journeyman.language.validation import parse


@pytest.fixture(scope="module")
def visitors() -> list[Visitor]:
    return choose_visitors(read_clicks())


@pytest.fixture(scope="module")
def script(visitors: list[Visitor]) -> Script:
    return write_script(visitors, 4.0, "p1")


def events(script: Script, name: str) -> list[dict[str, object]]:
    return [call["properties"] for moment in script.moments for call in moment.calls if call.get("event") == name]


def test_the_month_has_people_of_every_kind(visitors: list[Visitor]) -> None:
    stories = Counter(visitor.story for visitor in visitors)
    assert stories["recovered"] == 12
    assert stories["abandoned"] >= 36
    assert stories["bought"] >= 24
    assert 36 <= sum(visitor.is_new for visitor in visitors) <= 60
    assert len(visitors) <= 150


def test_the_play_is_about_two_minutes_long_and_the_same_every_time(script: Script, visitors: list[Visitor]) -> None:
    assert 100 <= script.seconds <= 130
    assert script == write_script(visitors, 4.0, "p1")
    assert all(before.at <= after.at for before, after in pairwise(script.moments))


def test_somebody_signs_up_within_the_first_seconds(script: Script) -> None:
    first = next(moment.at for moment in script.moments if moment.calls[0].get("event") == "Signed Up")
    assert first < 5


def test_every_kind_of_click_becomes_a_call() -> None:
    assert {click.event for click in read_clicks()} == EVENTS.keys() | PAGES.keys()


def test_an_order_pays_for_the_basket_that_was_filled(script: Script) -> None:
    filled = {properties["cart_id"]: properties["cart_total"] for properties in events(script, "Product Added")}
    orders = events(script, "Order Completed")
    from_basket = [order for order in orders if order["cart_id"] in filled]
    assert len(from_basket) > len(orders) / 2
    assert all(order["revenue"] == filled[order["cart_id"]] for order in from_basket)
    assert len({order["order_id"] for order in orders}) == len(orders)


def test_baskets_of_two_plays_are_different_baskets(visitors: list[Visitor], script: Script) -> None:
    again = write_script(visitors, 4.0, "p2")
    carts = [{str(properties["cart_id"]) for properties in events(one, "Product Added")} for one in (script, again)]
    assert carts[0].isdisjoint(carts[1])


def test_heroes_come_back_to_their_basket_and_may_be_written_to(script: Script) -> None:
    assert len(script.heroes) >= 6
    assert all(hero.agrees for hero in script.heroes)


def test_people_are_made_up_with_addresses_of_nobody(script: Script) -> None:
    people = {moment.person for moment in script.moments}
    assert {str(one.traits["email"]).split("@")[1] for one in people} == {"example.com"}
    assert len({one.traits["email"] for one in people}) == len(people)
    assert 0.7 < sum(one.agrees for one in people) / len(people) < 1
    assert person("user_0001") == person("user_0001")


def test_durations_become_shorter_by_one_factor_and_nothing_else_does() -> None:
    document = {
        "steps": [{"wait": {"for": "1d"}}, {"wait_for": {"timeout": "PT12H", "since": "entry"}}],
        "goals": [{"within": "7d"}],
        "for": {"for": "30m"},
        "name": "1d",
        "entry": {"reentry": {"after": "1 calendar day"}},
    }
    assert compress(document, 4.0) == {
        "steps": [{"wait": {"for": "PT4.000S"}}, {"wait_for": {"timeout": "PT2.000S", "since": "entry"}}],
        "goals": [{"within": "PT28.000S"}],
        "for": {"for": "PT0.083S"},
        "name": "1d",
        "entry": {"reentry": {"after": "1 calendar day"}},
    }


def test_the_examples_are_valid_at_any_pace() -> None:
    documents = read_folder(SHOP)
    for pace in (0.1, 4.0, 86_400.0):
        for document in at_pace(documents, pace):
            if document.kind == "journeys":
                assert parse(document.body).journey == document.key


def test_every_template_that_the_examples_send_is_there() -> None:
    documents = read_folder(SHOP)
    templates = {document.key for document in documents if document.kind == "templates"}
    sent = {
        step["send"]["template"] for document in documents for step in document.body.get("steps", []) if "send" in step
    }
    assert sent == templates
