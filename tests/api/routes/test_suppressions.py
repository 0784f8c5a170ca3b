"""The suppression list over the API."""

from datetime import timedelta

import pytest

from tests.builders import incoming, journey
from tests.world import World

LIST = "/v1/suppressions"


async def test_an_address_on_the_list_is_not_written_to(world: World) -> None:
    steps = [{"id": "mail", "send": {"channel": "email", "template": "hello"}}]
    await world.shop.introduce("ann")
    await world.shop.publish(journey(steps=steps))
    row = await world.put(LIST, {"address": "ANN@example.com", "reason": "asked by phone"})
    assert (row["channel"], row["address"], row["by"]) == ("email", "ANN@example.com", "api/operator")
    await world.shop.accept(incoming("Product Added", "ann", at=world.clock.at))
    await world.settle()
    assert (await world.get("/v1/customers/ann/messages"))["items"][0]["outcome"] == "suppressed"
    assert (await world.http.delete(LIST, params={"address": " ann@EXAMPLE.com"})).status_code == 204
    assert (await world.http.delete(LIST, params={"address": "ann@example.com"})).status_code == 404
    await world.shop.accept(incoming("Product Added", "ann", at=world.clock.at))
    await world.settle()
    assert len(world.smtp.mails) == 1


async def test_the_first_reason_stays(world: World) -> None:
    first = await world.put(LIST, {"address": "ann@example.com", "reason": "bounce"})
    world.clock.at += timedelta(days=1)
    assert await world.put(LIST, {"address": "Ann@example.com", "reason": "wish"}) == first


async def test_a_list_is_taken_over_and_read_page_by_page(world: World) -> None:
    addresses = [f"p{number}@x.example" for number in range(7)]
    body = {"reason": "old provider", "addresses": [*addresses, "nonsense", "P1@x.example"]}
    taken = (await world.http.post(f"{LIST}/import", json=body)).json()
    assert (taken["added"], taken["known"], [one["index"] for one in taken["refused"]]) == (7, 1, [7])
    assert (await world.http.post(f"{LIST}/import", json=body)).json()["added"] == 0
    await world.put(LIST, {"channel": "sms", "address": "+48 600 100 200", "reason": "wish"})
    seen, cursor = [], None
    for _ in range(3):
        page = await world.get(LIST, limit=3, channel="email", **({"cursor": cursor} if cursor else {}))
        seen += [one["address"] for one in page["items"]]
        cursor = page["next"]
    assert (sorted(seen), cursor) == (addresses, None)
    assert len((await world.get(LIST))["items"]) == 8


@pytest.mark.parametrize(("address", "found"), [("P1@X.example", 1), ("p9@x.example", 0)])
async def test_one_address_is_looked_up_in_any_spelling(world: World, address: str, found: int) -> None:
    await world.put(LIST, {"address": "p1@x.example", "reason": "wish"})
    assert len((await world.get(LIST, address=address))["items"]) == found


async def test_what_is_no_address_is_refused(world: World) -> None:
    answer = await world.http.put(LIST, json={"address": "nonsense", "reason": "wish"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/address")
