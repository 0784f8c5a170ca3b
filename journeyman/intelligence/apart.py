"""Heavy computing in a process of its own, so that a worker keeps time meanwhile and gets its memory back.

What models are made with (numpy, scipy, scikit-learn) takes some 200 MB and seconds of processor. A process that is
begun for one computation and ends with it leaves neither in the worker, and one that dies takes nothing with it.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Found = TypeVar("Found")


class ApartError(Exception):
    """The process ended without an answer, as when memory ran out."""


async def apart(function: Callable[Given, Found], *args: Given.args, **kwargs: Given.kwargs) -> Found:
    """What a function of a module answers in a process of its own; its arguments and its answer are pickled.

    The function itself is found by the name of its module, which both processes import: what is heavy it imports
    inside, so that only its own process has it.

    Raises what the function raises, and `ApartError` where the process died.
    """
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as pool:
        try:
            return await asyncio.get_running_loop().run_in_executor(pool, _call, function, args, kwargs)
        except BrokenProcessPool as error:
            raise ApartError(f"the process of {function.__qualname__} ended without an answer") from error
        finally:
            # Whoever was cancelled meanwhile waits for nobody.
            pool.shutdown(wait=False, cancel_futures=True)


def _call(function: Callable[..., Found], args: tuple[object, ...], kwargs: dict[str, object]) -> Found:
    return function(*args, **kwargs)
