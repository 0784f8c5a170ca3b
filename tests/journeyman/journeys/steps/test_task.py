"""`task`: people work, and the run waits for what they say."""

from datetime import timedelta
from typing import Any

import pytest

from journeyman.journeys.erasing import Erasing
from tests.builders import NOON, incoming
from tests.journeyman.journeys.steps.visits import END, codes, enter, lines, settle
from tests.world import World

CALL: dict[str, Any] = {
    "id": "phone",
    "task": {
        "title": "Call {{ customer.name }} about {{ entry.cart_id }}",
        "details": "{{ customer.email | append }}",
        "team": "sales",
        "choices": ["reached", "gone"],
        "due": "1d",
        "timeout": "3d",
        "on": {"gone": "lost"},
        "on_timeout": "late",
        "as": "said",
    },
}
WAYS: list[dict[str, Any]] = [END, {"id": "lost", "end": "lost"}, {"id": "late", "end": "late"}]


async def given(here: World, **parts: Any) -> Any:
    """Ann's task."""
    await here.shop.introduce()
    await enter(here, CALL, *WAYS, cart_id="c1", parts=parts)
    (task,) = (await here.get("/v1/tasks"))["items"]
    return task


async def post(here: World, task: Any, what: str, **body: Any) -> Any:
    return await here.http.post(f"/v1/tasks/{task['id']}/{what}", json=body)


async def state(here: World, task: Any) -> str:
    return str((await here.get(f"/v1/tasks/{task['id']}"))["state"])


async def test_a_task_says_what_is_to_be_done_for_whom_and_by_when(here: World) -> None:
    task = await given(here)
    assert (task["title"], task["team"], task["state"]) == ("Call Ann about c1", "sales", "open")
    assert task["details"] == "{{ customer.email | append }}"
    assert (task["choices"], task["journey"], task["step"]) == (["reached", "gone"], "cart", "phone")
    assert task["due_at"].startswith((NOON + timedelta(days=1)).isoformat()[:19])
    (line,) = await lines(here, "phone")
    assert (line.kind, line.data["task"]) == ("arrived", task["id"])


@pytest.mark.parametrize(("answer", "ends"), [("reached", "over"), ("gone", "lost")])
async def test_the_answer_leads_the_way(here: World, answer: str, ends: str) -> None:
    task = await given(here)
    done = await post(here, task, "complete", answer=answer, comment="at last", by="mia")
    assert (done.status_code, done.json()["state"], done.json()["completed_by"]) == (200, "done", "mia")
    assert [kind for kind, _ in await here.shop.outbox()][-1] == "signal"
    await settle(here)
    (run,) = await here.shop.runs()
    assert (run.outcome, run.context) == (ends, {"said": answer})
    line = (await lines(here, "phone"))[1]
    assert (line.code, line.data) == ("answered", {"answer": answer, "by": "mia", "comment": "at last"})


async def test_without_an_answer_the_run_goes_on(here: World) -> None:
    task = await given(here)
    await here.pass_time(days=3)
    (run,) = await here.shop.runs()
    assert (run.outcome, await codes(here, "phone"), await state(here, task)) == (
        "late",
        [None, "unanswered"],
        "closed",
    )
    assert (await post(here, task, "complete", answer="reached")).status_code == 409


async def test_a_claim_is_seen_by_others(here: World) -> None:
    task = await given(here)
    assert (await post(here, task, "claim", by="mia")).json()["state"] == "claimed"
    assert (await post(here, task, "claim", by="mia")).status_code == 200
    refused = await post(here, task, "claim", by="bo")
    assert (refused.status_code, "mia" in refused.json()["detail"]) == (409, True)
    assert (await post(here, task, "complete", answer="reached", by="bo")).status_code == 200


async def test_an_answer_is_given_once(here: World) -> None:
    task = await given(here)
    assert (await post(here, task, "complete", answer="reached")).status_code == 200
    assert (await post(here, task, "complete", answer="gone")).status_code == 409
    assert (await post(here, task, "claim")).status_code == 409


async def test_what_is_no_choice_is_refused(here: World) -> None:
    task = await given(here)
    refused = await post(here, task, "complete", answer="maybe")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/answer")
    assert await state(here, task) == "open"


async def test_a_task_that_is_not_there_is_not_found(here: World) -> None:
    assert (await here.http.get("/v1/tasks/task_run_1_1")).status_code == 404


async def test_an_exit_closes_the_task(here: World) -> None:
    task = await given(here, exit=[{"on": "event", "event": "Order Completed"}])
    await here.shop.accept(incoming("Order Completed", at=here.clock.at))
    assert await state(here, task) == "closed"
    assert (await here.get("/v1/tasks", state="open"))["items"] == []


async def test_an_erasure_closes_the_task(here: World) -> None:
    task = await given(here)
    await Erasing(here.database, here.services.wake, here.clock, b"key").request("ann", "test")
    assert await state(here, task) == "closed"
    assert (await post(here, task, "complete", answer="reached")).status_code == 409


async def test_a_merge_takes_the_task_along(here: World) -> None:
    await enter(here, CALL, *WAYS, user=None, anonymous="a1", cart_id="c1")
    (task,) = (await here.get("/v1/tasks"))["items"]
    await here.shop.accept(incoming("Identified", "zoe", kind="identify", anonymous="a1", at=here.clock.at))
    zoe = (await here.get("/v1/customers/zoe"))["id"]
    (moved,) = (await here.get("/v1/tasks", customer=zoe))["items"]
    assert (moved["id"], moved["state"]) == (task["id"], "open")
    assert (await post(here, task, "complete", answer="reached")).status_code == 200


async def test_lists_are_paged_and_filtered(here: World) -> None:
    await given(here)
    for number in range(3):
        await here.shop.accept(incoming("Product Added", f"c{number}", at=here.clock.at))
    await settle(here)
    first = await here.get("/v1/tasks", limit=3, state="open", team="sales", journey="cart")
    second = await here.get("/v1/tasks", limit=3, cursor=first["next"])
    assert (len(first["items"]), len(second["items"]), second["next"]) == (3, 1, None)
    assert (await here.get("/v1/tasks", team="support"))["items"] == []
