"""The file of providers: what it may say, and that a mistake is told by its place and never shows a secret."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from journeyman.channels.configuration import Providers, lanes_of, read_providers
from journeyman.channels.queues import UNLIMITED, ChannelQueue
from journeyman.kit.clock import FixedClock
from tests.builders import NOON
from tests.journeyman.channels.providers.twilio.harness import ACCOUNT

SECRETS = {"TOKEN": "very secret"}
TEXTS = {"provider": "twilio", "account": ACCOUNT, "token": "${TOKEN}", "sender": "+15005550006"}
MAIL = {"provider": "smtp", "url": "smtp://user:${TOKEN}@127.0.0.1:25", "mail_from": "Shop <shop@example.com>"}


def read(tmp_path: Path, document: Any) -> Providers:
    file = tmp_path / "providers.yaml"
    file.write_text(document if isinstance(document, str) else yaml.safe_dump(document))
    return read_providers(file, SECRETS)


async def test_each_channel_asks_its_providers_in_the_order_of_its_route(tmp_path: Path) -> None:
    names = {"first": TEXTS, "second": TEXTS, "third": TEXTS, "mail": MAIL}
    document = {
        "providers": names,
        "routes": {"sms": ["second", "first"]},
        "topics": {"transactional": {"sms": ["third"]}},
    }
    routes = read(tmp_path, document).routes_of(FixedClock(NOON), "https://journeyman.example/")
    assert sorted(routes) == ["email", "sms"]
    assert (routes["sms"].first("marketing"), routes["sms"].first("transactional")) == ("second", "third")
    assert list(routes["sms"].providers) == ["second", "first", "third"]
    for route in routes.values():
        await route.close()


async def test_without_a_route_all_of_the_channel_are_asked_as_they_stand(tmp_path: Path) -> None:
    routes = read(tmp_path, {"providers": {"one": TEXTS, "two": TEXTS}}).routes_of(FixedClock(NOON), "https://j")
    assert routes["sms"].first("marketing") == "one"
    await routes["sms"].close()


def test_each_channel_of_the_file_has_a_queue_and_may_have_a_pace(tmp_path: Path) -> None:
    document = {"providers": {"a": TEXTS, "mail": MAIL}, "queues": {"sms": {"per_second": 0.5, "at_once": 3}}}
    assert read(tmp_path, document).lanes() == {"sms": ChannelQueue(per_second=0.5, at_once=3), "email": UNLIMITED}
    assert lanes_of(None) == {}


def test_only_what_can_be_verified_takes_callbacks(tmp_path: Path) -> None:
    assert sorted(read(tmp_path, {"providers": {"texts": TEXTS, "mail": MAIL}}).callbacks()) == ["texts"]


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("providers: [", "cannot be read"),
        ({}, "providers"),
        ({"providers": {"x": {**TEXTS, "provider": "pigeon"}}}, "providers/x"),
        ({"providers": {"x": {**TEXTS, "account": "AC1"}}}, "providers/x/twilio/account"),
        ({"providers": {"x": {**TEXTS, "colour": "red"}}}, "providers/x/twilio/colour"),
        ({"providers": {"Not A Name": TEXTS}}, "providers/Not A Name"),
        ({"providers": {"x": {**TEXTS, "token": "${MISSING}"}}}, "the environment has no MISSING"),
        ({"providers": {"x": TEXTS}, "routes": {"sms": ["y"]}}, "`y` is no provider of `sms`"),
        ({"providers": {"x": TEXTS}, "routes": {"email": ["x"]}}, "`x` is no provider of `email`"),
        ({"providers": {"x": TEXTS}, "routes": {"sms": []}}, "names no provider"),
        ({"providers": {"x": TEXTS}, "topics": {"codes": {"fax": ["x"]}}}, "no channel `fax`"),
        ({"providers": {"x": TEXTS}, "queues": {"email": {}}}, "`email` has a queue and no provider"),
        ({"providers": {"x": TEXTS}, "queues": {"sms": {"per_second": 0}}}, "queues/sms/per_second"),
    ],
)
def test_a_mistake_is_told_by_its_place(tmp_path: Path, document: Any, words: str) -> None:
    with pytest.raises(ValueError, match=r"providers\.yaml") as caught:
        read(tmp_path, document)
    assert words in str(caught.value)
    assert SECRETS["TOKEN"] not in str(caught.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        read_providers(tmp_path / "none.yaml", SECRETS)


def test_no_secret_is_in_what_is_printed(tmp_path: Path) -> None:
    assert SECRETS["TOKEN"] not in repr(read(tmp_path, {"providers": {"texts": TEXTS, "mail": MAIL}}))
