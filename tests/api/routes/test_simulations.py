"""Simulating over the API: the draft, with what the workspace keeps, for somebody or for many."""

from typing import Any

from journeyman.kit.clock import FixedClock
from tests.builders import NOON, incoming, journey
from tests.world import World

STEPS = [
    {"id": "pause", "wait": {"for": "1h"}},
    {"id": "mail", "send": {"channel": "email", "template": "hello"}},
]
MAIL = {"channel": "email", "subject": "Hello {{ customer.name }}", "text": "Hello"}
STAFF = {"name": "Staff", "when": {"segment": "crew"}}
CREW = {"name": "Crew", "when": {"attribute": "crew", "equals": True}}


async def prepared(world: World) -> None:
    entry = {"on": "event", "event": "Product Added", "audience": {"not": {"segment": "staff"}}}
    await world.put("/v1/segments/crew", CREW)
    await world.put("/v1/segments/staff", STAFF)
    await world.put("/v1/templates/hello", MAIL)
    await world.put("/v1/journeys/cart", journey(entry=entry, steps=STEPS))


async def simulate(world: World, **body: Any) -> Any:
    answer = await world.http.post("/v1/journeys/cart/simulate", json={"at": NOON.isoformat(), **body})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_simulation_tells_what_would_happen_and_sends_nothing(world: World) -> None:
    await prepared(world)
    (customer,) = (await simulate(world))["customers"]
    (message,) = customer["messages"]
    assert (customer["outcome"], customer["steps"]) == ("completed", ["pause", "mail"])
    assert (message["outcome"], message["at"]) == ("sent", "2026-03-02T13:00:00+00:00")
    assert any("Entered" in item["text"] for item in customer["timeline"])
    assert world.smtp.mails == []
    assert (await world.get("/v1/journeys/cart/runs"))["items"] == []
    assert isinstance(world.clock, FixedClock)
    assert world.clock.now() == NOON


async def test_a_simulation_comes_as_a_picture_where_that_is_wanted(world: World) -> None:
    await prepared(world)
    answer = await world.http.post("/v1/journeys/cart/simulate", headers={"accept": "image/svg+xml"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")
    assert answer.text.startswith("<svg")


async def test_a_customer_of_ones_own_meets_the_templates_and_segments_of_the_workspace(world: World) -> None:
    await prepared(world)
    ann = {"email": "ann@example.com", "name": "Ann", "consent": ["email"]}
    events = [{"at": "2h", "event": "Product Added"}]
    (customer,) = (await simulate(world, customer=ann, events=events))["customers"]
    assert [message["subject"] for message in customer["messages"]] == ["Hello Ann"]
    (customer,) = (await simulate(world, customer={**ann, "crew": True}, events=events))["customers"]
    assert (customer["outcome"], customer["messages"]) == (None, [])


async def test_many_are_counted_by_outcome_and_message(world: World) -> None:
    await prepared(world)
    found = await simulate(world, customers=5, days=3)
    assert sum(found["outcomes"].values()) == len(found["customers"]) == 5
    assert {message["step"] for message in found["messages"]} == {"mail"}


async def test_a_backtest_plays_the_last_days_again_and_names_nobody(world: World) -> None:
    await prepared(world)
    await world.shop.introduce("ann")
    await world.shop.accept(incoming("Product Added", "ann", at=world.clock.now()))
    await world.pass_time(days=2)
    answer = await world.http.post("/v1/journeys/cart/backtest", json={"days": 7})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["entered"], found["messages"], found["outcomes"]) == (1, {"sent": 1, "refused": {}}, {"completed": 1})
    assert found["days"] == [{"date": "2026-03-02", "entered": 1, "messages": {"email": 1}}]
    assert "ann" not in answer.text.replace("channel", "")


async def test_a_document_that_is_no_journey_and_a_journey_that_is_not_there_are_refused(world: World) -> None:
    await prepared(world)
    answer = await world.http.post("/v1/journeys/cart/simulate", json={"document": {"journey": "cart"}})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert (await world.http.post("/v1/journeys/gone/simulate")).status_code == 404


async def test_the_contact_policy_of_the_workspace_is_in_force(world: World) -> None:
    await prepared(world)
    night = {"from": "10:00", "until": "20:00"}
    await world.put("/v1/settings/contact-policy", {"quiet_hours": night, "caps": [{"max": 1, "per": "30d"}]})
    ann = {"email": "ann@example.com", "consent": ["email"]}
    events = [{"at": after, "event": "Product Added"} for after in ("2h", "2d")]
    (customer,) = (await simulate(world, customer=ann, events=events))["customers"]
    first, second = customer["messages"]
    assert "2026-03-02T20:00" <= first["at"] < "2026-03-02T20:30"
    assert (first["outcome"], second["outcome"]) == ("sent", "capped")
