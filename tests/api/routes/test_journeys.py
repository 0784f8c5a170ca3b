"""Journeys over the API: documents in and out, publishing, stopping, entering by a call."""

from typing import Any

import pytest

from journeyman.kit.yaml_format import dump_yaml, load_yaml
from tests.builders import journey
from tests.world import World

CALLED = journey("welcome", entry={"on": "api", "audience": {"attribute": "plan", "equals": "pro"}})
YAML = {"content-type": "application/yaml", "accept": "application/yaml"}


async def publish(world: World, document: dict[str, Any]) -> None:
    await world.put(f"/v1/journeys/{document['journey']}", document)
    answer = await world.http.post(f"/v1/journeys/{document['journey']}/publish", json={"inside": "stay"})
    assert answer.status_code == 200, answer.text


async def test_a_draft_comes_out_as_it_went_in(world: World) -> None:
    saved = await world.put("/v1/journeys/cart", journey())
    assert (saved["state"], saved["version"], saved["problems"], saved["draft"]) == ("draft", None, [], journey())
    assert await world.get("/v1/journeys/cart") == journey()


async def test_yaml_goes_in_and_comes_out(world: World) -> None:
    answer = await world.http.put("/v1/journeys/cart", content=dump_yaml(journey()), headers=YAML)
    assert answer.status_code == 200
    read = await world.http.get("/v1/journeys/cart", headers=YAML)
    assert read.headers["content-type"].startswith("application/yaml")
    assert load_yaml(read.text) == journey()


async def test_every_fault_of_a_document_is_named_with_its_step_and_mend(world: World) -> None:
    document = journey(steps=[{"id": "a", "wait": {"for": "soon"}, "next": "gone"}, {"id": "b", "call": {}}])
    answer = await world.http.put("/v1/journeys/cart", json=document)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    errors = answer.json()["errors"]
    assert errors
    assert all(fault["pointer"].startswith("/steps") and fault["mend"] for fault in errors)
    assert any("step `" in fault["detail"] for fault in errors)


