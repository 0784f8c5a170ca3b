"""What the message of a run has looked up: kept with the run, so that a second attempt says what the first one said."""

from collections.abc import Mapping
from typing import Any, Final

from journeyman.channels.content.asking import parts_of
from journeyman.channels.content.blocks import ChannelContent
from journeyman.channels.content.every import TemplateContent
from journeyman.channels.content.lookups import LOOKUP, Lookup
from journeyman.journeys.gates import Gate
from journeyman.journeys.kept import recall, remember
from journeyman.journeys.lookups.asking import Looked, LookupFailedError, Nobody, Source, values_of
from journeyman.journeys.runs import Run

GATE: Final = "lookup"
_KEPT: Final = "lookup"
"""Under this a run remembers what its message has looked up."""


class NotLookedUpError(Exception):
    """A message is not sent because a lookup has failed; `gate` says which, and why."""

    def __init__(self, error: LookupFailedError) -> None:
        super().__init__(str(error))
        self.gate = Gate(GATE, False, {error.name: error.detail})


class MessageLookups:
    """Looks up what messages show."""

    def __init__(self, source: Source | None = None) -> None:
        self.source = source or Nobody()
        self._read: dict[tuple[str, ...], dict[str, Lookup]] = {}

    def read_by(self, content: TemplateContent, choice: tuple[str, ...]) -> Mapping[str, Lookup]:
        """The lookups that a content reads in what was chosen of it; none of another variant can be in its way."""
        if not content.lookups:
            return {}
        if choice not in self._read:
            self._read[choice] = read_lookups(content)
        return self._read[choice]

    def of(
        self, run: Run, message_id: str, lookups: Mapping[str, Lookup], scope: Mapping[str, Any], looked: Looked
    ) -> tuple[dict[str, Any], Gate]:
        """What the message reads as `lookup`, and the gate that tells how that came about.

        Raises `AnswersWantedError` and `NotLookedUpError`.
        """
        kept = recall(run, _KEPT)
        if kept.get("message") != message_id:
            try:
                found = values_of(lookups, scope, looked, self.source)
            except LookupFailedError as error:
                raise NotLookedUpError(error) from error
            kept = {"message": message_id, "values": found.by_name, "ways": found.ways}
            remember(run, _KEPT, kept)
        return kept["values"], Gate(GATE, True, dict(kept["ways"]))


def read_lookups(content: ChannelContent) -> dict[str, Lookup]:
    """The lookups of a content that its texts read."""
    read = parts_of(content, LOOKUP)
    return {name: lookup for name, lookup in content.lookups.items() if name in read}


def forget(run: Run) -> None:
    """The message is settled: nobody will make it again."""
    if recall(run, _KEPT):
        remember(run, _KEPT, {})
