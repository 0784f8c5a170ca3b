"""A model behind any endpoint that speaks OpenAI's Chat Completions, called through OpenAI's own library.

<https://platform.openai.com/docs/api-reference/chat/create>. What it is asked for as a JSON Schema is asked for as
any JSON, then as text alone, where an endpoint does not know it. The library is imported by nobody else.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

import httpx2
import openai
from openai.types.chat import ChatCompletion, ChatCompletionMessageParam
from openai.types.chat.completion_create_params import ResponseFormat

from journeyman.channels.copywriting.errors import (
    EndpointBusyError,
    EndpointError,
    EndpointRefusedError,
    TooSlowError,
    UnreachableError,
    UnusableAnswerError,
)
from journeyman.channels.copywriting.ports import Completion, Said
from journeyman.channels.scrubbing import scrub

LARGEST: Final = 2 * 1024 * 1024
"""Bytes of an answer."""
RETRY_AFTER: Final = 30
RETRY_LIMIT: Final = 3_600
RETRIES: Final = 2
"""By the library, after 408, 409, 429 and 5xx, and after as long as the endpoint asks for."""
MOST_TOKENS: Final = 16_000
REASONS: Final = {
    401: "the endpoint does not take the key",
    403: "the key may not do this",
    404: "the endpoint has no such model, or this is not its address",
}


class _TooLargeError(httpx2.TransportError):
    """An answer that nobody wants to hold in memory."""


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in self._stream:
            size += len(chunk)
            if size > LARGEST:
                raise _TooLargeError("the answer is too large")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


class _BoundedTransport(httpx2.AsyncHTTPTransport):
    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        # Nothing that unpacks to more than it weighs.
        request.headers["accept-encoding"] = "identity"
        answer = await super().handle_async_request(request)
        if isinstance(answer.stream, httpx2.AsyncByteStream):
            answer.stream = _Bounded(answer.stream)
        return answer


class OpenAIWriter:
    """Calls one endpoint. `url` ends with its version, such as `/v1`; `timeout` is for one question, tries and all."""

    def __init__(self, url: str, key: str, model: str, timeout: float) -> None:
        self.model = model
        self._timeout = timeout
        self._formats = 0
        http = httpx2.AsyncClient(
            transport=_BoundedTransport(), timeout=timeout, follow_redirects=False, trust_env=False
        )
        self._client = openai.AsyncOpenAI(
            api_key=key, base_url=url, timeout=timeout, max_retries=RETRIES, http_client=http
        )

    async def complete(self, said: Sequence[Said], schema: Mapping[str, Any]) -> Completion:
        try:
            async with asyncio.timeout(self._timeout):
                return _completion(await self._ask(said, schema))
        except (TimeoutError, openai.APITimeoutError) as error:
            raise TooSlowError(f"the endpoint has not answered within {self._timeout:g} seconds") from error
        except openai.APIStatusError as error:
            raise _status_error(error) from error
        except openai.APIConnectionError as error:
            raise _lost(error) from error
        except (openai.OpenAIError, ValueError, RecursionError) as error:
            raise UnusableAnswerError(f"the endpoint's answer cannot be read: {type(error).__name__}") from error

    async def close(self) -> None:
        await self._client.close()

    async def _ask(self, said: Sequence[Said], schema: Mapping[str, Any]) -> ChatCompletion:
        formats = _formats(schema)
        while True:
            try:
                return await self._create(said, formats[self._formats])
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                if self._formats + 1 == len(formats) or not _is_about_the_format(error):
                    raise
                self._formats += 1

    async def _create(self, said: Sequence[Said], response_format: ResponseFormat | None) -> ChatCompletion:
        return await self._client.chat.completions.create(
            model=self.model,
            messages=[_message(one) for one in said],
            response_format=openai.omit if response_format is None else response_format,
            max_completion_tokens=MOST_TOKENS,
        )


def _message(said: Said) -> ChatCompletionMessageParam:
    if said.role == "system":
        return {"role": "system", "content": said.text}
    if said.role == "assistant":
        return {"role": "assistant", "content": said.text}
    return {"role": "user", "content": said.text}


def _formats(schema: Mapping[str, Any]) -> list[ResponseFormat | None]:
    named = {"name": "proposals", "schema": dict(schema), "strict": True}
    structured: Any = {"type": "json_schema", "json_schema": named}
    return [structured, {"type": "json_object"}, None]


def _is_about_the_format(error: openai.APIStatusError) -> bool:
    said = f"{error.message} {error.body}".lower()
    return any(word in said for word in ("response_format", "json_schema", "json_object", "structured output"))


def _completion(answer: ChatCompletion) -> Completion:
    # Endpoints leave out what the library's types promise: nothing of an answer is believed to be there.
    choice = next(iter(answer.choices or ()), None) if isinstance(answer, ChatCompletion) else None
    message = getattr(choice, "message", None)
    if choice is None or message is None:
        raise UnusableAnswerError("the endpoint's answer holds no message")
    if message.refusal or choice.finish_reason == "content_filter":
        raise UnusableAnswerError(f"the model would not: {scrub(str(message.refusal or choice.finish_reason))[:200]}")
    if not isinstance(message.content, str):
        raise UnusableAnswerError("the endpoint's answer holds no text")
    tokens = getattr(answer.usage, "total_tokens", 0)
    return Completion(message.content, str(answer.model or ""), tokens if isinstance(tokens, int) else 0)


def _status_error(error: openai.APIStatusError) -> Exception:
    """What an answer that is no success means. The endpoint's own words may hold the key, or parts of it."""
    status = error.status_code
    if status == httpx2.codes.TOO_MANY_REQUESTS:
        return EndpointBusyError("the endpoint has too much to do, or its quota is used up", _seconds(error.response))
    if status >= httpx2.codes.INTERNAL_SERVER_ERROR:
        return EndpointBusyError(f"the endpoint answers {status}", _seconds(error.response))
    code = error.code if isinstance(error.code, str) else ""
    named = " ".join([str(status), *code.split()])[:60]
    return EndpointRefusedError(f"{REASONS.get(status, 'the endpoint does not take the request')} ({named})")


def _lost(error: openai.APIConnectionError) -> EndpointError:
    if isinstance(error.__cause__, _TooLargeError):
        return UnusableAnswerError(f"the endpoint's answer has more than {LARGEST:,} bytes")
    return UnreachableError("the endpoint cannot be reached, or the connection was lost")


def _seconds(answer: httpx2.Response) -> int:
    given = answer.headers.get("retry-after", "").strip()
    return min(max(int(given[:9]), 1), RETRY_LIMIT) if given.isascii() and given.isdecimal() else RETRY_AFTER
