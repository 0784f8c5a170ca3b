"""The endpoint's client against one that takes nothing but what OpenAI's own types say."""

import logging
from collections.abc import AsyncIterator

import pytest

from journeyman.channels.copywriting.endpoint import LARGEST, OpenAIWriter
from journeyman.channels.copywriting.errors import (
    EndpointBusyError,
    EndpointRefusedError,
    TooSlowError,
    UnreachableError,
    UnusableAnswerError,
)
from journeyman.channels.copywriting.ports import Said
from journeyman.kit.errors import DomainError
from tests.parts.chat_completions import KEY, MODEL, ChatCompletions, completion, refused
from tests.parts.other_system import Says, says

ASKED = [Said("system", "Write."), Said("user", "{}"), Said("assistant", "no"), Said("user", "again")]
SCHEMA = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}


@pytest.fixture
async def endpoint() -> AsyncIterator[ChatCompletions]:
    async with ChatCompletions(lambda _: "{}") as opened:
        yield opened


async def ask(endpoint: ChatCompletions, key: str = KEY, model: str = MODEL, seconds: float = 20) -> str:
    writer = OpenAIWriter(f"{endpoint.url}/v1", key, model, seconds)
    try:
        answer = await writer.complete(ASKED, SCHEMA)
        assert (answer.model, answer.tokens) == (f"{MODEL}-2026-01-01", 150)
        return answer.text
    finally:
        await writer.close()


async def test_a_question_is_one_call_with_the_schema(endpoint: ChatCompletions) -> None:
    assert await ask(endpoint) == "{}"
    (asked,) = endpoint.asked
    assert [one["role"] for one in asked["messages"]] == ["system", "user", "assistant", "user"]
    assert asked["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "proposals", "schema": SCHEMA, "strict": True},
    }


@pytest.mark.parametrize(("knows", "used"), [(("json_object", None), "json_object"), ((None,), None)])
async def test_an_endpoint_that_knows_no_schema_is_asked_without_and_not_for_it_again(
    knows: tuple[str | None, ...], used: str | None
) -> None:
    async with ChatCompletions(lambda _: "{}", knows) as endpoint:
        writer = OpenAIWriter(f"{endpoint.url}/v1", KEY, MODEL, 20)
        for _ in range(2):
            await writer.complete(ASKED, SCHEMA)
        await writer.close()
        forms = [one.get("response_format", {}).get("type") for one in endpoint.asked]
        assert forms[-2:] == [used, used]
        assert forms.count("json_schema") == 1


async def test_an_endpoint_that_has_too_much_to_do_is_asked_again_by_the_library(endpoint: ChatCompletions) -> None:
    slow_down = {"retry_after_ms": "10"}
    endpoint.answers += [refused(429, "slow down", **slow_down), refused(503, "overloaded", **slow_down)]
    assert await ask(endpoint) == "{}"
    assert len(endpoint.calls) == 3


async def test_an_endpoint_that_stays_busy_says_when_to_come_back(endpoint: ChatCompletions) -> None:
    endpoint.answers += [refused(429, "slow down", retry_after_ms="10", retry_after="17")] * 3
    with pytest.raises(EndpointBusyError) as caught:
        await ask(endpoint)
    assert (caught.value.retry_after, len(endpoint.calls)) == (17, 3)


async def test_a_key_or_a_model_that_is_not_taken_is_told_at_once_and_never_shown(
    endpoint: ChatCompletions, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(EndpointRefusedError, match=r"does not take the key \(401 invalid_api_key\)") as caught:
        await ask(endpoint, key="sk-secret-of-ours")
    with pytest.raises(EndpointRefusedError, match="does not take the request"):
        await ask(endpoint, model="other")
    assert len(endpoint.calls) == 2
    assert "sk-secret-of-ours" not in caplog.text + caught.value.detail


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (completion(None, refusal="I cannot help with that"), UnusableAnswerError),
        (completion("x", finish="content_filter"), UnusableAnswerError),
        (completion(None), UnusableAnswerError),
        (says(200, {}), UnusableAnswerError),
        (says(200, {"choices": []}), UnusableAnswerError),
        (says(200, {"choices": [{}]}), UnusableAnswerError),
        (says(200, {"choices": [None]}), UnusableAnswerError),
        (says(200, {"choices": [{"message": {"content": ["a"]}}]}), UnusableAnswerError),
        (says(200, []), UnusableAnswerError),
        (Says(200, b"{"), UnusableAnswerError),
        (Says(200, b"<html>", {"content-type": "text/html"}), UnusableAnswerError),
        (completion("x" * LARGEST), UnusableAnswerError),
        (says(404, {"error": {"message": "no"}}), EndpointRefusedError),
        (says(403, None), EndpointRefusedError),
        (says(307, None, location="http://127.0.0.1:9/v1/chat/completions"), EndpointRefusedError),
    ],
)
async def test_an_answer_that_is_none_is_told_as_what_it_is(
    endpoint: ChatCompletions, answer: Says, error: type[DomainError]
) -> None:
    endpoint.answers += [answer] * 3
    with pytest.raises(error):
        await ask(endpoint)


async def test_an_endpoint_that_says_nothing_is_left_after_its_time(endpoint: ChatCompletions) -> None:
    endpoint.answers += [Says(silent=True)] * 3
    with pytest.raises(TooSlowError, match=r"within 0\.3 seconds"):
        await ask(endpoint, seconds=0.3)


async def test_an_endpoint_that_nobody_reaches_is_told(endpoint: ChatCompletions) -> None:
    await endpoint.stop()
    with pytest.raises(UnreachableError):
        await ask(endpoint)
