"""One contract over every ad network, and how each of them wants people hashed."""

from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any

import pytest
from facebook_business.adobjects.customaudience import CustomAudience

from journeyman.channels.ads.ports import AudienceNetwork, Keys
from journeyman.channels.errors import (
    RejectedError,
    SendError,
    TemporaryError,
    ThrottledError,
    UnknownOutcomeError,
)
from tests.journeyman.channels.ads.networks import NETWORKS, AdNetwork, Google, LinkedIn, Meta, TikTok
from tests.parts.other_system import Says, says


@pytest.fixture(params=list(NETWORKS))
async def fake(request: pytest.FixtureRequest) -> AsyncIterator[Any]:
    async with NETWORKS[request.param]() as network:
        yield network


@pytest.fixture
async def ours(fake: AdNetwork) -> AsyncIterator[AudienceNetwork]:
    opened = fake.opened()
    yield opened
    await opened.close()


def somebody(network: AudienceNetwork, number: int) -> Keys:
    return network.keys(f"u{number}@example.com", f"+4915112345{number:03}")


def hashes(*people: Keys) -> set[str]:
    return {key for one in people for key in one.values()}


async def test_people_come_in_and_go_out_and_twice_is_once(fake: AdNetwork, ours: AudienceNetwork) -> None:
    ann, zoe = somebody(ours, 1), somebody(ours, 2)
    for _ in range(2):
        assert await ours.change([ann, zoe], is_in=True) == {}
        assert fake.inside == hashes(ann, zoe)
    for _ in range(2):
        assert await ours.change([ann], is_in=False) == {}
        assert fake.inside == hashes(zoe)


async def test_only_hashes_leave(fake: AdNetwork, ours: AudienceNetwork) -> None:
    await ours.change([somebody(ours, 1)], is_in=True)
    sent = b"".join(called.body for called in fake.calls if b"assertion" not in called.body)
    assert b"@example.com" not in sent
    assert b"4915112345" not in sent


async def test_a_request_holds_as_many_as_the_network_takes(fake: AdNetwork, ours: AudienceNetwork) -> None:
    people = [ours.keys(f"u{number}@example.com", None) for number in range(ours.limit)]
    await ours.change(people, is_in=True)
    assert fake.requests == [ours.limit]
    assert len(fake.inside) == ours.limit


@pytest.mark.parametrize("fake", ["google", "meta", "linkedin"], indirect=True)
async def test_who_is_refused_is_named_and_the_others_are_in(fake: AdNetwork, ours: AudienceNetwork) -> None:
    people = [somebody(ours, number) for number in range(4)]
    fake.unwelcome = {people[1]["email"], people[3]["email"]}
    refused = await ours.change(people, is_in=True)
    assert set(refused) == {1, 3}
    assert all(refused.values())
    assert fake.inside == hashes(people[0], people[2])


async def test_a_slower_pace_is_kept(fake: Any, ours: AudienceNetwork) -> None:
    await ours.check()
    fake.script.append(fake.throttled)
    with pytest.raises(ThrottledError) as slower:
        await ours.change([somebody(ours, 1)], is_in=True)
    assert slower.value.retry_after > 0


@pytest.mark.parametrize(
    ("said", "error"), [(says(503), TemporaryError), (Says(None), UnknownOutcomeError), (says(500), SendError)]
)
async def test_what_fails_says_whether_it_may_be_told_again(
    fake: AdNetwork, ours: AudienceNetwork, said: Says, error: type[SendError]
) -> None:
    await ours.check()
    fake.script.append(said)
    with pytest.raises(error):
        await ours.change([somebody(ours, 1)], is_in=True)
    assert await ours.change([somebody(ours, 1)], is_in=True) == {}


async def test_an_unknown_audience_and_another_key_are_found_by_asking(fake: AdNetwork, ours: AudienceNetwork) -> None:
    await ours.check()
    for wrong in (fake.opened(audience="1230000000000"), fake.opened(token="another")):
        with pytest.raises(RejectedError):
            await wrong.check()
        await wrong.close()
    assert fake.inside == set()


async def test_a_network_that_nobody_reaches_is_asked_later(fake: AdNetwork, ours: AudienceNetwork) -> None:
    await fake.stop()
    with pytest.raises(TemporaryError):
        await ours.change([somebody(ours, 1)], is_in=True)


def plain(text: str) -> str:
    return sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("kind", "email", "phone"),
    [
        (Google, "janedoe@gmail.com", "+4915112345678"),
        (Meta, "jane.doe+shop@gmail.com", "4915112345678"),
        (TikTok, "jane.doe+shop@gmail.com", "+4915112345678"),
        (LinkedIn, "jane.doe+shop@gmail.com", None),
    ],
)
async def test_each_network_has_its_own_spelling(kind: type[AdNetwork], email: str, phone: str | None) -> None:
    async with kind() as fake:
        ours = fake.opened()
        wanted = {"email": plain(email)} | ({"phone": plain(phone)} if phone is not None else {})
        assert ours.keys("jane.doe+shop@gmail.com", "+4915112345678") == wanted
        assert ours.keys(None, None) == {}
        await ours.close()


async def test_published_hashes() -> None:
    """TikTok's help on customer files; Google's formatter of `google-ads-datamanager-util` 0.4.0."""
    async with TikTok() as tiktok, Google() as google:
        ours, theirs = tiktok.opened(), google.opened()
        tiktoks = "d6117306485ed0e50afab3ac871e98f81699151f30281527d63ff5f233656c69"
        assert ours.keys("janedoe@gmail.com", None) == {"email": tiktoks}
        assert theirs.keys("Jane.Doe+Shop@googlemail.com", None)["email"] == plain("janedoe@googlemail.com")
        await ours.close()
        await theirs.close()


async def test_metas_own_client_hashes_alike() -> None:
    async with Meta() as fake:
        ours = fake.opened()
        keys = ours.keys("Ann.Smith+1@Example.com", "+4915112345678")
        params = CustomAudience.format_params(
            ["EMAIL", "PHONE"], [["Ann.Smith+1@Example.com", "+49 151 12345678"]], is_raw=True
        )
        assert params["payload"]["data"] == [[keys["email"], keys["phone"]]]
        await ours.close()
