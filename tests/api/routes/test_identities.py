"""Who is who: identities, merge and split through the API, on both databases."""

from datetime import timedelta
from typing import Any

from journeyman.journeys.segmentation.keeping import Keeper
from tests.builders import NOON, incoming, journey
from tests.world import World


async def post(world: World, path: str, body: Any, status: int = 200) -> Any:
    answer = await world.http.post(path, json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


async def identify(
    world: World, user: str | None, anonymous: str | None = None, minute: int = 0, **traits: Any
) -> None:
    at = NOON + timedelta(minutes=minute)
    await world.shop.accept(incoming("Identified", user, kind="identify", anonymous=anonymous, at=at, traits=traits))


async def one_who_is_two(world: World) -> None:
    """Bob browsed as `a1`, and somebody merged that into Ann by identifying on his device."""
    await world.shop.publish(journey("cart"))
    await identify(world, "ann", email="ann@example.com", city="Riga")
    await identify(world, None, "a1", 1, email="bob@example.com", city="Oslo", shoes=44)
    await world.shop.accept(incoming("Product Added", None, anonymous="a1", at=NOON + timedelta(minutes=2)))
    await identify(world, "ann", "a1", 3)
    await world.shop.accept(incoming("Product Viewed", "ann", at=NOON + timedelta(minutes=4)))


A1, BOBS = {"kind": "anonymous_id", "value": "a1"}, {"kind": "email", "value": "bob@example.com"}


async def test_identities_tell_what_a_customer_is_known_as_and_how_she_came_to_be(world: World) -> None:
    await one_who_is_two(world)
    await identify(world, "cyd", None, 5, email="ann@example.com")
    seen = await world.get("/v1/customers/ann/identities")
    assert {(one["kind"], one["value"], one["shared_with"]) for one in seen["identifiers"]} == {
        ("user_id", "ann", 0),
        ("email", "ann@example.com", 1),
        ("anonymous_id", "a1", 0),
        ("email", "bob@example.com", 0),
    }
    (merged,) = seen["merges"]
    assert (merged["survivor"], merged["through"], merged["undone_at"]) == ("ann", A1, None)
    assert merged["names"] == [A1, BOBS]
    (held,) = [
        one for one in (await world.get("/v1/customers/cyd/identities"))["identifiers"] if one["leads_elsewhere"]
    ]
    assert held["value"] == "ann@example.com"
    assert (await world.get("/v1/customers/bob@example.com"))["id"] == "ann"


async def test_a_split_gives_back_everything_that_came_under_the_names(world: World) -> None:
    await one_who_is_two(world)
    await world.shop.consent("ann", email="no", sms="yes")
    (merged,) = (await world.get("/v1/customers/ann/identities"))["merges"]
    done = await post(world, "/v1/customers/ann/split", {"identifiers": [A1, BOBS], "into": merged["loser"]})
    assert (done["split_off"], done["events"], done["runs"]) == (merged["loser"], 2, 1)
    ann, bob = await world.get("/v1/customers/ann"), await world.get(f"/v1/customers/{merged['loser']}")
    assert ann["attributes"] == {"email": "ann@example.com", "city": "Riga"}
    assert bob["attributes"] == {"email": "bob@example.com", "city": "Oslo", "shoes": 44}
    assert (ann["counts"]["events"], bob["counts"]["events"], bob["counts"]["runs"]) == (3, 2, 1)
    assert {one["subject"]: one["status"] for one in ann["consents"]} == {"email": "no", "sms": "yes"}
    assert {one["subject"]: one["status"] for one in bob["consents"]} == {"email": "no"}
    seen = await world.get("/v1/customers/ann/identities")
    assert [one["customer"] for one in seen["apart_from"]] == [bob["id"]]
    assert seen["merges"][0]["undone_by"] == "api/operator"


async def test_the_two_never_merge_again_and_late_events_find_their_own(world: World) -> None:
    await one_who_is_two(world)
    done = await post(world, "/v1/customers/ann/split", {"identifiers": [A1, BOBS]})
    bob = done["split_off"]
    await identify(world, "ann", "a1", 10)
    await identify(world, None, "a1", 11, email="ann@example.com")
    await world.shop.accept(
        incoming("Aliased", "ann", kind="alias", previous="a1", at=NOON + timedelta(minutes=12)),
        incoming("Product Viewed", None, anonymous="a1", at=NOON + timedelta(minutes=1)),
    )
    assert (await world.get("/v1/customers/a1"))["id"] == bob
    assert (await world.get("/v1/customers/ann@example.com"))["id"] == "ann"
    assert (await world.get(f"/v1/customers/{bob}"))["counts"]["events"] == 4
    names = {event["text"] for event in (await world.get(f"/v1/customers/{bob}/timeline"))["items"]}
    assert any("Product Viewed" in text for text in names)


async def test_a_run_after_a_split_has_a_workflow_of_its_own(world: World) -> None:
    await world.shop.publish(journey("cart"))
    await world.shop.accept(incoming("Product Viewed", "ann", anonymous="a1"))
    await world.shop.accept(incoming("Product Added", None, anonymous="a1", at=NOON + timedelta(minutes=1)))
    await post(world, "/v1/customers/ann/split", {"identifiers": [A1]})
    await world.shop.accept(incoming("Product Added", "ann", at=NOON + timedelta(minutes=2)))
    moved, fresh = await world.shop.runs()
    assert moved.customer_id != fresh.customer_id == "ann"
    assert moved.workflow_id == "journey/cart/ann"
    assert fresh.workflow_id.startswith("journey/cart/ann~")


async def test_an_operator_merges_two_users_and_what_was_split(world: World) -> None:
    await one_who_is_two(world)
    done = await post(world, "/v1/customers/ann/split", {"identifiers": [A1, BOBS]})
    await identify(world, "dan")
    for other in (done["split_off"], "dan"):
        answer = await post(world, "/v1/customers/ann/merge", {"customer": other}, 202)
        assert (answer["customer"], answer["merged"]) == ("ann", other)
        await world.shop.decide()
        assert (await world.get(f"/v1/customers/{other}"))["id"] == "ann"
    seen = await world.get("/v1/customers/ann/identities")
    assert seen["apart_from"] == []
    assert [one["through"] for one in seen["merges"]] == [A1, None, None]


async def page_views(world: World, customer: str) -> Any:
    return (await world.get(f"/v1/customers/{customer}"))["computed"]["page_views"]


async def test_what_is_reckoned_from_events_follows_a_split(world: World) -> None:
    await one_who_is_two(world)
    await world.shop.accept(
        *(incoming("Page Viewed", user, anonymous=None if user else "a1") for user in ("ann", None, None))
    )
    assert await page_views(world, "ann") == 3
    done = await post(world, "/v1/customers/ann/split", {"identifiers": [A1, BOBS]})
    await Keeper(world.database, world.clock).step()
    assert (await page_views(world, "ann"), await page_views(world, done["split_off"])) == (1, 2)


async def test_what_cannot_be_split_or_merged_says_where_and_why(world: World) -> None:
    await identify(world, "ann", "a1")
    for body, pointer in (
        ({"identifiers": [BOBS]}, "/identifiers/0"),
        ({"identifiers": [A1, {"kind": "user_id", "value": "ann"}]}, "/identifiers"),
        ({"identifiers": [A1], "into": "cyd"}, "/into"),
        ({"identifiers": []}, "/identifiers"),
    ):
        problem = await post(world, "/v1/customers/ann/split", body, 422)
        assert problem["errors"][0]["pointer"] == pointer
    for other in ("nobody", "ann"):
        problem = await post(world, "/v1/customers/ann/merge", {"customer": other}, 422)
        assert problem["errors"][0]["pointer"] == "/customer"
    await post(world, "/v1/customers/nobody/split", {"identifiers": [A1]}, 404)
