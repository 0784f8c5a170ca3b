"""Text messages from the step to the provider and back: receipts, replies, STOP, and links short enough to send."""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from journeyman.channels.content.push import PushContent
from journeyman.channels.content.text import TextContent
from journeyman.journeys.devices import Devices, Told
from journeyman.kit.errors import InvalidError
from tests.builders import incoming, journey
from tests.journeyman.channels.providers.twilio.harness import ACCOUNT, FAULTS, TOKEN, TwilioFake
from tests.journeyman.channels.providers.twilio.test_callbacks import signature
from tests.parts.other_system import Says
from tests.world import World, world

NUMBER = "+4915112345678"
TEXT = "Your cart waits: https://shop.example/cart?of=ann"
SMS = {"id": "text", "send": {"channel": "sms", "template": "waits"}}
HEARD = {"id": "heard", "wait_for": {"message": "text", "status": "delivered", "timeout": "1d"}}
AGAIN = {"id": "again", "send": {"channel": "sms", "template": "waits"}}


class Phone:
    """A world whose text messages go through Twilio, or what speaks like it."""

    def __init__(self, made: World, fake: TwilioFake) -> None:
        self.world = made
        self.fake = fake

    async def play(self, *steps: dict[str, Any], text: str = TEXT, consent: str = "yes") -> None:
        shop = self.world.shop
        traits = {"email": "ann@example.com", "phone": NUMBER}
        await shop.accept(incoming("Identified", "ann", kind="identify", at=self.world.clock.at, traits=traits))
        await shop.consent("ann", sms=consent)
        content = TextContent.model_validate({"channel": "sms", "text": text})
        await self.world.put("/v1/templates/waits", content.document())
        if steps:
            await shop.publish(journey(steps=list(steps)), template=content)
        await shop.accept(incoming("Product Added", "ann", at=self.world.clock.at))
        await self.world.settle()

    async def calls_back(self, fields: dict[str, str], *, message: int = 0, token: str = TOKEN) -> httpx.Response:
        """As Twilio calls the address that the message named."""
        url = self.fake.messages[message]["StatusCallback"]
        headers = {
            "x-twilio-signature": signature(token, url, fields),
            "content-type": "application/x-www-form-urlencoded",
        }
        parts = urlsplit(url)
        body = urlencode(fields).encode()
        answer = await self.world.http.post(f"{parts.path}?{parts.query}", content=body, headers=headers)
        await self.world.settle()
        return answer

    async def tells(self, status: str, **more: str) -> httpx.Response:
        return await self.calls_back({"MessageSid": self.sid, "MessageStatus": status, "To": NUMBER, **more})

    async def writes(self, body: str, sid: str = "SM9") -> httpx.Response:
        return await self.calls_back({"MessageSid": sid, "From": NUMBER, "Body": body, "SmsStatus": "received"})

    @property
    def sid(self) -> str:
        return f"SM{1:032x}"

    async def events(self) -> list[str]:
        items = (await self.world.get("/v1/customers/ann/timeline", limit=100))["items"]
        return [item["text"] for item in items]

    async def consent(self) -> str:
        consents = (await self.world.get("/v1/customers/ann"))["consents"]
        return next(str(one["status"]) for one in consents if one["subject"] == "sms")

    async def messages(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.world.get("/v1/customers/ann/messages"))["items"]
        return found


@pytest.fixture
async def phone(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Phone]:
    monkeypatch.setenv("TWILIO_TOKEN", TOKEN)
    async with AsyncExitStack() as stack:
        fake = await stack.enter_async_context(TwilioFake())
        texts = f"provider: twilio, account: {ACCOUNT}, token: '${{TWILIO_TOKEN}}', sender: '+15005550006'"
        file = tmp_path / "providers.yaml"
        file.write_text(f"providers:\n  texts: {{{texts}, base_url: '{fake.url}'}}\n")
        made = await stack.enter_async_context(world(database_url, providers_file=file))
        yield Phone(made, fake)


