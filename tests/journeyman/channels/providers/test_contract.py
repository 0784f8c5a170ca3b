"""The port's contract, held by every provider that is called over HTTP: what each way to fail means for a message.

The provider's fake is in the module `harness` beside its own tests; whatever package has one is held to the contract.
"""

import pkgutil
from collections.abc import AsyncIterator
from importlib import import_module

import pytest

from journeyman.channels.errors import (
    AddressRejectedError,
    RejectedError,
    TemporaryError,
    ThrottledError,
    UnknownOutcomeError,
)
from tests.journeyman.channels import providers
from tests.journeyman.channels.providers.contract import Harness
from tests.journeyman.channels.providers.mails import FILES, mail
from tests.parts.other_system import Says

NAMES = sorted(
    module.name.removeprefix(f"{providers.__name__}.").removesuffix(".harness")
    for module in pkgutil.walk_packages(providers.__path__, f"{providers.__name__}.")
    if module.name.endswith(".harness")
)


@pytest.fixture(params=NAMES)
async def harness(request: pytest.FixtureRequest) -> AsyncIterator[Harness]:
    module = import_module(f"{providers.__name__}.{request.param}.harness")
    async with module.opened() as opened:
        yield opened
        await opened.sender.close()


async def test_a_message_is_taken_once_under_the_name_that_the_provider_gives_it(harness: Harness) -> None:
    accepted = await harness.sender.send(harness.message("msg_1"))
    assert accepted.provider_message_id
    assert harness.taken() == ["msg_1"]
    other = await harness.sender.send(harness.message("msg_2"))
    assert other.provider_message_id != accepted.provider_message_id


async def test_files_go_out_with_mail_byte_for_byte(harness: Harness) -> None:
    if harness.sender.channel != "email":
        assert harness.attached is None
        return
    assert harness.attached is not None
    await harness.sender.send(mail("msg_1", attachments=FILES))
    assert harness.attached() == list(FILES)
    await harness.sender.send(mail("msg_2"))
    assert harness.attached() == []


async def test_a_good_key_passes_the_check_and_a_wrong_one_does_not(harness: Harness) -> None:
    await harness.sender.check()
    wrong = harness.wrong_key()
    with pytest.raises(RejectedError):
        await wrong.check()
    with pytest.raises(TemporaryError):  # the operator mends it, and the message waits
        await wrong.send(harness.message("msg_1"))
    await wrong.close()
    assert harness.taken() == []


async def test_a_slower_pace_is_kept_for_as_long_as_the_provider_asks(harness: Harness) -> None:
    harness.fake.script.append(harness.faults.throttled)
    with pytest.raises(ThrottledError) as caught:
        await harness.sender.send(harness.message("msg_1"))
    assert caught.value.retry_after == 7
    assert harness.taken() == []


async def test_keys_and_failures_of_the_provider_have_the_message_wait(harness: Harness) -> None:
    for answer in (harness.faults.unauthorised, harness.faults.failing):
        harness.fake.script.append(answer)
        with pytest.raises(TemporaryError):
            await harness.sender.send(harness.message("msg_1"))
    assert (await harness.sender.send(harness.message("msg_1"))).provider_message_id


async def test_a_dead_address_is_told_from_a_message_that_is_refused(harness: Harness) -> None:
    if harness.faults.dead_address is not None:
        harness.fake.script.append(harness.faults.dead_address)
        with pytest.raises(AddressRejectedError):
            await harness.sender.send(harness.message("msg_1"))
    if harness.faults.refused is not None:
        harness.fake.script.append(harness.faults.refused)
        with pytest.raises(RejectedError) as caught:
            await harness.sender.send(harness.message("msg_1"))
        assert not isinstance(caught.value, AddressRejectedError)
    assert harness.faults.dead_address or harness.faults.refused


@pytest.mark.parametrize("has_effect", [False, True], ids=["before it was taken", "after it was taken"])
async def test_a_lost_answer_leaves_the_outcome_unknown(harness: Harness, *, has_effect: bool) -> None:
    """Also where nothing was taken: nobody on this side can tell the two apart."""
    harness.fake.script.append(Says(status=None, after=has_effect))
    with pytest.raises(UnknownOutcomeError):
        await harness.sender.send(harness.message("msg_1"))
    if harness.sender.capabilities.idempotent:
        await harness.sender.send(harness.message("msg_1"))
        assert harness.taken() == ["msg_1"]


async def test_a_provider_that_does_not_answer_in_time_leaves_the_outcome_unknown(harness: Harness) -> None:
    harness.fake.script.append(Says(silent=True))
    impatient = harness.impatient(0.2)
    with pytest.raises(UnknownOutcomeError):
        await impatient.send(harness.message("msg_1"))
    await impatient.close()


async def test_a_provider_that_nobody_reaches_has_the_message_wait(harness: Harness) -> None:
    await harness.fake.stop()
    with pytest.raises(TemporaryError):
        await harness.sender.send(harness.message("msg_1"))
    with pytest.raises(TemporaryError):
        await harness.sender.check()


async def test_no_answer_shows_an_address_or_a_key(harness: Harness) -> None:
    address = harness.message("msg_1").to
    says = Says(400, f'{{"message": "{address} is no good", "error": {{"message": "{address}"}}}}'.encode())
    harness.fake.script.append(says)
    with pytest.raises(RejectedError) as caught:
        await harness.sender.send(harness.message("msg_1"))
    assert address not in caught.value.detail
    assert address.lstrip("+") not in caught.value.detail
