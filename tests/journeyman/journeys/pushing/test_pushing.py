"""Segments pushed to somebody who takes webhooks over a socket: whole, in batches, and on where an attempt came to."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from journeyman.channels.webhooks.errors import WebhookRefusedError
from journeyman.channels.webhooks.posting import WebhookPost
from journeyman.channels.webhooks.signatures import secret_of
from journeyman.journeys.pushing.delivery import Post, PushDelivery, PushFailedError
from journeyman.journeys.pushing.repository import Push
from journeyman.journeys.pushing.webhooks import SegmentWebhooks
from journeyman.journeys.segmentation.segments import Segments
from journeyman.kit.clock import FixedClock
from journeyman.kit.database import Database
from journeyman.kit.errors import ConflictError, InvalidError, NotFoundError
from journeyman.kit.wake import wake_for
from tests.builders import NOON, Shop
from tests.parts.webhook_receiver import DIE, WebhookReceiver

KEY = b"a secret of thirty-two characters"
PEOPLE = [f"u{number}" for number in range(7)]


@dataclass
class House:
    """A workspace with seven people on a list by hand, and a receiver."""

    shop: Shop
    segments: Segments
    webhooks: SegmentWebhooks
    receiver: WebhookReceiver
    post: WebhookPost
    beats: list[int] = field(default_factory=list)

    def delivery(self, post: Post | None = None) -> PushDelivery:
        """As another worker would have it."""
        return PushDelivery(self.shop.database, self.shop.clock, post or self.post, KEY, at_once=3)

    async def deliver(self, push: Push, post: Post | None = None) -> Push:
        return await self.delivery(post)(push.id, lambda: self.beats.append(1))

    @property
    def batches(self) -> list[list[str]]:
        """The customers of each call, in order."""
        told = [one.document["data"]["members"] for one in self.receiver.taken]
        return [[member["customer"] for member in members] for members in told]


@pytest.fixture
async def house(database: Database) -> AsyncIterator[House]:
    shop = Shop(database)
    wake = wake_for(database)
    segments = Segments(database, shop.clock)
    for name in PEOPLE:
        await shop.introduce(name, plan="pro", city="Riga")
    await segments.put("vip", {"name": "VIP"})
    await segments.set_by_hand("vip", PEOPLE, [])
    post = WebhookPost(FixedClock(NOON), allows_private=True, patience=2)
    webhooks = SegmentWebhooks(database, wake, shop.clock, KEY, allows_private=True)
    async with WebhookReceiver() as receiver:
        await webhooks.put("vip", receiver.url(), None)
        yield House(shop, segments, webhooks, receiver, post)
    await post.close()
    await wake.close()


async def test_every_member_is_pushed_once_signed_and_in_batches(house: House) -> None:
    push = await house.webhooks.push("vip", "test")
    assert (push.state, push.pushed) == ("under_way", 0)
    ended = await house.deliver(push)
    assert (ended.state, ended.pushed, ended.batches, ended.after) == ("done", 7, 3, None)
    assert house.batches == [["u0", "u1", "u2"], ["u3", "u4", "u5"], ["u6"]]
    assert all(one.is_signed_with(secret_of(KEY, "vip")) for one in house.receiver.taken)
    assert len({one.headers["webhook-id"] for one in house.receiver.taken}) == 3
    assert [one.document["data"]["last"] for one in house.receiver.taken] == [False, False, True]
    document = house.receiver.taken[0].document
    assert (document["type"], document["timestamp"]) == ("segment.members", "2026-03-02T12:00:00+00:00")
    data = document["data"]
    assert (data["segment"], data["push"], data["batch"]) == ("vip", push.id, 1)
    assert data["members"][0] == {
        "customer": "u0",
        "since": "2026-03-02T12:00:00+00:00",
        "attributes": {"email": "u0@example.com", "name": "U0", "plan": "pro", "city": "Riga"},
    }
    assert len(house.beats) >= 3
    assert (await house.deliver(push)).state == "done", "carried out again it sends nothing"
    assert len(house.receiver.taken) == 3


async def test_only_the_attributes_that_are_named_go_along(house: House) -> None:
    await house.webhooks.put("vip", house.receiver.url(), ["city", "shoe_size"])
    await house.deliver(await house.webhooks.push("vip", "test"))
    told = house.receiver.taken[-1].document["data"]["members"]
    assert [member["attributes"] for member in told] == [{"city": "Riga"}]


async def test_a_call_has_a_bound_and_nobody_is_left_out_for_it(house: House) -> None:
    await house.shop.introduce("u2", note="x" * 3000)
    push = await house.webhooks.push("vip", "test")
    small = PushDelivery(house.shop.database, house.shop.clock, house.post, KEY, at_once=4, largest=1000)
    assert (await small(push.id, lambda: None)).pushed == 7
    assert [name for batch in house.batches for name in batch] == PEOPLE
    assert ["u2"] in house.batches
    assert {len(one.body) <= 1000 for one in house.receiver.taken if b"xxx" not in one.body} == {True}
    assert [one.document["data"]["last"] for one in house.receiver.taken].index(True) == len(house.batches) - 1


async def test_an_attempt_goes_on_where_the_one_before_came_to(house: House) -> None:
    push = await house.webhooks.push("vip", "test")
    house.receiver.script.extend(["204 No Content", "503 Later\r\nRetry-After: 7"])
    with pytest.raises(PushFailedError) as failed:
        await house.deliver(push)
    assert failed.value.delay == timedelta(seconds=7)
    found = await house.webhooks.find("vip", push.id)
    assert (found.state, found.pushed, found.after, found.failure) == ("under_way", 3, "u2", "answered with 503")
    ended = await house.deliver(push)
    assert (ended.state, ended.pushed, ended.failure) == ("done", 7, None)
    first, refused, again, last = house.receiver.taken
    assert refused.body == again.body
    assert refused.headers["webhook-id"] == again.headers["webhook-id"], "a receiver passes over what it has taken"
    assert len({first.headers["webhook-id"], again.headers["webhook-id"], last.headers["webhook-id"]}) == 3


async def test_taken_and_not_remembered_it_comes_again_under_the_same_id(house: House) -> None:
    push = await house.webhooks.push("vip", "test")
    house.receiver.script.append(DIE)
    with pytest.raises(PushFailedError, match="no answer"):
        await house.deliver(push)
    assert (await house.deliver(push)).pushed == 7
    ids = [one.headers["webhook-id"] for one in house.receiver.taken]
    assert (len(ids), len(set(ids))) == (4, 3)


async def test_two_attempts_at_once_take_no_step_twice(house: House) -> None:
    """A worker that was thought dead comes back in the middle of another's attempt."""
    push = await house.webhooks.push("vip", "test")

    async def meanwhile(url: str, secret: str, message_id: str, body: bytes) -> None:
        if not house.receiver.taken:
            assert (await house.deliver(push)).state == "done"
        await house.post(url, secret, message_id, body)

    ended = await house.deliver(push, meanwhile)
    assert (ended.state, ended.pushed, ended.batches) == ("done", 7, 3)
    ids = [one.headers["webhook-id"] for one in house.receiver.taken]
    assert (len(ids), len(set(ids))) == (4, 3)


