"""`activity`: work of the team's own, done by a worker that imports nothing of the product."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from temporalio import activity
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker

from tests.builders import incoming, journey
from tests.workflows.theatre import Theatre

QUEUE = "sales-workers"
MAIL = {"id": "mail", "send": {"channel": "email", "template": "hello"}}
WAYS: list[dict[str, Any]] = [{"id": "over", "end": "over"}, {"id": "broken", "end": "broken"}]


class Sales:
    """The team's own activities."""

    def __init__(self) -> None:
        self.given: list[Any] = []
        self.let_go = asyncio.Event()
        self.stopped = asyncio.Event()

    @activity.defn(name="ScoreLead")
    async def score_lead(self, given: dict[str, Any]) -> dict[str, Any]:
        self.given.append(given)
        return {"score": 7}

    @activity.defn(name="Fail")
    async def fail(self, given: dict[str, Any]) -> None:
        self.given.append(given)
        raise ApplicationError("the CRM is closed", type="Closed")

    @activity.defn(name="Forbidden")
    async def forbidden(self, given: dict[str, Any]) -> None:
        self.given.append(given)
        raise ApplicationError("no", type="Forbidden", non_retryable=True)

    @activity.defn(name="Bytes")
    async def bytes_(self, _given: dict[str, Any]) -> bytes:
        return b"\x00\xff"

    @activity.defn(name="Large")
    async def large(self, _given: dict[str, Any]) -> str:
        return "x" * 70_000

    @activity.defn(name="Nothing")
    async def nothing(self, _given: dict[str, Any]) -> None:
        return None

    @activity.defn(name="Patient")
    async def patient(self, _given: dict[str, Any]) -> str:
        try:
            while not self.let_go.is_set():
                activity.heartbeat()
                await asyncio.sleep(0.05)
        except asyncio.CancelledError:
            self.stopped.set()
            raise
        return "done"


@asynccontextmanager
async def at_work(client: Client) -> AsyncIterator[Sales]:
    sales = Sales()
    own = [sales.score_lead, sales.fail, sales.forbidden, sales.bytes_, sales.large, sales.nothing, sales.patient]
    async with Worker(client, task_queue=QUEUE, activities=own):
        yield sales


def step(name: str, **parts: Any) -> dict[str, Any]:
    about = {"name": name, "queue": QUEUE, "as": "lead", "on_error": "broken"}
    return {"id": parts.pop("id", "work"), "activity": {**about, **parts}}


async def enter(stage: Theatre, *steps: dict[str, Any], **parts: Any) -> None:
    await stage.shop.introduce()
    await stage.shop.publish(journey(steps=[*steps, *WAYS], **parts))
    await stage.accept(incoming("Product Added", at=stage.clock.at, cart_id="c1"))


async def until(stage: Theatre, holds: Callable[[Any], bool]) -> Any:
    async with asyncio.timeout(30):
        while not holds(await stage.run()):
            await asyncio.sleep(0.02)
            await stage.settle()
    return await stage.run()


async def ended(stage: Theatre) -> Any:
    return await until(stage, lambda run: run.state == "ended")


async def failure(stage: Theatre) -> str:
    (line,) = [line for line in await stage.shop.journal() if line.code == "activity_failed"]
    return str(line.data["detail"])


async def test_it_is_given_what_the_author_names_and_its_result_joins_the_context(stage: Theatre) -> None:
    async with at_work(stage.client) as sales:
        given = {"mail": {"attribute": "email"}, "cart": {"entry": "cart_id"}, "gone": {"entry": "gone"}, "n": 3}
        which = {
            "id": "which",
            "branch": [{"when": {"context": "lead.score", "gte": 5}, "next": "mail"}],
            "else": "over",
        }
        await enter(stage, step("ScoreLead", input=given), which, MAIL)
        run = await ended(stage)
    assert (run.outcome, run.context["lead"], stage.subjects) == ("over", {"score": 7}, ["Hello Ann"])
    assert sales.given == [
        {
            "run": run.id,
            "customer": run.customer_id,
            "journey": "cart",
            "step": "work",
            "visit": 1,
            "input": {"mail": "ann@example.com", "cart": "c1", "n": 3},
        }
    ]
    assert run.kept is None


async def test_after_a_wait_it_is_executed_as_well(stage: Theatre) -> None:
    async with at_work(stage.client) as sales:
        await enter(stage, {"id": "pause", "wait": {"for": "1h"}}, step("ScoreLead"))
        assert sales.given == []
        await stage.pass_time(hours=1, seconds=1)
        assert (await ended(stage)).outcome == "over"


@pytest.mark.parametrize(
    ("name", "tries", "detail"), [("Fail", 3, "Closed: the CRM is closed"), ("Forbidden", 1, "Forbidden: no")]
)
async def test_m5_after_the_last_attempt_the_run_goes_its_way(
    stage: Theatre, name: str, tries: int, detail: str
) -> None:
    async with at_work(stage.client) as sales:
        await enter(stage, step(name, attempts=3))
        await stage.pass_time(minutes=1)
        assert ((await ended(stage)).outcome, len(sales.given)) == ("broken", tries)
    assert await failure(stage) == detail


@pytest.mark.parametrize(
    ("name", "detail"),
    [("Bytes", "the result is no JSON but binary/plain"), ("Large", "the result is larger than 64 KB")],
)
async def test_a_result_that_cannot_be_kept_is_a_failure(stage: Theatre, name: str, detail: str) -> None:
    async with at_work(stage.client):
        await enter(stage, step(name))
        assert (await ended(stage)).outcome == "broken"
    assert await failure(stage) == detail


async def test_no_result_is_a_result(stage: Theatre) -> None:
    async with at_work(stage.client):
        await enter(stage, step("Nothing"))
        run = await ended(stage)
    assert (run.outcome, run.context) == ("over", {"lead": None})


async def test_without_a_worker_the_run_goes_on_when_the_time_is_over(real_stage: Theatre) -> None:
    await enter(real_stage, step("ScoreLead", timeout="2s"))
    assert (await real_stage.run()).step == "work"
    assert (await ended(real_stage)).outcome == "broken"
    assert await failure(real_stage) == "it took too long (schedule to start)"


async def test_w9_an_exit_cancels_it_at_once(stage: Theatre) -> None:
    async with at_work(stage.client) as sales:
        own = step("Patient", heartbeat="5s")
        await enter(stage, own, exit=[{"on": "event", "event": "Order Completed"}])
        await stage.accept(incoming("Order Completed", at=stage.clock.at))
        assert ((await stage.run()).state, (await stage.run()).outcome) == ("ended", "exited")
        async with asyncio.timeout(30):
            await sales.stopped.wait()
            run = await stage.run()
            assert await stage.client.get_workflow_handle(run.workflow_id).result() == "exited"


async def test_an_event_that_concerns_the_run_leaves_it_at_work(stage: Theatre) -> None:
    goal = {"key": "view", "on": "event", "event": "Product Viewed", "within": "7d"}
    async with at_work(stage.client) as sales:
        await enter(stage, step("Patient", heartbeat="5s"), goals=[goal])
        await stage.accept(incoming("Product Viewed", at=stage.clock.at))
        assert len(await stage.shop.conversions()) == 1
        assert not sales.stopped.is_set()
        sales.let_go.set()
        run = await ended(stage)
    assert (run.outcome, run.context["lead"]) == ("over", "done")
