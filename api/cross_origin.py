"""Letting browsers of any site send events (Fetch standard, CORS), and nothing else."""

from collections.abc import Collection

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

HEADERS = (
    "Authorization",
    "Content-Type",
    "Content-Encoding",
    "AnonymousId",
    "X-Journeyman-Anonymous-Id",
    "X-Journeyman-Token",
)
"""What Segment's and RudderStack's browser clients send beside the ordinary, and our own."""
REMEMBERED = 86_400
"""Seconds for which a browser may keep the answer to its preflight."""


class CrossOrigin:
    """Middleware that answers preflights and marks answers, on these paths alone."""

    def __init__(self, app: ASGIApp, paths: Collection[str], below: Collection[str] = ()) -> None:
        """`paths` are meant as they stand, and everything under those of `below`."""
        self.app = app
        self.open = CORSMiddleware(
            app, allow_origins=["*"], allow_methods=["GET", "POST"], allow_headers=HEADERS, max_age=REMEMBERED
        )
        self.paths = frozenset(paths)
        self.below = tuple(f"{path}/" for path in below)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_open = scope["type"] == "http" and (scope["path"] in self.paths or scope["path"].startswith(self.below))
        await (self.open if is_open else self.app)(scope, receive, send)