async def test_an_empty_segment_is_told_as_well(house: House) -> None:
    await house.segments.set_by_hand("vip", [], PEOPLE)
    ended = await house.deliver(await house.webhooks.push("vip", "test"))
    assert (ended.state, ended.pushed, ended.batches, house.batches) == ("done", 0, 1, [[]])


async def test_who_is_gone_for_good_ends_the_push(house: House) -> None:
    push = await house.webhooks.push("vip", "test")
    house.receiver.script.append("410 Gone")
    ended = await house.deliver(push)
    assert (ended.state, ended.failure, ended.ended_at) == ("stopped", "answered with 410", NOON)
    assert (await house.webhooks.push("vip", "test")).id != push.id, "another one may be asked for"


async def test_one_push_of_a_segment_at_a_time(house: House) -> None:
    push = await house.webhooks.push("vip", "test")
    with pytest.raises(ConflictError, match=push.id):
        await house.webhooks.push("vip", "test")
    kinds = [(kind, payload) for kind, payload in await house.shop.outbox() if kind == "push"]
    assert kinds == [("push", {"push": push.id, "segment": "vip"})]


async def test_a_webhook_that_is_taken_away_ends_the_push(house: House) -> None:
    push = await house.webhooks.push("vip", "test")

    async def taken_away(*_: Any) -> None:
        await house.webhooks.delete("vip")
        raise WebhookRefusedError("too late")

    with pytest.raises(PushFailedError):
        await house.deliver(push, taken_away)
    ended = await house.deliver(push)
    assert (ended.state, ended.failure) == ("stopped", "its webhook was taken away")
    assert house.receiver.taken == []
    with pytest.raises(NotFoundError):
        await house.webhooks.delete("vip")


async def test_a_segment_that_is_taken_apart_ends_the_push(house: House) -> None:
    push = await house.webhooks.push("vip", "test")
    await house.segments.delete("vip")
    ended = await house.deliver(push)
    assert (ended.state, ended.failure) == ("stopped", "the segment was taken apart")
    assert house.receiver.taken == []


async def test_a_url_that_cannot_be_used_is_refused(house: House, database: Database) -> None:
    wake = wake_for(database)
    strict = SegmentWebhooks(database, wake, house.shop.clock, KEY, allows_private=False)
    for url in ("http://crm.example/", "https://127.0.0.1/", "nonsense"):
        with pytest.raises(InvalidError) as refused:
            await strict.put("vip", url, None)
        assert refused.value.faults[0].pointer == "/url"
    without_secret = SegmentWebhooks(database, wake, house.shop.clock, None, allows_private=False)
    with pytest.raises(ConflictError, match="JOURNEYMAN_SECRET_KEY"):
        await without_secret.put("vip", "https://crm.example/", None)
    await wake.close()
