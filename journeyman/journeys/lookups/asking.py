"""What the lookups of a template come to for one customer: the requests, and what stands in the text in the end."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, Protocol

from journeyman.channels.content.lookups import Lookup
from journeyman.channels.render_errors import RenderError
from journeyman.journeys.requests.paths import UnpreparedError, path_behind
from journeyman.journeys.requests.pointers import pointed
from journeyman.kit.database import to_json

LARGEST_VALUE: Final = 16_384
"""Bytes of JSON: what was looked up is kept with the run until its message is settled."""
ANSWERED: Final = "answered"


@dataclass(frozen=True, slots=True)
class Ask:
    """A request that a message wants made: `name` is what its template calls it, `path` what it is for this customer.

    Two that lead to the same place are the same one, whoever asks.
    """

    connection: str
    path: str
    name: str = field(compare=False)
    timeout: timedelta = field(compare=False)
    keep: timedelta = field(compare=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a request: the document, or why there is none.

    One that `stands_in` is of a simulation, in which nobody was asked: no message fails for it.
    """

    document: object = None
    failure: str | None = None
    stands_in: bool = False


class Source(Protocol):
    """Where answers come from."""

    def known(self, ask: Ask) -> Answer | None:
        """An answer that is at hand and not too old."""
        ...

    async def fetch(self, asks: Iterable[Ask]) -> dict[Ask, Answer]:
        """The answers, all of them, whatever comes of each; never inside a transaction."""
        ...


class AnswersWantedError(Exception):
    """A message cannot be made before these have been asked; the same is to be tried again with their answers."""

    def __init__(self, asks: list[Ask]) -> None:
        super().__init__(f"{len(asks)} answers are wanted")
        self.asks = asks


class LookupFailedError(Exception):
    """A lookup without another value has failed: the message is not to be sent."""

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(f"the lookup `{name}` has failed: {detail}")
        self.name = name
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Values:
    """What a template reads as `lookup.<name>`, and how each came about: `answered`, or why `otherwise` was taken."""

    by_name: dict[str, Any]
    ways: dict[str, str]


class Nobody:
    """Has no connection, and no answer."""

    def known(self, ask: Ask) -> Answer | None:
        return Answer(failure=f"there is no connection `{ask.connection}`")

    async def fetch(self, asks: Iterable[Ask]) -> dict[Ask, Answer]:
        return {ask: Answer(failure=f"there is no connection `{ask.connection}`") for ask in asks}


@dataclass(slots=True)
class Looked:
    """The answers that have been fetched for one attempt to make a message."""

    answers: dict[Ask, Answer] = field(default_factory=dict)
    rounds: int = 0
    is_last: bool = False
    """Whether nothing more is fetched: what is asked for at another path each time is asked for in vain."""

    def of(self, ask: Ask, source: Source) -> Answer | None:
        found = self.answers.get(ask) or source.known(ask)
        if found is None and self.is_last:
            return Answer(failure="it asks for something else at every attempt")
        return found


def values_of(lookups: Mapping[str, Lookup], scope: Mapping[str, Any], looked: Looked, source: Source) -> Values:
    """What the lookups come to for the customer in `scope`.

    Raises `AnswersWantedError` with everything that has to be asked first, and `LookupFailedError`.
    """
    found = {name: _answer(name, lookup, scope, looked, source) for name, lookup in lookups.items()}
    if wanted := [one for one in found.values() if isinstance(one, Ask)]:
        raise AnswersWantedError(wanted)
    values, ways = dict[str, Any](), dict[str, str]()
    for name, answer in found.items():
        if isinstance(answer, Answer):
            values[name], ways[name] = _value(name, lookups[name], answer)
    return Values(values, ways)


async def look_up(lookups: Mapping[str, Lookup], scope: Mapping[str, Any], source: Source) -> dict[str, Any]:
    """What the lookups come to, asked for at once; never inside a transaction. Raises `LookupFailedError`."""
    looked = Looked()
    try:
        return values_of(lookups, scope, looked, source).by_name
    except AnswersWantedError as wanted:
        looked.answers |= await source.fetch(wanted.asks)
    looked.is_last = True
    return values_of(lookups, scope, looked, source).by_name


def _answer(name: str, lookup: Lookup, scope: Mapping[str, Any], looked: Looked, source: Source) -> Answer | Ask:
    try:
        path = path_behind(lookup.path or "", scope)
    except (RenderError, UnpreparedError) as error:
        return Answer(failure=str(error))
    ask = Ask(lookup.connection, path, name, lookup.timeout.timedelta, lookup.keep.timedelta)
    return looked.of(ask, source) or ask


def _value(name: str, lookup: Lookup, answer: Answer) -> tuple[object, str]:
    """The value of a lookup, and how it came about. Raises `LookupFailedError`."""
    failure, value = answer.failure, pointed(answer.document, lookup.take)
    if failure is None and value is None:
        failure = f"the answer has nothing at `{lookup.take}`" if lookup.take else "the answer is empty"
    if failure is None and len(to_json(value)) > LARGEST_VALUE:
        failure = f"what is taken of the answer is larger than {LARGEST_VALUE // 1024} KB"
    if failure is None:
        return value, ANSWERED
    if not lookup.has_otherwise and not answer.stands_in:
        raise LookupFailedError(name, failure)
    return lookup.otherwise, failure
