"""`on: api`: a call starts a run."""

from typing import Literal

from journeyman.language.starters.rules import EntryRules


class ApiEntry(EntryRules):
    """A call of `POST /v1/journeys/{key}/enter` starts a run; its context is the entry."""

    on: Literal["api"]
