"""A journey in figures: against counts by hand, against each other, and against a recount of the journal (C1-C3)."""

from collections import Counter
from datetime import timedelta
from typing import Any

from journeyman.journeys.journal import Entry
from tests.builders import NOON, incoming, journey
from tests.world import World

STEPS: list[dict[str, Any]] = [
    {"id": "cool-off", "wait": {"for": "1h"}},
    {"id": "which", "branch": [{"when": {"attribute": "vip", "equals": True}, "next": "end"}]},
    {"id": "remind", "send": {"channel": "email", "template": "remind"}},
    {"id": "day", "wait": {"for": "1d"}},
    {"id": "offer", "send": {"channel": "email", "template": "offer"}},
    {"id": "late", "wait": {"for": "1d"}},
    {"id": "gone", "end": "not-bought"},
]
CART = journey(
    entry={
        "on": "event",
        "event": "Product Added",
        "audience": {"not": {"attribute": "staff", "equals": True}},
        "while_live": "restart",
        "reentry": "never",
    },
    exit=[{"on": "event", "event": "Order Completed", "outcome": "bought"}],
    goals=[
        {"key": "order", "on": "event", "event": "Order Completed", "value": {"property": "revenue"}, "within": "7d"}
    ],
    steps=STEPS,
)


async def play(world: World) -> None:
    """Seven customers, each with a fate of her own."""
    fates: dict[str, Any] = {"vip": {"vip": True}, "staff": {"staff": True}}
    for user in ("early", "reminded", "offered", "silent", "vip", "staff"):
        await world.shop.introduce(user, **fates.get(user, {}))
    await world.shop.introduce("mute", consent="no")
    await world.shop.publish(CART)
    for user in ("early", "reminded", "offered", "silent", "vip", "staff", "mute"):
        await world.shop.accept(incoming("Product Added", user, at=world.clock.at))
    await world.pass_time(minutes=10)
    await buy(world, "early", 10)
    await world.shop.accept(incoming("Product Added", "silent", at=world.clock.at))
    await world.pass_time(hours=2)
    await buy(world, "reminded", 20.5)
    opened = [row for row in await mails(world, "offered") if row["state"] == "sent"]
    await world.http.get(world.tokens.open_url(opened[0]["id"]))
    await world.http.get(world.tokens.click_url(opened[0]["id"], "https://shop.example/"))
    await world.pass_time(days=1)
    await buy(world, "offered", 30)
    await world.shop.accept(incoming("Product Added", "early", at=world.clock.at))
    await world.settle()


async def buy(world: World, user: str, revenue: float) -> None:
    await world.shop.accept(incoming("Order Completed", user, at=world.clock.at, revenue=revenue))
    await world.settle()


async def mails(world: World, user: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await world.get(f"/v1/customers/{user}/messages"))["items"]
    return items


def row(stats: dict[str, Any], step: str) -> dict[str, Any]:
    return next(one for one in stats["steps"] if one["step"] == step)


def some(stats: dict[str, Any], step: str, *names: str) -> list[Any]:
    return [row(stats, step)[name] for name in names]


async def test_figures_are_what_a_hand_counts(world: World) -> None:
    await play(world)
    stats = await world.get("/v1/journeys/cart/stats")
    assert (stats["entered"], stats["live"]) == (7, 2), "six came in, and one of them began anew"
    assert stats["ended"] == {"bought": 3, "completed": 1, "restarted": 1}
    assert stats["refused"] == {"audience": 1, "reentry": 1}
    assert [step["step"] for step in stats["steps"]] == [step["id"] for step in STEPS]
    figures = ("entered", "waiting", "left", "dropped")
    assert some(stats, "cool-off", *figures) == [7, 0, 5, {"exit": 1, "restart": 1}]
    assert some(stats, "which", *figures) == [5, 0, 5, {}]
    assert some(stats, "remind", *figures) == [4, 0, 4, {}]
    assert some(stats, "day", *figures) == [4, 0, 3, {"exit": 1}]
    assert some(stats, "offer", *figures) == [3, 0, 3, {}]
    assert some(stats, "late", *figures) == [3, 2, 0, {"exit": 1}]
    assert some(stats, "gone", *figures) == [0, 0, 0, {}]


async def test_messages_and_their_receipts_are_counted_by_step(world: World) -> None:
    await play(world)
    stats = await world.get("/v1/journeys/cart/stats")
    assert row(stats, "remind")["messages"] == {"sent": 3, "no_consent": 1}
    assert some(stats, "remind", "sent", "opened", "clicked", "delivered") == [3, 1, 1, 0]
    assert some(stats, "offer", "sent", "opened", "clicked") == [2, 0, 0]
    assert len(world.smtp.mails) == sum(step["sent"] for step in stats["steps"])


