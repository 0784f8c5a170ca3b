"""Taking a `call` step: reserved in the run's transaction, made outside any, settled in another (M5)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from journeyman.channels.webhooks.calling import HttpAnswer, HttpRequest, NoAnswerError
from journeyman.customers.inbox.errors import RefusedError
from journeyman.journeys.calling.preparing import Secrets, prepare
from journeyman.journeys.journal import Entry
from journeyman.journeys.kept import keep_in_context, recall, remember
from journeyman.journeys.mail import scope
from journeyman.journeys.moves import arrive
from journeyman.journeys.requests.paths import Http, UnpreparedError
from journeyman.journeys.requests.pointers import pointed
from journeyman.journeys.requests.reading import read_answer
from journeyman.journeys.runs import Run, follow
from journeyman.journeys.stage import Stage
from journeyman.language.steps.call import Call, CallStep

AGAIN = frozenset({408, 409, 425, 429})
"""Statuses below 500 that are worth another attempt (M5)."""
SERVER_ERRORS = 500
GOOD = range(200, 300)
FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(minutes=10)
KEPT = "call"
"""Under this a run remembers how often the call of this visit has been tried."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request that is to be made for a run that stands at a `call`."""

    run_id: str
    customer_id: str
    step: str
    visit: int
    request: HttpRequest
    named: frozenset[int]
    """Statuses that the author has named: they are never tried again."""
    attempts: int
    most: int


@dataclass(frozen=True, slots=True)
class Result:
    """What came of the last attempt; without an `answer`, `detail` says why there is none."""

    answer: HttpAnswer | None = None
    detail: str | None = None
    again_after: timedelta | None = None
    """Another attempt is to be made after this long."""


class Calling:
    """Makes the calls of runs."""

    def __init__(self, http: Http, secrets: Secrets) -> None:
        self.http = http
        self.secrets = secrets

    def reserve(self, stage: Stage, step: CallStep) -> Prepared | Result:
        """The request with its attempt counted, or why there will be none."""
        run = stage.run
        kept = recall(run, KEPT)
        attempts = int(kept.get("attempts", 0)) + 1 if kept.get("visit") == run.visit else 1
        if attempts > step.call.attempts:
            return Result(detail=f"given up after {attempts - 1} attempts: the last one ended without an answer")
        key = f"{run.id}/{step.id}/{run.visit}"
        known = scope(run, stage.definition, stage.facts)
        try:
            request = prepare(step.call, known, stage.facts, self.secrets, key)
        except UnpreparedError as error:
            return Result(detail=str(error))
        remember(run, KEPT, {"visit": run.visit, "attempts": attempts})
        named = frozenset(int(status) for status in step.call.on if status.isdecimal())
        return Prepared(run.id, run.customer_id, step.id, run.visit, request, named, attempts, step.call.attempts)

    async def make(self, prepared: Prepared) -> Result:
        """Make the request once. However that ends is a result, never an exception."""
        pause = min(FIRST_PAUSE * 2 ** (prepared.attempts - 1), LONGEST_PAUSE)
        is_last = prepared.attempts >= prepared.most
        try:
            answer = await self.http(prepared.request)
        except NoAnswerError as error:
            if error.is_final or is_last:
                return Result(detail=error.detail)
            return Result(detail=error.detail, again_after=pause)
        worth_it = answer.status in AGAIN or answer.status >= SERVER_ERRORS
        if is_last or not worth_it or answer.status in prepared.named:
            return Result(answer)
        return Result(answer, again_after=max(pause, answer.retry_after or pause))

    def settle(self, stage: Stage, step: CallStep, result: Result) -> None:
        """Write down what came of it, and go where that leads."""
        run, at, call = stage.run, stage.scene.at, step.call
        way, detail = _way(call, result.answer), result.detail
        if way is not None and result.answer is not None:
            try:
                _keep(run, call, result.answer)
            except (RefusedError, ValueError) as error:
                way, detail = None, f"the answer cannot be read: {error}"
        code = "called" if way is not None else "call_failed"
        data = {**_facts(run, call, result, detail), "next": way or call.on_error}
        run.write(Entry("left", at, step.id, run.visit, code, data))
        remember(run, KEPT, {})
        ahead = follow(run, way or call.on_error, step, stage.scene)
        if run.is_live:
            arrive(run, ahead.target, stage.scene)


def _way(call: Call, answer: HttpAnswer | None) -> str | None:
    """Where a status leads: by itself, by its class, or on where it is good; None is an error."""
    if answer is None:
        return None
    named = call.on.get(str(answer.status)) or call.on.get(f"{answer.status // 100}xx")
    return named or ("continue" if answer.status in GOOD else None)


def _facts(run: Run, call: Call, result: Result, detail: str | None) -> Mapping[str, Any]:
    """What the journal tells: never the query, the headers or the bodies, which may be anybody's secret."""
    where = {"connection": call.connection} if call.connection is not None else {"host": call.host}
    told: dict[str, Any] = {"method": call.method, **where, "attempts": recall(run, KEPT).get("attempts", 0)}
    if result.answer is not None:
        told["status"] = result.answer.status
    return told | ({"detail": detail} if detail else {})


def _keep(run: Run, call: Call, answer: HttpAnswer) -> None:
    """The answer and its parts join the context, all of them or none. Raises `RefusedError` and `ValueError`."""
    if call.as_ is None and not call.take:
        return
    read = read_answer(answer)
    if call.take and isinstance(read, str) and answer.content_type.startswith("text/"):
        raise ValueError("it is text, and `take` needs JSON")
    keep_in_context(run, call.as_, read)
    for name, pointer in call.take.items():
        keep_in_context(run, name, pointed(read, pointer))