@pytest.mark.parametrize(
    ("key", "body", "pointer"),
    [("other", journey(), "/journey"), ("cart", journey(name=10**30), "/name"), ("cart", [], "")],
)
async def test_what_cannot_be_a_draft_is_refused(world: World, key: str, body: Any, pointer: str) -> None:
    answer = await world.http.put(f"/v1/journeys/{key}", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


@pytest.mark.parametrize(("content", "headers"), [(b"{", {}), (b"\xff", YAML), (b'{"a": NaN}', {})])
async def test_what_is_no_document_is_malformed(world: World, content: bytes, headers: dict[str, str]) -> None:
    answer = await world.http.put("/v1/journeys/cart", content=content, headers=headers)
    assert answer.status_code == 400


async def test_a_version_is_published_once_however_often(world: World) -> None:
    await world.put("/v1/journeys/cart", journey())
    tried = await world.http.post("/v1/journeys/cart/publish", json={"dry_run": True})
    assert (tried.json()["version"], (await world.get("/v1/journeys"))["items"][0]["state"]) == (1, "draft")
    answers = [await world.http.post("/v1/journeys/cart/publish") for _ in range(2)]
    assert [(answer.json()["version"], answer.json()["is_new"]) for answer in answers] == [(1, True), (1, False)]
    (item,) = (await world.get("/v1/journeys"))["items"]
    assert (item["state"], item["version"], item["unpublished_changes"]) == ("live", 1, False)
    await world.put("/v1/journeys/cart", journey(name="Cart"))
    (item,) = (await world.get("/v1/journeys"))["items"]
    assert (item["name"], item["version"], item["unpublished_changes"]) == ("Cart", 1, True)


@pytest.mark.parametrize(
    ("wish", "pointer"),
    [
        ({"inside": "soon"}, "/inside"),
        ({"map": {"pause": "pause"}}, "/map"),
        ({"share": 1}, "/share"),
        ({"x": 1}, "/x"),
    ],
)
async def test_what_publishing_cannot_do_is_refused_by_name(world: World, wish: dict[str, Any], pointer: str) -> None:
    await world.put("/v1/journeys/cart", journey())
    answer = await world.http.post("/v1/journeys/cart/publish", json=wish)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_a_list_goes_on_page_by_page(world: World) -> None:
    for key in ("a", "b", "c"):
        await world.put(f"/v1/journeys/{key}", journey(key))
    first = await world.get("/v1/journeys", limit=2)
    second = await world.get("/v1/journeys", limit=2, cursor=first["next"])
    keys = [item["key"] for page in (first, second) for item in page["items"]]
    assert (keys, second["next"]) == (["a", "b", "c"], None)
    assert (await world.http.get("/v1/journeys", params={"cursor": "nonsense"})).status_code == 422


async def test_a_stopped_journey_lets_nobody_in(world: World) -> None:
    assert (await world.http.post("/v1/journeys/welcome/stop")).status_code == 404
    await world.put("/v1/journeys/welcome", CALLED)
    assert (await world.http.post("/v1/journeys/welcome/stop")).status_code == 409
    await publish(world, CALLED)
    assert (await world.http.post("/v1/journeys/welcome/stop")).json()["state"] == "stopped"
    answer = await world.http.post("/v1/journeys/welcome/enter", json={"customer": "ann"})
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


async def test_a_call_enters_a_customer_with_its_context(world: World) -> None:
    await publish(world, CALLED)
    await world.shop.introduce("ann", plan="pro")
    body = {"customer": "ann", "context": {"coupon": "X", "huge": 10**30}}
    answer = await world.http.post("/v1/journeys/welcome/enter", json=body)
    assert answer.status_code == 202
    await world.settle()
    (run,) = await world.shop.runs()
    assert (run.customer_id, run.entry["coupon"], run.state) == ("ann", "X", "live")
    (entered,) = [entry for entry in await world.shop.journal() if entry.kind == "entered"]
    assert entered.data["message_id"] == answer.json()["accepted"][0]["id"]


async def test_a_call_is_decided_after_what_the_customer_did_before_it(world: World) -> None:
    await publish(world, CALLED)
    identify = {"userId": "ann", "traits": {"plan": "pro"}, "timestamp": world.clock.at.isoformat()}
    ingest = await world.http.post("/v1/identify", json=identify)
    assert ingest.status_code == 403, "an operator sends no events"
    from tests.builders import incoming  # noqa: PLC0415 - as the door would

    await world.shop.introduce("ann")
    events = [incoming("Identified", "ann", kind="identify", at=world.clock.at, traits={"plan": "pro"})]
    await world.services.inbox.accept(events, world.clock.at)
    answer = await world.http.post("/v1/journeys/welcome/enter", json={"customer": "ann"})
    assert answer.status_code == 202
    await world.settle()
    assert len(await world.shop.runs()) == 1


async def test_a_user_id_that_nobody_has_makes_a_customer(world: World) -> None:
    await publish(world, journey("welcome", entry={"on": "api"}))
    answer = await world.http.post("/v1/journeys/welcome/enter", json=[{"customer": "new"}, {"customer": "newer"}])
    assert [one["customer"] for one in answer.json()["accepted"]] == ["new", "newer"]
    await world.settle()
    assert {run.customer_id for run in await world.shop.runs()} == {"new", "newer"}
    assert (await world.get("/v1/customers/new"))["identifiers"] == [{"kind": "user_id", "value": "new"}]


async def test_a_repeated_call_enters_once(world: World) -> None:
    await publish(world, journey("welcome", entry={"on": "api", "while_live": "restart"}))
    headers = {"idempotency-key": "order 17"}
    answers = []
    for _ in range(3):
        call = world.http.post("/v1/journeys/welcome/enter", json={"customer": "ann"}, headers=headers)
        answers.append((await call).json())
        await world.settle()
    assert answers[0] == answers[1] == answers[2]
    assert len(await world.shop.runs()) == 1


async def test_a_customer_without_a_user_id_is_entered_by_our_id(world: World) -> None:
    from tests.builders import incoming  # noqa: PLC0415 - as the door would

    await publish(world, journey("welcome", entry={"on": "api"}))
    await world.shop.accept(incoming("Page Viewed", None, anonymous="dev-1"))
    ours = (await world.get("/v1/customers/dev-1"))["id"]
    assert ours.startswith("cus_")
    assert (await world.http.post("/v1/journeys/welcome/enter", json={"customer": ours})).status_code == 202
    await world.settle()
    assert [run.customer_id for run in await world.shop.runs()] == [ours]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"customer": "cus_unknown"}, "/customer"),
        ([{"customer": "ann"}, {"customer": "cus_unknown"}], "/1/customer"),
    ],
)
async def test_an_id_of_ours_that_nobody_has_is_a_mistake(world: World, body: Any, pointer: str) -> None:
    await publish(world, journey("welcome", entry={"on": "api"}))
    answer = await world.http.post("/v1/journeys/welcome/enter", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_a_journey_that_starts_on_an_event_is_not_entered_by_a_call(world: World) -> None:
    await publish(world, journey())
    answer = await world.http.post("/v1/journeys/cart/enter", json={"customer": "ann"})
    assert answer.status_code == 409
    assert "starts on `event`" in answer.json()["detail"]
    assert (await world.http.post("/v1/journeys/none/enter", json={"customer": "ann"})).status_code == 404


async def test_e8_a_refused_call_is_on_record(world: World) -> None:
    await publish(world, CALLED)
    await world.shop.introduce("ann", plan="free")
    answer = await world.http.post("/v1/journeys/welcome/enter", json={"customer": "ann"})
    await world.settle()
    explained = await world.get("/v1/customers/ann/explain", journey="welcome")
    (refusal,) = explained["refusals"]
    assert (refusal["data"]["code"], refusal["data"]["message_id"]) == ("audience", answer.json()["accepted"][0]["id"])
    assert (await world.get("/v1/journeys/welcome/stats"))["refused"] == {"audience": 1}
