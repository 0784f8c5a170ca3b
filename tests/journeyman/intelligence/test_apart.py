"""What is computed apart comes back, and takes nothing with it when it dies."""

import asyncio
import os
import sys

import pytest

from journeyman.intelligence.apart import ApartError, apart
from journeyman.kit.errors import NotFoundError


def _loaded(module: str, number: int) -> tuple[int, int, bool]:
    """Loads a heavy module where it runs, and says where that was."""
    __import__(module)
    return number * 2, os.getpid(), module in sys.modules


def _die() -> None:
    os._exit(1)


def _raise() -> None:
    raise NotFoundError("there is none")


async def test_what_is_loaded_apart_is_not_loaded_here() -> None:
    found = await apart(_loaded, "wave", 21)
    assert found[0] == 42
    assert found[1] != os.getpid()
    assert found[2]
    assert "wave" not in sys.modules


async def test_a_process_that_dies_is_an_error_and_no_end_of_the_worker() -> None:
    with pytest.raises(ApartError, match="_die ended without an answer"):
        await apart(_die)


async def test_an_error_of_the_function_comes_through() -> None:
    with pytest.raises(NotFoundError, match="there is none"):
        await apart(_raise)


async def test_the_loop_goes_on_meanwhile() -> None:
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0.01)

    counting = asyncio.create_task(count())
    await apart(_loaded, "wave", 1)
    counting.cancel()
    assert turns > 3
