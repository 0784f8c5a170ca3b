"""The processor time that one message may take, from its Liquid to its last link.

A template is text that somebody wrote, so it is stopped like one that does not end. The clock counts the processor
time of the thread alone: a busy machine refuses nobody's mail, and whatever is rendered takes the same share of it.
What is native code cannot be stopped; it is bounded by the size of what it is given, and begun only within the budget.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from journeyman.channels.render_errors import RenderError

SECONDS: Final = 0.1
"""Processor time of one message, or of one look at a template that is saved. An ordinary mail takes 3 ms."""

_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)


@contextmanager
def budget() -> Iterator[None]:
    """Everything within shares one budget, also what opens another one there."""
    if _deadline.get() is not None:
        yield
        return
    token = _deadline.set(time.thread_time() + SECONDS)
    try:
        yield
    finally:
        _deadline.reset(token)


def tick() -> None:
    """Raise `RenderError` when the budget is used up. Outside of one, everything is free."""
    deadline = _deadline.get()
    if deadline is not None and time.thread_time() > deadline:
        raise RenderError(
            f"rendering takes more than {SECONDS} seconds",
            "Simplify the template: fewer or shorter loops, ranges, lists and tags",
        )
