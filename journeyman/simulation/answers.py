"""What other systems answer in a simulation: nobody outside is asked, and what the author says is what they say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from journeyman.channels.webhooks.calling import HttpAnswer, HttpRequest, NoAnswerError
from journeyman.kit.database import to_json
from journeyman.language.cases import GivenAnswer

GOOD = GivenAnswer()


@dataclass(slots=True)
class Answers:
    """The answers by step; a step of which nothing is said is answered well, with nothing in it."""

    by_step: Mapping[str, GivenAnswer] = field(default_factory=dict)

    def of_activity(self, step: str) -> dict[str, Any]:
        """What an activity of the team's own comes to."""
        given = self.by_step.get(step, GOOD)
        return {"result": given.body, "failure": given.fails}

    async def __call__(self, request: HttpRequest) -> HttpAnswer:
        """The answer to a call, whose idempotency key names its step. Raises `NoAnswerError`."""
        key = next((value for name, value in request.headers if name.lower() == "idempotency-key"), "//")
        given = self.by_step.get(key.split("/")[1], GOOD)
        if given.fails is not None:
            raise NoAnswerError(given.fails)
        return HttpAnswer(given.status, "application/json", to_json(given.body).encode())

    async def close(self) -> None:
        """Nothing is open."""
