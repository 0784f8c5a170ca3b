"""Letting browsers of any site send events (Fetch standard, CORS), and nothing else."""

from collections.abc import Collection

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

HEADERS = ("Authorization", "Content-Type", "Content-Encoding", "AnonymousId")
"""What Segment's and RudderStack's browser clients send beside the ordinary."""
REMEMBERED = 86_400
"""Seconds for which a browser may keep the answer to its preflight."""


class CrossOrigin:
    """Middleware that answers preflights and marks answers, on these paths alone."""

    def __init__(self, app: ASGIApp, paths: Collection[str]) -> None:
        self.app = app
        self.open = CORSMiddleware(
            app, allow_origins=["*"], allow_methods=["GET", "POST"], allow_headers=HEADERS, max_age=REMEMBERED
        )
        self.paths = frozenset(paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_open = scope["type"] == "http" and scope["path"] in self.paths
        await (self.open if is_open else self.app)(scope, receive, send)