async def test_a_text_message_goes_to_the_number_and_is_in_the_ledger_with_its_provider(phone: Phone) -> None:
    await phone.play(SMS)
    (sent,) = phone.fake.messages
    assert (sent["To"], sent["From"]) == (NUMBER, "+15005550006")
    (message,) = await phone.messages()
    assert (message["channel"], message["outcome"]) == ("sms", "sent")
    assert message["id"] in sent["StatusCallback"]


async def test_its_links_are_short_note_the_click_and_lead_on(phone: Phone) -> None:
    await phone.play(SMS)
    short, leave = re.findall(r"http://\S+/l/[2-9A-Za-z]{10}", phone.fake.messages[0]["Body"])
    assert "shop.example" not in phone.fake.messages[0]["Body"]
    long = (await phone.world.http.get(urlsplit(short).path)).headers["location"]
    clicked = await phone.world.http.get(urlsplit(long).path)
    assert clicked.headers["location"] == "https://shop.example/cart?of=ann"
    await phone.world.settle()
    assert "Clicked a link in the SMS of **text**: https://shop.example/cart?of=ann" in await phone.events()
    leads = (await phone.world.http.get(urlsplit(leave).path)).headers["location"]
    page = await phone.world.http.get(urlsplit(leads).path)
    assert "Unsubscribe from Text messages (SMS)" in page.text
    assert "no more marketing" in (await phone.world.http.post(urlsplit(leads).path)).text
    assert await phone.consent() == "no"
    assert (await phone.world.http.get("/l/22222aaaaa")).status_code == 400


async def test_l2_marketing_that_names_stop_gets_no_link_to_leave_and_other_gets_one(phone: Phone) -> None:
    await phone.play(SMS, text="Hello. Reply STOP to end")
    assert phone.fake.messages[0]["Body"] == "Hello. Reply STOP to end"


async def test_a_receipt_wakes_the_run_that_waits_for_it(phone: Phone) -> None:
    await phone.play(SMS, HEARD, AGAIN)
    assert len(phone.fake.messages) == 1
    assert (await phone.tells("delivered")).status_code == 200
    assert len(phone.fake.messages) == 2
    assert "The SMS of **text** was delivered" in await phone.events()


async def test_receipts_that_come_again_and_out_of_order_count_once(phone: Phone) -> None:
    await phone.play(SMS)
    for status in ("delivered", "sent", "delivered", "queued", "delivered"):
        assert (await phone.tells(status)).status_code == 200
    assert (await phone.events()).count("The SMS of **text** was delivered") == 1


async def test_a_number_that_is_dead_is_written_to_no_more(phone: Phone) -> None:
    await phone.play(SMS, HEARD, AGAIN)
    await phone.tells("undelivered", ErrorCode="30006")
    await phone.world.pass_time(days=1, seconds=1)
    assert [one["outcome"] for one in await phone.messages()] == ["suppressed", "sent"]
    assert len(phone.fake.messages) == 1


async def test_m4_a_dead_number_in_the_providers_answer_is_suppressed_at_once(phone: Phone) -> None:
    assert FAULTS.dead_address is not None
    phone.fake.script.append(FAULTS.dead_address)
    await phone.play(SMS, AGAIN)
    assert {one["step"]: one["outcome"] for one in await phone.messages()} == {
        "text": "rejected",
        "again": "suppressed",
    }


async def test_m4_a_text_message_whose_answer_was_lost_is_not_sent_again(phone: Phone) -> None:
    phone.fake.script.append(Says(status=None, after=True))
    await phone.play(SMS)
    (message,) = await phone.messages()
    assert (message["outcome"], len(phone.fake.messages)) == ("failed", 1)


