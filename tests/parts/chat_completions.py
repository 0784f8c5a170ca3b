"""An endpoint of OpenAI's Chat Completions on loopback, which takes what the library's own types say and no more."""

import json
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from openai.types.chat import ChatCompletion
from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming
from pydantic import TypeAdapter, ValidationError

from tests.parts.other_system import Called, OtherSystem, Says, says

KEY = "sk-test-1234567890"
MODEL = "writer-1"
REQUEST: TypeAdapter[Any] = TypeAdapter(CompletionCreateParamsNonStreaming)
ORDER = ("json_schema", "json_object", None)
Document = Mapping[str, Any]
Model = Callable[[Document], str]
"""What is answered to the document in the first user message."""


def proposals(*texts: Mapping[str, str]) -> str:
    return json.dumps({"proposals": list(texts)})


def obedient(document: Document) -> str:
    """Every text as it is, with words of its own before."""
    count, texts = document["task"]["count"], document["texts"]
    return proposals(*({name: f"Fresh {place}: {text}" for name, text in texts.items()} for place in range(count)))


def refused(status: int, message: str, code: str | None = None, **headers: str) -> Says:
    """An error in OpenAI's form."""
    return says(status, {"error": {"message": message, "type": "error", "param": None, "code": code}}, **headers)


class ChatCompletions(OtherSystem):
    """Answers by `answers`, one after the other, then by `model`. `knows` are the forms of answers that it can keep."""

    def __init__(self, model: Model = obedient, knows: Sequence[str | None] = ORDER) -> None:
        super().__init__()
        self.model = model
        self.knows = knows
        self.answers: deque[str | Says] = deque()

    @property
    def asked(self) -> list[Any]:
        """Every request that came, as its document."""
        return [called.document for called in self.calls]

    def told(self, place: int = -1) -> Any:
        """The document of a request's first user message."""
        return json.loads(self.asked[place]["messages"][1]["content"])

    def answer(self, called: Called) -> Says:
        if (called.method, called.path) != ("POST", "/v1/chat/completions"):
            return refused(404, f"Invalid URL ({called.method} {called.path})")
        if called.headers.get("authorization") != f"Bearer {KEY}":
            return refused(401, f"Incorrect API key provided: {called.headers.get('authorization')}", "invalid_api_key")
        if wrong := self._wrong(called.document):
            return refused(400, wrong)
        given = self.answers.popleft() if self.answers else self.model(self._first(called.document))
        return given if isinstance(given, Says) else completion(given)

    def _wrong(self, document: Any) -> str | None:
        unknown = document.keys() - CompletionCreateParamsNonStreaming.__annotations__.keys()
        if unknown:
            return f"Unrecognized request argument: {sorted(unknown)}"
        try:
            list(REQUEST.validate_python(document)["messages"])
        except ValidationError as error:
            return str(error)
        if document["model"] != MODEL:
            return f"The model `{document['model']}` does not exist"
        form = document.get("response_format", {}).get("type")
        return None if form in self.knows else f"Invalid parameter: 'response_format' of type '{form}'"

    @staticmethod
    def _first(document: Any) -> Document:
        found: Document = json.loads(document["messages"][1]["content"])
        return found


def completion(text: str | None, refusal: str | None = None, finish: str = "stop") -> Says:
    """A completion, in the form of the library's own type."""
    document = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": f"{MODEL}-2026-01-01",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": text, "refusal": refusal},
                "finish_reason": finish,
                "logprobs": None,
            }
        ],
        "usage": {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150},
    }
    ChatCompletion.model_validate(document)
    return says(200, document)
