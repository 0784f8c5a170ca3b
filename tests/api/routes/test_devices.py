"""Devices: told of through the inbox, whoever she turns out to be, and gone when she is."""

from typing import Any

from journeyman.customers.inbox.events import subject_of
from journeyman.kit.keys.keys import Role, create
from tests.builders import incoming
from tests.world import World

SUBSCRIPTION = {
    "endpoint": "https://push.example/send/abc",
    "keys": {"p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcx" + "a" * 43, "auth": "BTBZMqHH6r4Tts7J_aSIgg"},
}


async def tell(world: World, path: str = "/v1/devices", **device: Any) -> Any:
    key = await create(world.database, Role.INGEST, "", world.clock.at)
    answer = await world.http.post(path, json=device, headers={"authorization": f"Bearer {key}"})
    await world.settle()
    return answer


async def devices(world: World, customer: str = "ann") -> list[tuple[str, str | None]]:
    return [(one["channel"], one["platform"]) for one in await world.get(f"/v1/customers/{customer}/devices")]


async def test_a_device_is_kept_shown_without_its_token_and_removed(world: World) -> None:
    await world.shop.introduce("ann")
    told = await tell(world, channel="push", token="t" * 50, userId="ann", platform="ios", app="example.shop")
    assert told.status_code == 202
    (device,) = await world.get("/v1/customers/ann/devices")
    assert device["id"] == told.json()["id"]
    assert "token" not in device
    await tell(world, "/v1/devices/remove", channel="push", token="t" * 50, userId="ann")
    assert await devices(world) == []


async def test_a_device_of_somebody_unknown_is_hers_once_she_says_who_she_is(world: World) -> None:
    await tell(world, channel="web_push", token=SUBSCRIPTION, anonymousId="cookie-1", platform="firefox")
    await world.shop.introduce("ann")
    traits = {"email": "ann@example.com"}
    seen = incoming("Identified", "ann", kind="identify", at=world.clock.at, traits=traits, anonymous="cookie-1")
    await world.shop.accept(seen)
    assert await devices(world) == [("web_push", "firefox")]


async def test_a_device_belongs_to_who_signed_in_last(world: World) -> None:
    for customer in ("ann", "bob"):
        await world.shop.introduce(customer)
        await tell(world, channel="push", token="shared", userId=customer, platform="android")
    assert (await devices(world, "ann"), await devices(world, "bob")) == ([], [("push", "android")])


async def test_one_subscription_is_one_device_however_it_is_written(world: World) -> None:
    await world.shop.introduce("ann")
    other = {"keys": dict(reversed(SUBSCRIPTION["keys"].items())), "endpoint": SUBSCRIPTION["endpoint"]}  # type: ignore[attr-defined]  # a plain document
    both = [await tell(world, channel="web_push", token=one, userId="ann") for one in (SUBSCRIPTION, other)]
    ids = {told.json()["id"] for told in both}
    assert len(ids) == 1
    assert len(await devices(world)) == 1


async def test_what_is_no_device_is_refused_by_field(world: World) -> None:
    for device, pointer in (
        ({"channel": "push", "token": "t"}, ""),
        ({"channel": "web_push", "token": "t", "userId": "ann"}, ""),
        ({"channel": "push", "token": "", "userId": "ann"}, "/token"),
        ({"channel": "fax", "token": "t", "userId": "ann"}, "/channel"),
    ):
        answer = await tell(world, **device)
        assert answer.status_code == 422, device
        assert answer.json()["errors"][0]["pointer"].startswith(pointer)
    assert subject_of("ann", None) == "u:ann"


async def test_erased_she_has_no_device(world: World) -> None:
    await world.shop.introduce("ann")
    await tell(world, channel="push", token="t" * 50, userId="ann")
    exported = await world.get("/v1/customers/ann/export")
    assert [one["channel"] for one in exported["devices"]] == ["push"]


async def test_reachable_asks_for_a_device(world: World) -> None:
    await world.shop.introduce("ann")
    await world.shop.introduce("bob")
    for customer in ("ann", "bob"):
        await world.shop.consent(customer, push="yes")
    await tell(world, channel="push", token="t" * 50, userId="ann")
    size = await world.http.post("/v1/segments/preview", json={"name": "Reachable", "when": {"reachable": "push"}})
    assert size.json()["count"] == 1, size.text


async def test_clients_of_segment_tell_of_their_device_with_every_event(world: World) -> None:
    context = {"device": {"type": "iOS", "token": "t" * 50}, "app": {"namespace": "example.shop"}}
    body = {"userId": "ann", "event": "Product Viewed", "context": context}
    key = await create(world.database, Role.INGEST, "", world.clock.at)
    for _ in range(2):
        await world.http.post("/v1/track", json=body, headers={"authorization": f"Bearer {key}"})
    await world.settle()
    assert [(one["platform"], one["app"]) for one in await world.get("/v1/customers/ann/devices")] == [
        ("ios", "example.shop")
    ]
