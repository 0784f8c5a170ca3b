"""L3 over random lives: whatever somebody did, an erasure leaves nothing of her, and everything of the others.

All that is told of a person holds her mark: her ids, her addresses, what she says of herself and what she is told. So
the mark is looked for in every text of every table.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journeyman.bootstrap import digest_key_of
from journeyman.journeys.intake.intake import Intake
from journeyman.journeys.scoring import ScoreKeeper
from journeyman.journeys.segmentation.keeping import Keeper
from journeyman.journeys.subscribing.expiry import Expiry
from journeyman.kit.ids import new_id
from journeyman.kit.keys.keys import Role, create
from tests.builders import NOON, email, journey
from tests.conftest import sqlite_url
from tests.journeyman.journeys.erasure.traces import Eraser, tell_the_engine, where
from tests.parts.postgres import PostgresServer
from tests.world import World, world

MARKS = {"ann": "qannq", "bob": "qbobq", "cyd": "qcydq"}
PHONES = {"ann": "+48600100201", "bob": "+48600100202", "cyd": "+48600100203"}
PEOPLE = sorted(MARKS)
SHARED = "the-family-tablet"
REMIND = journey(
    "remind",
    entry={"on": "event", "event": "Product Added", "correlate": "cart_id", "reentry": "always"},
    exit=[{"on": "event", "event": "Order Completed"}],
    goals=[
        {
            "key": "order",
            "on": "event",
            "event": "Order Completed",
            "within": "7d",
            "anchor": "entry",
            "value": {"property": "revenue"},
        }
    ],
    steps=[
        {"id": "pause", "wait": {"for": "1h"}},
        {"id": "note", "update": {"attributes": {"reminded": "yes"}}},
        {"id": "mail", "send": {"channel": "email", "template": "hello"}},
        {"id": "answer", "wait_for": {"event": "Email Link Clicked", "timeout": "20d"}},
    ],
)
SEGMENTS = {
    "viewers": {"event": "Product Viewed", "within": "7d"},
    "agreed": {"consent": "email"},
    "spenders": {"computed": "revenue", "gte": 20},
}
SCORE = {"rules": [{"event": "Product Viewed", "points": 4}], "thresholds": [{"at": 5, "name": "warm"}]}
SPANS = (timedelta(minutes=20), timedelta(hours=2), timedelta(days=3), timedelta(days=9))
Step = tuple[str, str, int]
"""What happens, to whom, and one of several ways."""
STEPS = st.tuples(
    st.sampled_from(
        [
            *("identify", "identify_shared", "browse", "browse_unknown", "cart", "cart", "order", "alias", "group"),
            *("agree", "agree", "refuse", "ask", "suppress", "click", "choose", "accept_only", "wait", "wait"),
        ]
    ),
    st.sampled_from(PEOPLE),
    st.integers(0, 3),
)


def spaced(number: str) -> str:
    """A telephone number as people write it."""
    return f"{number[:3]} ({number[3:6]}) {number[6:9]}-{number[9:]}"


class Town:
    """A few people in one workspace, through its doors."""

    def __init__(self, made: World, ingest: httpx.AsyncClient) -> None:
        self.made, self.ingest = made, ingest
        self.eraser = Eraser(made.database, made.clock, made.services.wake, digest_key_of(made.services.settings))
        self.number = 0

    async def prepare(self) -> None:
        made = self.made
        made.shop.intake = Intake(made.database, made.clock, "UTC", digest_key=digest_key_of(made.services.settings))
        text = "For {{ customer.name }}: https://shop.example/{{ customer.id }} {{ unsubscribe_url }}"
        await made.shop.publish(REMIND, template=email("Hello {{ customer.name }}", text=text))
        for key, when in SEGMENTS.items():
            await made.put(f"/v1/segments/{key}", {"name": key, "when": when})
        await made.put("/v1/scores/interest", SCORE)
        await made.put("/v1/topics/news", {"name": "News", "double_opt_in": True})
        for person in PEOPLE:
            for what in ("identify", "agree", "cart"):
                await self.live((what, person, 1))

    async def live(self, step: Step) -> None:
        name, person, way = step
        await getattr(self, name)(person, MARKS[person], way)
        if name != "accept_only":
            await self.settle()

    async def settle(self) -> None:
        made = self.made
        await made.settle()
        for keeper in (Keeper, ScoreKeeper, Expiry):
            while await keeper(made.database, made.clock).step():
                pass
        await made.settle()
        await tell_the_engine(made.database)

    async def call(self, kind: str, **body: Any) -> None:
        self.number += 1
        given = {"messageId": f"m{self.number}", **{name: value for name, value in body.items() if value is not None}}
        answer = await self.ingest.post(f"/v1/{kind}", json=given)
        assert answer.status_code == 200, answer.text

    # What people do; each is told of a person, her mark, and one of four ways.

    async def identify(self, person: str, mark: str, way: int) -> None:
        traits = {"name": mark.title(), "email": f"{mark}@example.com"}
        traits |= [{}, {"phone": PHONES[person]}, {"email": f"{mark}.new@Example.com"}, {"city": f"{mark} town"}][way]
        await self.call("identify", userId=f"{mark}-1", anonymousId=f"{mark}-d{way % 2}", traits=traits)

    async def identify_shared(self, _person: str, mark: str, _way: int) -> None:
        await self.call("identify", userId=f"{mark}-1", anonymousId=SHARED, traits={"nick": mark})

    async def browse(self, _person: str, mark: str, way: int) -> None:
        properties = {"product_id": f"p{way}", "price": 10 + way, "referrer": mark}
        who = {"userId": f"{mark}-1"} if way % 2 else {"userId": f"{mark}-2"}
        await self.call("track", **who, event="Product Viewed", properties=properties)

    async def browse_unknown(self, _person: str, mark: str, way: int) -> None:
        device = SHARED if way == 0 else f"{mark}-d{way}"
        event = {"event": "Product Viewed", "properties": {"product_id": "p0"}}
        await self.call("track", anonymousId=device, **event)

    async def cart(self, _person: str, mark: str, way: int) -> None:
        properties = {"cart_id": f"{mark}-c{way}", "product_id": "p1", "note": mark}
        await self.call("track", userId=f"{mark}-1", event="Product Added", properties=properties)

    async def order(self, _person: str, mark: str, way: int) -> None:
        properties = {"order_id": f"{mark}-{self.number}", "revenue": 9.5 * way, "products": [{"product_id": "p1"}]}
        await self.call("track", userId=f"{mark}-1", event="Order Completed", properties=properties)

    async def alias(self, person: str, mark: str, _way: int) -> None:
        await self.browse(person, mark, 0)
        await self.call("alias", userId=f"{mark}-1", previousId=f"{mark}-2")

    async def group(self, _person: str, mark: str, way: int) -> None:
        await self.call("group", userId=f"{mark}-1", groupId=f"acme-{way}", traits={"plan": "pro"})

    async def agree(self, _person: str, mark: str, way: int) -> None:
        ends = (self.made.clock.now() + timedelta(days=5)).isoformat() if way == 0 else None
        subject = ("email", "email", "sms", "shop")[way]
        wish = {"status": "yes", "wording": f"{mark} agrees", "source": mark, "expires_at": ends}
        await self.made.put(f"/v1/customers/{mark}-1/consent", {subject: wish})

    async def refuse(self, _person: str, mark: str, way: int) -> None:
        subject = ("email", "sms", "news", "shop")[way]
        await self.made.put(f"/v1/customers/{mark}-1/consent", {subject: {"status": "no", "wording": mark}})

    async def ask(self, _person: str, mark: str, _way: int) -> None:
        """A yes that has to be confirmed; sometimes it is."""
        answer = await self.made.put(f"/v1/customers/{mark}-1/consent", {"news": {"status": "yes", "wording": mark}})
        await self.settle()
        if answer.get("confirmation") == "requested":
            await self._follow(mark, r"http://\S+(/c/\S+)")

    async def suppress(self, person: str, mark: str, way: int) -> None:
        address, channel = [
            (f"{mark}@EXAMPLE.com", "email"),
            (spaced(PHONES[person]), "sms"),
            (PHONES[person], "whatsapp"),
            (f" {mark}.new@example.com", "email"),
        ][way]
        body = {"channel": channel, "address": address, "reason": "asked"}
        await self.made.put("/v1/suppressions", body)

    async def click(self, _person: str, mark: str, _way: int) -> None:
        await self._follow(mark, r"http://\S+(/t/c/\S+)")

    async def choose(self, _person: str, mark: str, way: int) -> None:
        form = {"do": "leave"} if way == 0 else {"do": "save", "offered": ["email"], "on": ["email"]}
        await self._follow(mark, r"http://\S+(/p/\S+)", form)

    async def accept_only(self, _person: str, mark: str, way: int) -> None:
        """It is accepted, and waits."""
        await self.browse(_person, mark, way)

    async def wait(self, _person: str, _mark: str, way: int) -> None:
        await self.made.pass_time(seconds=SPANS[way].total_seconds())

    async def _follow(self, mark: str, link: str, form: dict[str, Any] | None = None) -> None:
        """Follow a link of the newest mail to somebody, if she got one that has it."""
        http, smtp = self.made.http, self.made.smtp
        for index in reversed(range(len(smtp.mails))):
            mail = smtp.read(index)
            body = mail.get_body(("plain",))
            found = (
                re.search(link, body.get_content()) if body is not None and mark in str(mail["To"]).lower() else None
            )
            if found:
                await (http.get(found[1]) if "/t/" in found[1] else http.post(found[1], data=form or {}))
                return

    # What is looked at.

    async def traces(self, person: str) -> dict[str, int]:
        return await where(self.made.database, [MARKS[person], PHONES[person][1:], spaced(PHONES[person])[1:]])

    async def exported(self, person: str) -> dict[str, Any] | None:
        answer = await self.made.http.get(f"/v1/customers/{MARKS[person]}-1/export")
        document: dict[str, Any] = answer.json()
        return document | {"exported_at": None} if answer.status_code == 200 else None

    async def erase(self, person: str) -> dict[str, Any]:
        answer = await self.made.http.delete(f"/v1/customers/{MARKS[person]}-1")
        assert answer.status_code == 202, answer.text
        receipt: dict[str, Any] = answer.json()
        return receipt

    async def own_up(self, person: str) -> None:
        """It is told that everything which has her mark is hers."""
        mark = MARKS[person]
        await self.alias(person, mark, 0)
        for way, name in enumerate((mark, f"{mark}.new", mark, f"{mark}.new")):
            traits = {"phone": PHONES[person], "email": f"{name}@example.com"}
            await self.call("identify", userId=f"{mark}-1", anonymousId=f"{mark}-d{way}", traits=traits)

    async def come_late(self, person: str) -> int:
        """Events under every name that she ever had; returns how many."""
        mark = MARKS[person]
        names = [{"userId": f"{mark}-1"}, {"anonymousId": f"{mark}-d0"}, {"userId": "qnewq", "previousId": f"{mark}-1"}]
        for who in names:
            kind = "alias" if "previousId" in who else "track"
            await self.call(kind, **who, **({} if kind == "alias" else {"event": "Product Viewed"}))
        return len(names)


async def live_and_erase(town: Town, before: list[Step], victim: str, after: list[Step]) -> None:
    for step in before:
        await town.live(step)
    await town.own_up(victim)
    await town.made.shop.decide()
    others = [person for person in PEOPLE if person != victim]
    assert await town.traces(victim)
    kept = {person: await town.exported(person) for person in others}
    mails = len(town.made.smtp.mails)

    receipt = await town.erase(victim)
    assert (await town.made.http.get(f"/v1/customers/{MARKS[victim]}-1")).status_code == 404
    await tell_the_engine(town.made.database)
    await town.eraser.finish(receipt["id"])
    assert await town.traces(victim) == {}
    assert {person: await town.exported(person) for person in others} == kept

    dropped = (await town.eraser.requests.receipt(receipt["id"])).late_events
    late = await town.come_late(victim)
    await town.made.shop.decide()
    assert await town.traces(victim) == {}
    assert await where(town.made.database, ["qnewq"]) == {}
    assert (await town.eraser.requests.receipt(receipt["id"])).late_events - dropped == late

    assert (await town.erase(victim))["id"] == receipt["id"]
    await town.eraser.finish(receipt["id"])
    for step in [*after, ("wait", victim, 3), ("wait", victim, 3)]:
        if step[1] != victim or step[0] == "wait":
            await town.live(step)
    assert await town.traces(victim) == {}
    sent = ["".join(mail.rcpt_tos).lower() for mail in town.made.smtp.mails[mails:]]
    assert not [to for to in sent if MARKS[victim] in to]


@asynccontextmanager
async def town_at(url: str) -> AsyncIterator[Town]:
    async with world(url, public_url="http://test") as made:
        key = await create(made.database, Role.INGEST, "", NOON)
        headers = {"authorization": f"Bearer {key}"}
        transport = made.http._transport
        async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as ingest:
            town = Town(made, ingest)
            await town.prepare()
            yield town


def run(url: Callable[[], Iterator[str]], examples: int) -> None:
    @given(
        before=st.lists(STEPS, min_size=5, max_size=14),
        victim=st.sampled_from(PEOPLE),
        after=st.lists(STEPS, max_size=3),
    )
    @settings(max_examples=examples, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
    def live(before: list[Step], victim: str, after: list[Step]) -> None:
        async def once(at: str) -> None:
            async with town_at(at) as town:
                await live_and_erase(town, before, victim, after)

        for one in url():
            asyncio.run(once(one))

    live()


def test_l3_nothing_is_left_of_her_and_everything_of_the_others_on_sqlite(
    sqlite_template: Path, tmp_path: Path
) -> None:
    def url() -> Iterator[str]:
        folder = tmp_path / new_id("t")
        folder.mkdir()
        yield sqlite_url(sqlite_template, folder)

    run(url, examples=12)


def test_l3_nothing_is_left_of_her_and_everything_of_the_others_on_postgresql(postgres: PostgresServer) -> None:
    def url() -> Iterator[str]:
        name = new_id("t")
        postgres.execute(f"CREATE DATABASE {name} TEMPLATE template_jm STRATEGY file_copy")
        yield postgres.url(name)
        postgres.execute(f"DROP DATABASE {name} WITH (FORCE)")

    run(url, examples=6)
