"""SMPP over a socket: parts, alphabets, refusals, receipts; and a centre that another client can use as well."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import smpplib.client  # type: ignore[import-untyped]  # it has no types

from journeyman.channels.errors import (
    AddressRejectedError,
    RejectedError,
    TemporaryError,
    ThrottledError,
    UnknownOutcomeError,
)
from journeyman.channels.ports import OutgoingText, Receipt, Reply
from journeyman.channels.providers.smpp.sender import SmppSender
from journeyman.kit.clock import FixedClock
from tests.parts.smpp import SILENT, MessageCentre

NOW = datetime(2026, 3, 2, 12, 5, tzinfo=UTC)


class Heard:
    """Takes what is delivered, and knows it after so many looks."""

    def __init__(self, unknown: int = 0) -> None:
        self.told: list[Receipt | Reply] = []
        self.unknown = unknown
        self._more = asyncio.Event()

    async def __call__(self, told: Sequence[Receipt | Reply]) -> int:
        self.told += told
        self._more.set()
        self.unknown -= 1
        return 0 if self.unknown >= 0 else len(told)

    async def next(self, count: int = 1) -> Receipt | Reply:
        async with asyncio.timeout(10):
            while len(self.told) < count:
                self._more.clear()
                await self._more.wait()
        return self.told[count - 1]


@pytest.fixture
async def centre() -> AsyncIterator[MessageCentre]:
    async with MessageCentre() as opened:
        yield opened


def made(centre: MessageCentre, timeout: float = 5, **parts: Any) -> SmppSender:
    given = {"user": "shop", "password": "secret", "sender": "+15005550006", **parts}
    return SmppSender("127.0.0.1", centre.port, clock=FixedClock(NOW), timeout=timeout, **given)


@pytest.fixture
async def sender(centre: MessageCentre) -> AsyncIterator[SmppSender]:
    opened = made(centre)
    yield opened
    await opened.close()


def text(body: str = "Hello Ann", **parts: Any) -> OutgoingText:
    return OutgoingText(**{"id": "msg_1", "to": "+4915112345678", "text": body, **parts})


async def test_a_message_goes_to_its_number_with_a_receipt_asked_for(centre: MessageCentre, sender: SmppSender) -> None:
    accepted = await sender.send(text())
    (taken,) = centre.taken
    assert (accepted.provider_message_id, accepted.parts) == ("centre-1", 1)
    assert (taken.to, taken.source, taken.ton, taken.receipt) == ("4915112345678", "15005550006", 1, 1)
    assert (taken.body, taken.coding, taken.esm_class) == (b"Hello Ann", 0, 0)


async def test_other_alphabets_and_what_the_default_one_has_beyond_ascii(
    centre: MessageCentre, sender: SmppSender
) -> None:
    await sender.send(text("Привет 🎁"))
    await sender.send(text("5 € @"))
    other, default = centre.taken
    assert (other.body.decode("utf-16-be"), other.coding) == ("Привет 🎁", 8)
    assert (default.body, default.coding) == (b"5 \x1be \x00", 0)


async def test_a_long_text_goes_in_parts_that_know_where_they_belong(centre: MessageCentre, sender: SmppSender) -> None:
    accepted = await sender.send(text("x" * 400))
    assert (accepted.provider_message_id, accepted.parts) == ("centre-3", 3)
    assert [taken.receipt for taken in centre.taken] == [0, 0, 1]
    assert [taken.body[:6] for taken in centre.taken] == [bytes([5, 0, 3, 1, 3, place]) for place in (1, 2, 3)]
    assert [taken.esm_class for taken in centre.taken] == [0x40] * 3
    assert b"".join(taken.body[6:] for taken in centre.taken) == b"x" * 400


@pytest.mark.parametrize(("source", "ton"), [("Shop", 5), ("12345", 3), ("+4930123456", 1)])
async def test_who_writes_is_a_number_a_short_code_or_a_name(
    centre: MessageCentre, sender: SmppSender, source: str, ton: int
) -> None:
    await sender.send(text(sender=source, lasts=timedelta(hours=4)))
    assert (centre.taken[0].source, centre.taken[0].ton) == (source.lstrip("+"), ton)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (0x58, ThrottledError),
        (0x14, ThrottledError),
        (0x0B, AddressRejectedError),
        (0x08, TemporaryError),
        (0x0A, RejectedError),
        (0x01, RejectedError),
    ],
)
async def test_what_each_command_status_means(
    centre: MessageCentre, sender: SmppSender, status: int, error: type[Exception]
) -> None:
    centre.script.append(status)
    with pytest.raises(error) as caught:
        await sender.send(text())
    assert type(caught.value) is error
    assert (await sender.send(text())).provider_message_id == "centre-1"


async def test_m4_what_has_begun_to_arrive_is_not_begun_again(centre: MessageCentre, sender: SmppSender) -> None:
    centre.script.extend([0, 0x08])
    with pytest.raises(UnknownOutcomeError):
        await sender.send(text("x" * 400))


async def test_a_later_part_waits_for_a_centre_that_asks_for_a_slower_pace(
    centre: MessageCentre, sender: SmppSender
) -> None:
    centre.script.extend([0, 0x58])
    assert (await sender.send(text("x" * 200))).provider_message_id == "centre-2"


async def test_only_who_listens_is_handed_reports(centre: MessageCentre, sender: SmppSender) -> None:
    await sender.check()
    assert not (await centre.bind()).can_receive
    listening = made(centre)
    listening.listen(Heard())
    await listening.check()
    assert (await centre.bind(2)).can_receive
    await listening.close()


async def test_m4_an_answer_that_does_not_come_leaves_the_outcome_unknown(centre: MessageCentre) -> None:
    impatient = made(centre, timeout=0.5)
    centre.script.append(SILENT)
    with pytest.raises(UnknownOutcomeError):
        await impatient.send(text())
    await impatient.close()


async def test_a_centre_that_nobody_reaches_has_the_message_wait(centre: MessageCentre) -> None:
    away = made(centre, timeout=0.5)
    await centre.stop()
    for call in (away.send(text()), away.check()):
        with pytest.raises(TemporaryError):
            await call
    await away.close()


async def test_it_binds_again_after_the_centre_was_away(centre: MessageCentre, sender: SmppSender) -> None:
    await sender.check()
    await (await centre.bind()).unbind()
    async with asyncio.timeout(10):
        while True:
            try:
                await sender.send(text())
                break
            except (TemporaryError, UnknownOutcomeError):
                await asyncio.sleep(0.05)
    assert len(centre.bound) == 2


@pytest.mark.parametrize(
    ("state", "status"),
    [("DELIVRD", "delivered"), ("UNDELIV", "bounced"), ("EXPIRED", "failed"), ("REJECTD", "failed")],
)
async def test_a_receipt_names_the_message_by_the_centres_name(
    centre: MessageCentre, sender: SmppSender, state: str, status: str
) -> None:
    heard = Heard()
    sender.listen(heard)
    accepted = await sender.send(text())
    await centre.tells(accepted.provider_message_id, state, "011")
    receipt = await heard.next()
    assert isinstance(receipt, Receipt)
    assert (receipt.status, receipt.provider_message_id) == (status, "centre-1")
    assert receipt.at == datetime(2026, 3, 2, 12, 1, tzinfo=UTC)


async def test_a_receipt_that_is_faster_than_the_ledger_is_shown_again(
    centre: MessageCentre, sender: SmppSender
) -> None:
    heard = Heard(unknown=1)
    sender.listen(heard)
    await sender.send(text())
    await centre.tells("centre-1", "DELIVRD")
    assert (await heard.next(2)).id == (await heard.next(1)).id


async def test_what_people_write_comes_with_their_number(centre: MessageCentre, sender: SmppSender) -> None:
    heard = Heard()
    sender.listen(heard)
    await sender.check()
    await centre.writes(b"Stop")
    await centre.writes("Стоп".encode("utf-16-be"), coding=8)
    first, second = await heard.next(1), await heard.next(2)
    assert isinstance(first, Reply)
    assert isinstance(second, Reply)
    assert (first.sender, first.text, second.text) == ("+4915112345678", "Stop", "Стоп")


async def test_that_nothing_is_decided_yet_is_no_news(centre: MessageCentre, sender: SmppSender) -> None:
    heard = Heard()
    sender.listen(heard)
    await sender.send(text())
    await centre.tells("centre-1", "ACCEPTD")
    await centre.tells("centre-1", "DELIVRD")
    receipt = await heard.next()
    assert isinstance(receipt, Receipt)
    assert receipt.status == "delivered"


async def test_the_centre_of_these_tests_is_one_for_another_client_as_well(centre: MessageCentre) -> None:
    """smpplib, which shares no code with either side, binds, submits and gets its receipt."""

    def another() -> tuple[str, bytes]:
        client = smpplib.client.Client("127.0.0.1", centre.port, timeout=5, allow_unknown_opt_params=True)
        found: dict[str, Any] = {}
        client.set_message_sent_handler(lambda pdu: found.update(id=pdu.message_id))
        client.set_message_received_handler(lambda pdu: found.update(receipt=pdu.short_message))
        client.connect()
        client.bind_transceiver(system_id="other", password="secret")
        client.send_message(
            source_addr="1500", destination_addr="4915112345678", short_message=b"Hi", registered_delivery=True
        )
        # Either may come first.
        while {"receipt", "id"} - found.keys():
            client.read_once()
        # The centre ends the connection on an unbind before it has answered it: the socket is closed without one.
        client.disconnect()
        return found["id"].decode(), found["receipt"]

    talking = asyncio.create_task(asyncio.to_thread(another))
    await centre.wait_for_one()
    await centre.tells("centre-1", "DELIVRD")
    identity, receipt = await talking
    assert identity == "centre-1"
    assert b"stat:DELIVRD" in receipt