@pytest.mark.parametrize("word", ["STOP", "stop.", "Stopp", "ARRÊT", "СТОП"])
async def test_l2_stop_ends_consent_before_the_answer_and_start_begins_it_anew(phone: Phone, word: str) -> None:
    await phone.play(SMS, HEARD, AGAIN)
    assert (await phone.writes(word)).status_code == 200
    assert await phone.consent() == "no"
    await phone.world.pass_time(days=1, seconds=1)
    assert [one["outcome"] for one in await phone.messages()] == ["no_consent", "sent"]
    await phone.writes("Start", "SM10")
    assert await phone.consent() == "yes"


async def test_what_people_answer_is_an_event_of_theirs_that_a_journey_can_wait_for(phone: Phone) -> None:
    where = {"property": "text", "contains": "yes"}
    answer = {"event": "SMS Reply Received", "where": where, "timeout": "1d", "on_timeout": "exit"}
    await phone.play(SMS, {"id": "answer", "wait_for": answer}, AGAIN)
    await phone.writes("no idea", "SM11")
    assert len(phone.fake.messages) == 1
    await phone.writes("yes please", "SM12")
    assert len(phone.fake.messages) == 2


async def test_a_forged_callback_is_refused_and_one_of_nobody_too(phone: Phone) -> None:
    await phone.play(SMS)
    refused = await phone.calls_back({"MessageSid": phone.sid, "MessageStatus": "delivered"}, token="another")
    assert (refused.status_code, refused.json()["code"]) == (401, "forged_callback")
    assert (await phone.world.http.post("/v1/callbacks/others", content=b"x")).status_code == 404
    assert not [text for text in await phone.events() if "delivered" in text]


async def test_a_message_that_is_not_ours_is_taken_and_leaves_nothing(phone: Phone) -> None:
    await phone.play(SMS)
    phone.fake.messages[0]["StatusCallback"] = phone.fake.messages[0]["StatusCallback"].replace("msg_", "msg_0")
    assert parse_qs(urlsplit(phone.fake.messages[0]["StatusCallback"]).query)["message"][0].startswith("msg_0")
    assert (await phone.tells("delivered")).status_code == 200


async def test_a_template_of_another_channel_is_refused_when_the_journey_is_published(phone: Phone) -> None:
    with pytest.raises(InvalidError) as caught:
        await phone.play({"id": "text", "send": {"channel": "whatsapp", "template": "waits"}})
    assert caught.value.faults[0].pointer == "/steps/0/send/template"


async def test_a_channel_without_a_provider_fails_the_message_and_not_the_journey(phone: Phone) -> None:
    content = PushContent.model_validate({"channel": "push", "title": "Hello", "body": "Come"})
    steps = [{"id": "push", "send": {"channel": "push", "template": "hello"}}]
    await phone.world.shop.introduce("ann")
    await phone.world.shop.consent("ann", push="yes")
    told = Told("push", "t" * 50, user_id="ann")
    await Devices(phone.world.database, phone.world.services.inbox, phone.world.clock).register(told)
    await phone.world.shop.publish(journey(steps=steps), template=content)
    await phone.world.shop.accept(incoming("Product Added", "ann", at=phone.world.clock.at))
    await phone.world.settle()
    (message,) = await phone.messages()
    assert (message["outcome"], message["detail"]) == ("failed", "no provider is set up for the channel `push`")


async def test_a_preview_and_a_test_of_a_text_message(phone: Phone) -> None:
    await phone.play()
    shown = (await phone.world.http.post("/v1/templates/waits/render", json={})).json()
    assert (shown["channel"], shown["text"]) == ("sms", TEXT)
    sent = await phone.world.http.post("/v1/templates/waits/test-send", json={"to": "+49 151 12345678"})
    assert sent.status_code == 200
    assert (phone.fake.messages[0]["To"], phone.fake.messages[0]["Body"]) == (NUMBER, f"[Test] {TEXT}")
    refused = await phone.world.http.post("/v1/templates/waits/test-send", json={"to": "ann@example.com"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/to")
