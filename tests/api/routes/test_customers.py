"""Looking inside: one customer's story, runs, messages, and answers to why."""

from datetime import timedelta
from typing import Any

import pytest

from tests.builders import incoming, journey
from tests.world import World

STEPS = [
    {"id": "cool-off", "name": "Let them finish", "wait": {"for": "1h"}},
    {"id": "remind", "send": {"channel": "email", "template": "cart-reminder"}},
    {"id": "answer", "wait_for": {"event": "Order Completed", "timeout": "1d"}},
    {"id": "offer", "send": {"channel": "email", "template": "cart-offer"}},
]
CART = journey(
    name="Cart abandonment",
    entry={"on": "event", "event": "Product Added", "reentry": {"after": "7d"}},
    exit=[{"on": "event", "event": "Cart Emptied", "outcome": "emptied"}],
    goals=[
        {"key": "order", "on": "event", "event": "Order Completed", "value": {"property": "revenue"}, "within": "7d"}
    ],
    steps=STEPS,
)


async def enter(world: World, document: dict[str, Any] = CART, *, consent: str = "yes", **traits: Any) -> None:
    await world.shop.introduce("ann", consent=consent, timezone="Europe/Warsaw", **traits)
    await world.shop.publish(document)
    await act(world, "Product Added", cart_id="c1")


async def act(world: World, name: str, user: str = "ann", **properties: Any) -> None:
    await world.shop.accept(incoming(name, user, at=world.clock.at, **properties))
    await world.settle()


async def story(world: World) -> list[tuple[str, str]]:
    items = (await world.get("/v1/customers/ann/timeline", limit=200))["items"]
    return [(item["kind"], item["text"]) for item in reversed(items)]


async def explain(world: World) -> dict[str, Any]:
    found: dict[str, Any] = await world.get("/v1/customers/ann/explain", journey="cart")
    return found


async def test_a_customer_as_a_whole(world: World) -> None:
    await enter(world)
    await world.pass_time(hours=1)
    seen = await world.get("/v1/customers/ann")
    assert (seen["id"], seen["attributes"]["name"]) == ("ann", "Ann")
    assert seen["identifiers"] == [
        {"kind": "user_id", "value": "ann"},
        {"kind": "email", "value": "ann@example.com"},
    ]
    assert [(one["subject"], one["status"], one["source"]) for one in seen["consents"]] == [("email", "yes", "test")]
    (run,) = seen["live_runs"]
    assert (run["journey"], run["step"], run["waits_for"]) == ("cart", "answer", "Order Completed")
    assert seen["counts"] == {"events": 2, "runs": 1, "live_runs": 1, "messages_sent": 1, "conversions": 0}


async def test_a_customer_is_found_by_any_of_her_ids(world: World) -> None:
    traits = {"email": "ann@example.com"}
    await world.shop.accept(incoming("Identified", "ann@example.com", anonymous="dev", kind="identify", traits=traits))
    ours = (await world.get("/v1/customers/ann@example.com"))["id"]
    assert ours.startswith("cus_")
    for name in (ours, "dev"):
        assert (await world.get(f"/v1/customers/{name}"))["id"] == ours


