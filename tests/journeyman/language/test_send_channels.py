"""A message on one channel, or on one of several: what can be written, and what it means."""

from typing import Any

import pytest

from journeyman.language.references import messages_of, templates_of
from journeyman.language.validation import DefinitionError, parse
from tests.builders import journey


def send(**parts: Any) -> dict[str, Any]:
    return journey(steps=[{"id": "do", "send": {"template": "offer", **parts}}])


@pytest.mark.parametrize(
    ("parts", "at", "says"),
    [
        ({}, "/channel", "`channel` is missing; add `channel`"),
        ({"channel": "sms", "best_channel": ["sms", "push"]}, "/best_channel", "take one of them out"),
        ({"best_channel": ["push"]}, "/best_channel", "one channel is the best of nothing"),
        ({"best_channel": ["push", "push"]}, "/best_channel", "a channel stands here twice"),
        ({"best_channel": ["push", "pigeon"]}, "/best_channel", "there is no channel `pigeon`"),
        ({"best_channel": ["push", "voice"]}, "/best_channel", "a `task` step has a person call"),
        ({"best_channel": ["push", "sms"], "fallback": ["email"]}, "/fallback", "take `fallback` out"),
        ({"channel": "sms", "fallback": ["sms"]}, "/fallback", "is the channel that is tried first"),
        ({"channel": "sms", "fallback": ["push"], "template": {"sms": "a"}}, "/template", "no template for `push`"),
        ({"channel": "sms", "template": {"sms": "A b"}}, "/template/sms", ""),
        ({"channel": "sms", "at": "noon"}, "/at", ""),
    ],
)
def test_what_is_wrong_with_the_channels_of_a_message_is_told(parts: dict[str, Any], at: str, says: str) -> None:
    with pytest.raises(DefinitionError) as error:
        parse(send(**parts))
    (problem,) = error.value.problems
    assert problem.pointer == f"/steps/0/send{at}"
    assert says in str(problem)


@pytest.mark.parametrize(
    ("parts", "templates"),
    [
        ({"channel": "sms"}, {"sms": "offer"}),
        ({"best_channel": ["sms", "web_push"]}, {"sms": "offer-sms", "web_push": "offer-web-push"}),
        ({"channel": "push", "fallback": ["sms"]}, {"push": "offer-push", "sms": "offer-sms"}),
        ({"channel": "push", "fallback": ["sms"], "template": {"push": "a", "sms": "b"}}, {"push": "a", "sms": "b"}),
        ({"channel": "push", "template": {"push": "a"}}, {"push": "a"}),
    ],
)
def test_each_channel_has_its_template(parts: dict[str, Any], templates: dict[str, str]) -> None:
    definition = parse(send(**parts))
    assert {channel: key for _, _, channel, key in messages_of(definition)} == templates
    assert sorted(key for *_, key in templates_of(definition)) == sorted(templates.values())


def test_m4_a_message_is_sent_once_at_most_as_the_channel_it_goes_on_asks() -> None:
    definition = parse(send(best_channel=["email", "sms"]))
    (step,) = definition.steps
    whole = step.send  # type: ignore[union-attr]  # it is a send
    assert not whole.on_channel("email").is_once_at_most
    assert whole.on_channel("sms").is_once_at_most


def test_o1_at_best_time_is_within_a_day() -> None:
    short, long = parse(send(channel="sms", at="best_time")), parse(send(channel="sms", at={"within": "1d"}))
    assert short.steps == long.steps
