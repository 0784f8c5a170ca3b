"""What attributes there are, how one customer's have changed, and what her events come to."""

from datetime import timedelta
from typing import Any

from tests.builders import NOON, email, incoming, journey
from tests.world import World


async def identify(world: World, user: str = "ann", **traits: Any) -> None:
    world.clock.at += timedelta(minutes=1)
    event = incoming("Identified", user, kind="identify", at=world.clock.at, traits=traits)
    await world.shop.accept(event)


async def test_attributes_are_listed_with_what_was_inferred(world: World) -> None:
    await identify(world, email="ann@example.com", age=31)
    await identify(world, age="thirty-two", city="Riga")
    page = await world.get("/v1/attributes")
    assert [(one["name"], one["type"], one["is_pii"], one["source"]) for one in page["items"]] == [
        ("age", "number", False, "inferred"),
        ("city", "text", False, "inferred"),
        ("email", "text", True, "inferred"),
    ]
    (age,) = (await world.get("/v1/attributes", mismatched=True))["items"]
    assert (age["name"], age["mismatches"], age["mismatched_as"]) == ("age", 1, "text")
    assert (await world.get("/v1/customers/ann"))["attributes"]["age"] == "thirty-two"


async def test_an_attribute_is_edited(world: World) -> None:
    traits: dict[str, Any] = {"zip/code": 1050}
    await identify(world, "ann", **traits)
    edited = await world.put("/v1/attributes/zip%2Fcode", {"type": "text", "label": "Postal code", "is_pii": True})
    assert edited == await world.get("/v1/attributes/zip/code")
    assert (edited["type"], edited["label"], edited["is_pii"], edited["source"]) == (
        "text",
        "Postal code",
        True,
        "edited",
    )


async def test_what_cannot_be_edited_or_found(world: World) -> None:
    assert (await world.http.get("/v1/attributes/nothing")).status_code == 404
    for body in ({"type": "colour"}, {}, {"type": "text", "name": "zip"}):
        answer = await world.http.put("/v1/attributes/zip", json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid"), answer.text
    assert (await world.http.put(f"/v1/attributes/{'x' * 201}", json={"type": "text"})).status_code == 422


async def test_the_history_of_attributes(world: World) -> None:
    await identify(world, city="Riga", age=31)
    await identify(world, city="Riga")
    await identify(world, city="Oslo")
    await identify(world, city=None)
    page = await world.get("/v1/customers/ann/attributes/history", attribute="city")
    assert [(one["old"], one["new"]) for one in page["items"]] == [("Oslo", None), ("Riga", "Oslo"), (None, "Riga")]
    assert page["items"][-1]["at"] == "2026-03-02T12:01:00Z"
    first = await world.get("/v1/customers/ann/attributes/history", limit=3)
    rest = await world.get("/v1/customers/ann/attributes/history", limit=3, cursor=first["next"])
    assert {one["attribute"] for one in first["items"] + rest["items"]} == {"city", "age"}
    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (3, 1, None)
    assert (await world.http.get("/v1/customers/nobody/attributes/history")).status_code == 404


async def test_the_history_of_one_who_was_merged_is_the_survivors(world: World) -> None:
    visit = incoming("Identified", None, kind="identify", anonymous="a1", at=NOON, traits={"city": "Riga"})
    login = incoming(
        "Identified", "ann", kind="identify", anonymous="a1", at=NOON + timedelta(hours=1), traits={"age": 3}
    )
    await world.shop.accept(visit, login)
    page = await world.get("/v1/customers/ann/attributes/history")
    assert [one["attribute"] for one in page["items"]] == ["age", "city"]


async def test_what_events_come_to_stands_beside_attributes(world: World) -> None:
    await identify(world, city="Riga")
    order = incoming("Order Completed", at=NOON + timedelta(hours=3), revenue="19.99", products=[{"category": "Games"}])
    await world.shop.accept(order)
    seen = await world.get("/v1/customers/ann")
    assert "_" not in seen["computed"]
    assert (seen["computed"]["orders"], seen["computed"]["revenue"], seen["computed"]["top_categories"]) == (
        1,
        19.99,
        ["Games"],
    )


async def test_templates_speak_of_it(world: World) -> None:
    template = email("{{ customer.computed.orders }} orders, {{ customer.name }}")
    steps = [{"id": "thanks", "send": {"channel": "email", "template": "thanks"}}]
    await world.shop.introduce("ann")
    await world.shop.publish(journey(entry={"on": "event", "event": "Order Completed"}, steps=steps), template=template)
    await world.shop.accept(incoming("Order Completed", at=world.clock.at, revenue=5))
    await world.settle()
    assert world.smtp.read()["Subject"] == "1 orders, Ann"
    rendered = await world.http.post("/v1/templates/thanks/render", json={"customer": "ann"})
    assert rendered.json()["subject"] == "1 orders, Ann"


async def test_what_a_journey_sets_is_an_attribute_too(world: World) -> None:
    steps = [{"id": "note", "update": {"attributes": {"tier": "gold"}}}]
    await world.shop.introduce("ann")
    await world.shop.publish(journey(steps=steps))
    await world.shop.accept(incoming("Product Added", at=world.clock.at))
    await world.settle()
    assert (await world.get("/v1/attributes/tier"))["type"] == "text"
    (change,) = (await world.get("/v1/customers/ann/attributes/history", attribute="tier"))["items"]
    assert change["source"].startswith("run/")
