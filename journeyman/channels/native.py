"""Calls into the renderers that are written in Rust."""

from collections.abc import Callable

from journeyman.channels.render_errors import RenderError


def call_native(function: Callable[[], str], mend: str) -> str:
    """What `function` gives; what it raises, a panic included, becomes a `RenderError`."""
    try:
        return function()
    except (OSError, ValueError) as error:
        raise RenderError(f"it cannot be read: {str(error)[:200]}".removesuffix(" in root template"), mend) from error
    except BaseException as error:
        # A Rust panic comes as a BaseException without a public class, and would end the whole worker.
        if type(error).__name__ != "PanicException":
            raise
        raise RenderError("it cannot be read: the renderer gave up", mend) from error
