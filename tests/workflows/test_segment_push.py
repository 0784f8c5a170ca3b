"""A push with the real engine: begun by the outbox, tried again while the other side is away, and ended once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from journeyman.channels.webhooks.posting import WebhookPost
from journeyman.channels.webhooks.signatures import secret_of
from journeyman.journeys.pushing.repository import Push
from journeyman.journeys.pushing.webhooks import SegmentWebhooks
from journeyman.journeys.segmentation.segments import Segments
from journeyman.kit.wake import wake_for
from tests.parts.webhook_receiver import WebhookReceiver
from tests.workflows.theatre import Theatre

KEY = b"a secret of thirty-two characters"
SLOW = "429 Too Many Requests\r\nRetry-After: 86400"


@pytest.fixture
async def webhooks(stage: Theatre) -> AsyncIterator[SegmentWebhooks]:
    wake = wake_for(stage.database)
    segments = Segments(stage.database, stage.clock)
    for name in ("ann", "bob"):
        await stage.shop.introduce(name)
    await segments.put("vip", {"name": "VIP"})
    await segments.set_by_hand("vip", ["ann", "bob"], [])
    yield SegmentWebhooks(stage.database, wake, stage.clock, KEY, allows_private=True)
    await wake.close()


async def ended(stage: Theatre, webhooks: SegmentWebhooks, push: Push) -> Push:
    """The push, once its workflow is over."""
    async with asyncio.timeout(20):
        await stage.client.get_workflow_handle(f"segment-push/{push.id}").result()
    return await webhooks.find("vip", push.id)


async def test_days_of_refusals_end_in_one_push(stage: Theatre, webhooks: SegmentWebhooks) -> None:
    post = stage.work.push_delivery.post = WebhookPost(stage.clock, allows_private=True)
    async with WebhookReceiver() as receiver:
        receiver.script.extend(["500 No", SLOW, "503 Later", "302 Found\r\nLocation: https://other.example/"])
        await webhooks.put("vip", receiver.url(), ["email"])
        push = await webhooks.push("vip", "test")
        await stage.tick()
        await stage.work.dispatch.tell(None)
        await stage.work.dispatch.tell(None)
        await stage.env.sleep(timedelta(hours=5, minutes=59))
        assert len(receiver.taken) == 2, "as long as the other side asked, within bounds"
        await stage.env.sleep(timedelta(hours=1))
        found = await ended(stage, webhooks, push)
    await post.close()
    assert (found.state, found.pushed, found.failure) == ("done", 2, None)
    assert len(receiver.taken) == 5
    assert len({(one.body, one.headers["webhook-id"]) for one in receiver.taken}) == 1
    assert receiver.taken[-1].is_signed_with(secret_of(KEY, "vip"))
    history = (await stage.client.get_workflow_handle(f"segment-push/{push.id}").fetch_history()).to_json()
    assert "example.com" not in history
    assert '"ann"' not in history


async def test_without_leave_nothing_is_sent_inside_the_house(stage: Theatre, webhooks: SegmentWebhooks) -> None:
    """What was allowed when the webhook was set may not be any more: the worker decides."""
    async with WebhookReceiver() as receiver:
        await webhooks.put("vip", receiver.url("localhost"), None)
        push = await webhooks.push("vip", "test")
        await stage.tick()
        await stage.work.dispatch.tell(None)
        async with asyncio.timeout(20):
            while (await webhooks.find("vip", push.id)).failure is None:  # noqa: ASYNC110 - the workers are another party
                await asyncio.sleep(0.02)
        assert (await webhooks.find("vip", push.id)).failure == "no answer: localhost is not a public address"
        await webhooks.delete("vip")
        assert (await ended(stage, webhooks, push)).state == "stopped"
        assert receiver.taken == []
