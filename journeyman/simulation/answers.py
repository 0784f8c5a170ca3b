"""What other systems answer in a simulation: nobody outside is asked, and what the author says is what they say."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from journeyman.channels.webhooks.calling import HttpAnswer, HttpRequest, NoAnswerError
from journeyman.journeys.lookups.asking import Answer, Ask
from journeyman.journeys.lookups.fetching import GOOD
from journeyman.kit.database import to_json
from journeyman.language.cases import GivenAnswer

WELL = GivenAnswer()


@dataclass(slots=True)
class Answers:
    """The answers by step; a step of which nothing is said is answered well, with nothing in it."""

    by_step: Mapping[str, GivenAnswer] = field(default_factory=dict)
    by_lookup: Mapping[str, GivenAnswer] = field(default_factory=dict)
    """The answers to what templates look up, by name; where nothing is said, `otherwise` stands for it."""

    def of_activity(self, step: str) -> dict[str, Any]:
        """What an activity of the team's own comes to."""
        given = self.by_step.get(step, WELL)
        return {"result": given.body, "failure": given.fails}

    def known(self, ask: Ask) -> Answer:
        """The answer to a lookup."""
        given = self.by_lookup.get(ask.name)
        if given is None:
            return Answer(failure="nothing is looked up in a simulation", stands_in=True)
        if given.fails is not None:
            return Answer(failure=given.fails)
        return Answer(given.body) if given.status in GOOD else Answer(failure=f"the answer is {given.status}")

    async def fetch(self, asks: Iterable[Ask]) -> dict[Ask, Answer]:
        """The same; everything is known at once."""
        return {ask: self.known(ask) for ask in asks}

    async def __call__(self, request: HttpRequest) -> HttpAnswer:
        """The answer to a call, whose idempotency key names its step. Raises `NoAnswerError`."""
        key = next((value for name, value in request.headers if name.lower() == "idempotency-key"), "//")
        given = self.by_step.get(key.split("/")[1], WELL)
        if given.fails is not None:
            raise NoAnswerError(given.fails)
        return HttpAnswer(given.status, "application/json", to_json(given.body).encode())

    async def close(self) -> None:
        """Nothing is open."""
