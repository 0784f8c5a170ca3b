"""The mail that asks to confirm a yes leaves once, or says why it does not."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from journeyman.channels import suppressions
from journeyman.channels.ports import Accepted, OutgoingMail, Sender
from journeyman.customers.consents.tables import Confirmation
from journeyman.journeys.delivery import RetryLaterError
from journeyman.journeys.subscribing.confirmation_mail import ConfirmationMail
from tests.builders import email, incoming
from tests.parts.smtp import DIE
from tests.world import World, world

ASK = {"email": {"status": "yes", "double_opt_in": True}}


@pytest.fixture(name="world")
async def asking(database_url: str) -> AsyncIterator[World]:
    """Ann has been asked, and the mail has not left yet."""
    async with world(database_url) as opened:
        await introduce(opened)
        await opened.put("/v1/customers/ann/consent", ASK)
        yield opened


async def introduce(world: World, **traits: Any) -> None:
    given = {"email": "ann@example.com", **traits}
    await world.shop.accept(incoming("Identified", "ann", kind="identify", at=world.clock.at, traits=given))


async def row(world: World) -> Any:
    async with world.database.reading() as connection:
        return (await connection.execute(select(Confirmation.__table__))).one()


async def send(world: World) -> Any:
    await world.confirmation_mail((await row(world)).id)
    return await row(world)


async def test_the_mail_leaves_once(world: World) -> None:
    first, second = await send(world), await send(world)
    assert (first.state, first.sent_at, second) == ("sent", world.clock.at, first)
    assert len(world.smtp.mails) == 1
    assert "ann" not in first.address_digest
    assert world.smtp.read()["Message-ID"] == f"<{first.id}@journeyman.example>"


@pytest.mark.parametrize(("command", "reply"), [("RCPT", "451 4.3.0 later"), ("END", DIE)])
async def test_a_server_that_cannot_take_it_now_is_asked_again(world: World, command: str, reply: str) -> None:
    world.smtp.script(command, reply)
    with pytest.raises(RetryLaterError):
        await send(world)
    assert (await row(world)).state == "requested"
    assert (await send(world)).state == "sent"


async def test_an_address_that_a_server_refuses_for_good_is_suppressed(world: World) -> None:
    world.smtp.script("RCPT", "550 5.1.1 no such user")
    found = await send(world)
    assert (found.state, found.detail) == ("failed", "550 5.1.1 no such user")
    async with world.database.reading() as connection:
        key = world.confirmation_mail.digest_key
        assert await suppressions.suppression_reason(connection, "email", "ann@example.com", key)
    world.clock.at += timedelta(hours=1)
    assert (await world.put("/v1/customers/ann/consent", ASK))["confirmation"] == "suppressed"


class ErasedMeanwhile:
    """A provider whose answer comes when the customer has been erased."""

    channel = "email"

    def __init__(self, sender: Sender[OutgoingMail], erase: Callable[[], Awaitable[object]]) -> None:
        self.sender, self.erase = sender, erase
        self.check, self.close, self.capabilities = sender.check, sender.close, sender.capabilities

    async def send(self, message: OutgoingMail) -> Accepted:
        await self.erase()
        return await self.sender.send(message)


async def test_l3_of_an_address_that_was_erased_while_a_server_refused_it_the_digest_is_kept(world: World) -> None:
    async def erase() -> None:
        assert (await world.http.delete("/v1/customers/ann")).status_code == 202

    world.smtp.script("RCPT", "550 5.1.1 no such user")
    asked, mail = await row(world), world.confirmation_mail
    sender = ErasedMeanwhile(mail.sender, erase)
    await ConfirmationMail(mail.database, mail.clock, sender, mail.tokens, mail.digest_key)(asked.id)
    (kept,) = (await world.get("/v1/suppressions", address="ann@example.com"))["items"]
    assert (kept["address"], kept["reason"]) == (None, "rejected by the provider")


async def test_what_a_server_refuses_for_its_content_is_not_tried_again(world: World) -> None:
    world.smtp.script("END", "554 5.7.1 looks like spam")
    assert (await send(world)).state == "failed"
    assert (await send(world)).state == "failed"
    assert world.smtp.mails == []


async def test_who_has_another_address_by_now_is_not_asked_under_it(world: World) -> None:
    await introduce(world, email="other@example.com")
    found = await send(world)
    assert (found.state, "another address" in found.detail, world.smtp.mails) == ("failed", True, [])


async def test_a_mail_whose_link_would_be_over_does_not_leave(world: World) -> None:
    world.clock.at += timedelta(days=7)
    found = await send(world)
    assert (found.state, world.smtp.mails) == ("failed", [])


async def test_a_template_that_cannot_be_rendered_is_told(world: World) -> None:
    own = email(subject="{{ customer.missing }}", text="{{ confirm_url }}")
    await world.put("/v1/templates/double-opt-in", own.document())
    found = await send(world)
    assert (found.state, "subject is empty" in found.detail) == ("failed", True)


async def test_what_was_settled_meanwhile_stays_so(world: World) -> None:
    async with world.database.transaction() as connection:
        await connection.execute(update(Confirmation).values(state="confirmed"))
    assert (await send(world)).state == "confirmed"
    await world.confirmation_mail("confirm_gone")
    assert world.smtp.mails == []
