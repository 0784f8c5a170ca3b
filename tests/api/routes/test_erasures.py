"""Erasing and exporting over HTTP, on both databases."""

import jsonschema_rs
import pytest

from api.schemas.erasures import export_schema
from tests.builders import NOON, incoming, journey
from tests.journeyman.journeys.erasure.traces import Eraser, tell_the_engine, where
from tests.world import World, world

MAIL = {"id": "mail", "send": {"channel": "email", "template": "hello"}}
LONG = {"id": "long", "wait": {"for": "45d"}}


async def settled(made: World) -> None:
    await made.shop.introduce("ann-77", name="Aurelia", email="ann-77@example.com")
    await made.shop.publish(journey(steps=[MAIL, LONG]))
    await made.shop.accept(incoming("Product Added", "ann-77", at=NOON, cart_id="c1", price=12.5))
    await made.settle()


async def test_an_export_is_as_its_schema_says_and_holds_everything(database_url: str) -> None:
    async with world(database_url) as made:
        await settled(made)
        answer = await made.http.get("/v1/customers/ann-77/export")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
        document = answer.json()
        jsonschema_rs.validate(export_schema(), document)
        assert document["ids"] == ["ann-77"]
        assert [profile["attributes"]["name"] for profile in document["profiles"]] == ["Aurelia"]
        assert [event["name"] for event in document["events"]] == ["Identified", "Product Added"]
        (message,) = document["messages"]
        assert message["address"] == "ann-77@example.com"
        assert [content["hash"] for content in document["contents"]] == [message["template_hash"]]
        assert document["journal"][0]["kind"] == "entered"
        assert [consent["status"] for consent in document["consents"]] == ["yes"]
        assert (await made.http.get("/v1/customers/nobody/export")).status_code == 404


async def test_an_erasure_is_accepted_reported_and_lifted(database_url: str) -> None:
    async with world(database_url) as made:
        await settled(made)
        answer = await made.http.delete("/v1/customers/ann-77")
        receipt = answer.json()
        assert (answer.status_code, receipt["state"], receipt["completed_at"]) == (202, "requested", None)
        assert (await made.http.get("/v1/customers/ann-77")).status_code == 404
        assert (await made.http.delete("/v1/customers/ann-77")).json() == receipt
        assert (await made.http.post(f"/v1/erasures/{receipt['id']}/lift")).status_code == 409
        await tell_the_engine(made.database)
        await Eraser(made.database, made.clock, made.services.wake).finish(receipt["id"])
        done = await made.get(answer.headers["location"])
        assert (done["state"], done["counts"]["messages"]) == ("done", 1)
        assert await where(made.database, ["ann-77", "Aurelia"]) == {}
        (run,) = await made.shop.runs()
        assert (await made.get(f"/v1/runs/{run.id}"))["outcome"] == "erased"
        lifted = await made.http.post(f"/v1/erasures/{receipt['id']}/lift")
        assert (lifted.status_code, lifted.json()["lifted_by"]) == (200, "api/operator")


async def test_m6_codes_are_exported_and_stay_counted_when_their_customer_is_erased(database_url: str) -> None:
    async with world(database_url) as made:
        await made.put("/v1/coupons/ten-off", {"name": "Ten off"})
        await made.http.post("/v1/coupons/ten-off", json={"codes": ["A", "B"]})
        await made.shop.introduce("ann-77", name="Aurelia", email="ann-77@example.com")
        mail = {**MAIL, "send": {**MAIL["send"], "coupon": "ten-off"}}  # type: ignore[dict-item]  # a plain document
        await made.shop.publish(journey(steps=[mail, LONG]))
        await made.shop.accept(incoming("Product Added", "ann-77", at=NOON))
        await made.settle()
        (coupon,) = (await made.get("/v1/customers/ann-77/export"))["coupons"]
        assert (coupon["pool"], coupon["code"], coupon["state"]) == ("ten-off", "A", "given")
        receipt = (await made.http.delete("/v1/customers/ann-77")).json()
        await tell_the_engine(made.database)
        await Eraser(made.database, made.clock, made.services.wake).finish(receipt["id"])
        counted = (await made.get("/v1/coupons/ten-off"))["codes"]
        assert counted == {"free": 1, "reserved": 0, "given": 1, "redeemed": 0}
        assert await where(made.database, ["ann-77"]) == {}


@pytest.mark.parametrize("path", ["/v1/customers/nobody", "/v1/customers/nobody/export"])
async def test_nobody_is_not_found(database_url: str, path: str) -> None:
    async with world(database_url) as made:
        method = "GET" if path.endswith("export") else "DELETE"
        assert (await made.http.request(method, path)).status_code == 404
        assert (await made.http.get("/v1/erasures/era_0")).status_code == 404
