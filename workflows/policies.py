"""How long an activity may take, and how often it is tried again."""

from datetime import timedelta

from temporalio.common import Priority, RetryPolicy

from activities.contracts import Lane

SEND_LIMIT = timedelta(seconds=90)
"""One attempt at a message: the hand-over has its own, shorter limit."""

FIRST = 1
"""The first of the five priorities of a task queue; messages that are not urgent have the third, which is usual."""

ADVANCE_LIMIT = timedelta(seconds=30)
"""One attempt at walking a run without a message."""

CONFIRMATION_LIMIT = timedelta(days=7)
"""After so long the link in the mail would be over."""

FOREVER = RetryPolicy(
    initial_interval=timedelta(seconds=1), backoff_coefficient=2.0, maximum_interval=timedelta(minutes=1)
)
"""A run is never lost to a failing part: it waits there, visibly, until the part is mended."""

PATIENTLY = RetryPolicy(
    initial_interval=timedelta(seconds=5), backoff_coefficient=3.0, maximum_interval=timedelta(minutes=15)
)
"""Somebody else's machine, which may be away for days and has to be left in peace meanwhile."""

LOCAL = RetryPolicy(initial_interval=timedelta(milliseconds=50), maximum_attempts=2)
"""A local activity holds a workflow task; after two attempts the same work is done by a regular one."""

AT_ONCE = RetryPolicy(
    initial_interval=timedelta(milliseconds=200), backoff_coefficient=1.0, maximum_interval=timedelta(milliseconds=200)
)
"""A partition that lost its worker goes to the next without a pause that grows with every loss."""

HEARTBEAT_LIMIT = timedelta(seconds=6)
"""A partition whose worker has not been heard of for this long goes to another worker."""

ERASE_LIMIT = timedelta(hours=1)
"""One attempt at an erasure; the next goes on where it was."""

ERASE_HEARTBEAT_LIMIT = timedelta(minutes=1)
"""An erasure's worker reports after every portion of rows."""

PUSH_LIMIT = timedelta(hours=6)
"""One attempt at a push; the next goes on where it was."""

PUSH_HEARTBEAT_LIMIT = timedelta(minutes=2)
"""A push's worker reports before every batch, which has 45 seconds to be taken."""

OPEN_LIMIT = timedelta(hours=1)
"""Beginning a campaign: for local times all of its customers are gone through once."""

PAGE_LIMIT = timedelta(minutes=10)
"""A page of a campaign waits for room for five minutes at most."""

CAMPAIGN_HEARTBEAT_LIMIT = timedelta(seconds=30)
"""A page's worker reports several times a second while it waits."""

MIGRATE_LIMIT = timedelta(minutes=5)
"""One page of a migration, which waits for intake to end what it is at."""

MIGRATE_HEARTBEAT_LIMIT = timedelta(seconds=20)
"""A migration whose worker has not been heard of for this long goes on with another."""

JUDGE_LIMIT = timedelta(minutes=10)
"""One judgement of an experiment, which counts all its customers."""

LEARN_LIMIT = timedelta(hours=3)
"""One model's night: the whole store is gone through."""

LEARN_HEARTBEAT_LIMIT = timedelta(minutes=1)
"""A worker that learns reports every few seconds."""

ONCE_MORE = RetryPolicy(initial_interval=timedelta(minutes=1), backoff_coefficient=5.0, maximum_attempts=3)
"""A night that fails is tried twice more, and then the night after."""

TEND_LIMIT = timedelta(days=1)
"""A partition's activity begins anew once a day, so that its workflow's history stays short."""


def turn(lane: Lane | None) -> Priority:
    """When a message has its turn among those of its channel: urgent ones first, then a topic no more than another."""
    if lane is None:
        return Priority.default
    return Priority(priority_key=FIRST if lane.urgent else None, fairness_key=lane.topic)
