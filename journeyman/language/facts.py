"""What is known of a customer when a condition is judged. Loaded by who judges, for as much as `needs` says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class EventFact:
    """One event of the customer; `seq` is its place in the ingest sequence (W2)."""

    name: str
    at: datetime
    seq: int
    properties: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class MessageFact:
    """One message to the customer, with what became of it.

    `times` tells when the message was `sent`, `delivered`, `opened`, `clicked`, `bounced`, `complained`,
    `unsubscribed`, as far as it was. A message that was not sent has its `outcome` there (`failed`, `no_consent`, …),
    with the instant at which it was reserved.
    """

    step: str
    run_id: str
    channel: str
    outcome: str | None
    times: Mapping[str, datetime]


@dataclass(frozen=True, slots=True)
class Facts:
    """The customer as seen at `now`; what came later does not count, even where it is in here.

    `consents` holds `yes` or `no` by subject. `run_id`, `entry` and `context` are those of the run that asks, if one
    does.
    """

    now: datetime
    attributes: Mapping[str, Any]
    events: Sequence[EventFact] = ()
    consents: Mapping[str, str] = field(default_factory=dict)
    messages: Sequence[MessageFact] = ()
    run_id: str | None = None
    entry: Mapping[str, Any] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)