@pytest.mark.parametrize("path", ["", "/timeline", "/runs", "/messages", "/explain?journey=cart"])
async def test_somebody_unknown_is_not_found(world: World, path: str) -> None:
    answer = await world.http.get(f"/v1/customers/nobody{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_the_timeline_tells_the_story_in_sentences(world: World) -> None:
    await enter(world)
    await world.pass_time(hours=1, minutes=5)
    await act(world, "Order Completed", revenue=49.9)
    assert await story(world) == [
        ("event", "Profile data came in: email, name and timezone"),
        ("event", "**Product Added** (cart_id c1)"),
        ("consent", "Agreed to **email** (how: test, recorded by: test)"),
        ("entered", "Entered **Cart abandonment** (version 1) by **Product Added**"),
        ("arrived", "Waits at **Let them finish** until 2 Mar 14:00 Warsaw"),
        ("left", "The wait at **Let them finish** was over"),
        ("message", "E-mail *cart-reminder* sent"),
        ("arrived", "Waits at **answer** for Order Completed until 3 Mar 14:00 Warsaw"),
        ("event", "**Order Completed** (revenue 49.9)"),
        ("converted", "Reached the goal **order**, worth 49.9, after 1 message"),
        ("left", "**Order Completed** ended the wait at **answer**"),
        ("message", "E-mail *cart-offer* sent"),
        ("ended", "**Cart abandonment** ended: completed"),
    ]


async def test_the_timeline_goes_on_page_by_page_without_gap_or_repetition(world: World) -> None:
    await enter(world)
    await world.pass_time(hours=1)
    await act(world, "Order Completed", revenue=49.9)
    whole = (await world.get("/v1/customers/ann/timeline", limit=200))["items"]
    for limit in (1, 3, 5):
        pages, cursor = [], None
        while True:
            page = await world.get("/v1/customers/ann/timeline", limit=limit, **({"cursor": cursor} if cursor else {}))
            pages += page["items"]
            cursor = page["next"]
            if cursor is None:
                break
        assert pages == whole


async def test_a_refused_message_says_by_what_in_the_timeline(world: World) -> None:
    await enter(world, consent="no")
    await world.pass_time(hours=1)
    assert ("message", "E-mail *cart-reminder* not sent: no consent for email (email: no)") in await story(world)


async def test_a_run_shows_its_steps_gates_and_what_it_waits_for(world: World) -> None:
    await enter(world)
    await world.pass_time(hours=1)
    (item,) = (await world.get("/v1/customers/ann/runs"))["items"]
    run = await world.get(f"/v1/runs/{item['id']}")
    assert [(step["step"], step["visit"], step["why"]) for step in run["steps"]] == [
        ("cool-off", 1, "timer"),
        ("remind", 2, "sent"),
        ("answer", 3, None),
    ]
    gates = run["steps"][1]["gates"]
    assert [gate["gate"] for gate in gates] == ["consent", "address", "suppression", "exit_rules"]
    assert gates[0]["read"]["email"] == "yes"
    until = (world.clock.at + timedelta(days=1)).isoformat().replace("+00:00", "Z")
    assert (run["waits_until"], run["waits_for"]) == (until, "Order Completed")
    assert run["answer"] == (
        "The customer is in **Cart abandonment** and waits at **answer** for Order Completed until 3 Mar 14:00 Warsaw"
    )
    assert run["temporal_url"].endswith("/namespaces/default/workflows/journey%2Fcart%2Fann")
    assert (run["entry"], [message["step"] for message in run["messages"]]) == ({"cart_id": "c1"}, ["remind"])
    await act(world, "Order Completed", revenue=49.9)
    ended = await world.get(f"/v1/runs/{item['id']}")
    assert (ended["state"], ended["outcome"], ended["steps"][-1]["left_at"] is not None) == ("ended", "completed", True)
    (reached,) = ended["conversions"]
    assert (reached["goal"], reached["value"], reached["credited"]) == ("order", 49.9, ["remind"])
    assert (await world.http.get("/v1/runs/run_0")).status_code == 404


async def test_runs_of_a_journey_by_state_customer_and_step(world: World) -> None:
    await world.shop.publish(CART)
    for user in ("ann", "bob", "cid"):
        await act(world, "Product Added", user)
        world.shop.pass_time(minutes=1)
    await act(world, "Cart Emptied", "bob")
    counts = {}
    for query in ({}, {"state": "live"}, {"state": "ended"}, {"customer": "ann"}, {"step": "offer"}):
        items = (await world.get("/v1/journeys/cart/runs", **query))["items"]
        counts[str(query)] = [item["customer"] for item in items]
    assert list(counts.values()) == [["cid", "bob", "ann"], ["cid", "ann"], ["bob"], ["ann"], []]
    first = await world.get("/v1/journeys/cart/runs", limit=2)
    rest = await world.get("/v1/journeys/cart/runs", limit=2, cursor=first["next"])
    assert [item["customer"] for item in first["items"] + rest["items"]] == ["cid", "bob", "ann"]
    assert (await world.http.get("/v1/journeys/none/runs")).status_code == 404


async def test_explain_a_customer_who_waits(world: World) -> None:
    await enter(world)
    found = await explain(world)
    assert (found["is_in"], found["was_in"]) == (True, False)
    assert found["answer"] == (
        "The customer is in **Cart abandonment** and waits at **Let them finish** until 2 Mar 14:00 Warsaw. "
        "No message was due so far."
    )


async def test_explain_a_message_that_was_not_sent(world: World) -> None:
    await enter(world, consent="no")
    await world.pass_time(hours=1)
    found = await explain(world)
    assert (
        "0 of 1 message went out. **remind** was not sent on 2 Mar 14:00 Warsaw: no consent for email"
        in (found["answer"])
    )
    (message,) = found["messages"]
    assert message["data"]["gates"][-1] == {
        "gate": "consent",
        "passed": False,
        "read": {"topic": "marketing", "email": "no", "marketing": "unknown"},
    }


async def test_explain_somebody_outside_the_audience_judged_now(world: World) -> None:
    entry = {"on": "event", "event": "Product Added", "audience": {"attribute": "plan", "equals": "pro"}}
    await enter(world, journey(entry=entry), plan="free")
    found = await explain(world)
    assert found["answer"] == (
        "The customer did not enter on 2 Mar 13:00 Warsaw: not in the audience at that moment (1 refusal on record). "
        "With **Product Added** now, the customer would not enter: not in the audience."
    )
    assert (found["entry"]["audience"]["holds"], found["entry"]["audience"]["read"]) == (False, "free")
    assert (found["is_in"], found["entry"]["would_enter"], found["entry"]["matching"]) == (False, False, 1)
    traits = {"plan": "pro"}
    await world.shop.accept(incoming("Identified", kind="identify", at=world.clock.at, traits=traits))
    assert (await explain(world))["entry"]["would_enter"] is True


async def test_explain_re_entry(world: World) -> None:
    await enter(world)
    await act(world, "Cart Emptied")
    found = await explain(world)
    assert (found["is_in"], found["was_in"], found["entry"]["would_enter"]) == (False, True, False)
    (again,) = found["entry"]["reentry"]
    assert (again["allowed"], again["data"]["code"], again["text"]) == (
        False,
        "reentry",
        "was in it before, and may enter again from 9 Mar 13:00 Warsaw",
    )
    world.shop.pass_time(hours=1)
    await act(world, "Product Added")
    refused = await explain(world)
    assert "ended on 2 Mar 13:00 Warsaw: emptied. Since then the customer did not enter" in refused["answer"]
    assert [one["data"]["code"] for one in refused["refusals"]] == ["reentry"]
    await world.pass_time(days=8)
    assert (await explain(world))["entry"]["would_enter"] is True


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ([], "**Product Added** has not happened"),
        ([{"price": 5}], "**Product Added** happened 1 time, never as its `where` asks"),
        ([{"price": 50}], "**Product Added** last happened on 2 Mar 13:00 Warsaw; published since"),
    ],
)
async def test_explain_somebody_who_never_came(world: World, events: list[dict[str, Any]], said: str) -> None:
    await world.shop.introduce("ann", timezone="Europe/Warsaw")
    for properties in events:
        await act(world, "Product Added", **properties)
    entry = {"on": "event", "event": "Product Added", "where": {"property": "price", "gt": 10}}
    world.shop.pass_time(hours=1)
    await world.shop.publish(journey(entry=entry))
    assert said in (await explain(world))["answer"]


async def test_explain_a_journey_that_is_not_live(world: World) -> None:
    await world.shop.introduce("ann")
    assert (await world.http.get("/v1/customers/ann/explain", params={"journey": "cart"})).status_code == 404
    await world.put("/v1/journeys/cart", journey())
    assert (await explain(world))["answer"] == "The customer is not in **cart**: it was never published."
    await world.http.post("/v1/journeys/cart/publish")
    await world.http.post("/v1/journeys/cart/stop")
    assert "it is stopped, and nobody enters" in (await explain(world))["answer"]


async def test_parallel_runs_are_explained_by_their_key(world: World) -> None:
    entry = {"on": "event", "event": "Product Added", "correlate": "cart_id", "while_live": "parallel"}
    await enter(world, journey(entry=entry))
    await act(world, "Product Added", cart_id="c2")
    found = await explain(world)
    assert {one["correlation"]: one["data"]["code"] for one in found["entry"]["reentry"]} == {
        "c1": "live",
        "c2": "live",
    }
    assert (len(found["runs"]), found["entry"]["would_enter"]) == (2, True)