async def test_c1_a_conversion_is_the_last_messages_and_before_the_first_the_journeys_alone(world: World) -> None:
    await play(world)
    stats = await world.get("/v1/journeys/cart/stats")
    (goal,) = stats["goals"]
    assert goal == {
        "goal": "order",
        "conversions": 3,
        "revenue": 60.5,
        "before_messages": 1,
        "held_out": 0,
        "held_out_revenue": 0.0,
    }
    assert some(stats, "remind", "converted", "assisted", "revenue") == [1, 1, 20.5]
    assert some(stats, "offer", "converted", "assisted", "revenue") == [1, 0, 30.0]
    converted = sum(step["converted"] for step in stats["steps"])
    assert converted + sum(goal["before_messages"] for goal in stats["goals"]) == 3


async def test_c1_a_second_order_within_the_window_converts_no_more(world: World) -> None:
    await play(world)
    await buy(world, "offered", 99)
    (goal,) = (await world.get("/v1/journeys/cart/stats"))["goals"]
    assert (goal["conversions"], goal["revenue"]) == (3, 60.5)


async def test_c2_an_order_after_the_window_does_not_convert(world: World) -> None:
    await play(world)
    await world.pass_time(days=8)
    await buy(world, "mute", 99)
    assert (await world.get("/v1/journeys/cart/stats"))["goals"][0]["conversions"] == 3


async def test_c3_an_order_within_the_window_after_the_run_is_its_conversion(world: World) -> None:
    await play(world)
    await world.pass_time(days=2)
    assert {run.state for run in await world.shop.runs() if run.customer_id == "silent"} == {"ended"}
    await buy(world, "silent", 5)
    stats = await world.get("/v1/journeys/cart/stats")
    assert (stats["goals"][0]["conversions"], row(stats, "offer")["converted"]) == (4, 2)


async def test_figures_agree_with_each_other_and_with_the_runs(world: World) -> None:
    await play(world)
    stats = await world.get("/v1/journeys/cart/stats")
    for step in stats["steps"]:
        assert step["entered"] == step["waiting"] + step["left"] + sum(step["dropped"].values()), step["step"]
        assert step["sent"] >= step["opened"] >= step["clicked"]
    live = [run for run in await world.shop.runs() if run.state == "live"]
    assert Counter(run.step for run in live) == {
        one["step"]: one["waiting"] for one in stats["steps"] if one["waiting"]
    }
    assert stats["live"] == stats["entered"] - sum(stats["ended"].values()) == len(live)
    assert stats["goals"][0]["conversions"] == len(await world.shop.conversions())


async def test_a_recount_of_the_journal_gives_the_same(world: World) -> None:
    await play(world)
    stats = await world.get("/v1/journeys/cart/stats")
    journal = await world.shop.journal()
    assert stats["ended"] == dict(Counter(line.data["outcome"] for line in journal if line.kind == "ended"))
    assert stats["refused"] == dict(Counter(line.code for line in journal if line.kind == "refused"))
    for step in stats["steps"]:
        mine = [line for line in journal if line.step == step["step"]]
        assert step["messages"] == dict(Counter(line.code for line in mine if line.kind == "message"))
        assert step["dropped"] == dict(Counter(line.code for line in mine if is_drop(line)))
        last = [line for line in journal if line.kind == "converted" and line.data["credited"][:1] == [step["step"]]]
        assert (step["converted"], step["revenue"]) == (len(last), sum(line.data["value"] for line in last))


def is_drop(line: Entry) -> bool:
    return line.kind == "ended" and line.code != "completed"


async def test_a_period_counts_what_happened_in_it(world: World) -> None:
    await play(world)
    noon, later = NOON.isoformat(), (NOON + timedelta(hours=2)).isoformat()
    first = await world.get("/v1/journeys/cart/stats", until=later)
    rest = await world.get("/v1/journeys/cart/stats", since=later)
    whole = await world.get("/v1/journeys/cart/stats", since=noon)
    assert (first["entered"], rest["entered"], whole["entered"]) == (7, 0, 7)
    assert (row(first, "day")["waiting"], row(rest, "day")["left"], row(whole, "day")["waiting"]) == (4, 3, 0)
    for step in ("cool-off", "remind", "day", "offer", "late"):
        for name in ("entered", "left", "sent", "opened", "clicked", "converted", "revenue"):
            assert row(first, step)[name] + row(rest, step)[name] == row(whole, step)[name], (step, name)


async def test_a_period_that_ends_before_it_begins_is_refused(world: World) -> None:
    await world.put("/v1/journeys/cart", CART)
    query = {"since": "2026-03-03T00:00:00Z", "until": "2026-03-02T00:00:00Z"}
    answer = await world.http.get("/v1/journeys/cart/stats", params=query)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/query/until")
    assert (await world.http.get("/v1/journeys/none/stats")).status_code == 404
    empty = await world.get("/v1/journeys/cart/stats")
    assert (empty["entered"], empty["goals"][0]["conversions"]) == (0, 0)
