"""The client for web pages, as pages load it."""

import hashlib
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request, Response

router = APIRouter(tags=["public"], include_in_schema=False)
FOLDER: Final = Path(__file__).parents[2] / "client"
SCRIPTS: Final = {name: (FOLDER / name).read_bytes() for name in ("journeyman.js", "journeyman-worker.js")}
ETAGS: Final = {name: f'"{hashlib.sha256(script).hexdigest()[:32]}"' for name, script in SCRIPTS.items()}
FRESH: Final = 3_600
"""Seconds for which a browser need not ask for a newer one."""


@router.get("/journeyman.js")
async def read_client(request: Request) -> Response:
    """The client: events, consent, in-app messages, slots, notifications."""
    return _script(request, "journeyman.js")


@router.get("/journeyman-worker.js")
async def read_worker(request: Request) -> Response:
    """The service worker, which the shop's own origin serves or imports."""
    return _script(request, "journeyman-worker.js")


def _script(request: Request, name: str) -> Response:
    headers = {
        "ETag": ETAGS[name],
        "Cache-Control": f"public, max-age={FRESH}",
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "X-Content-Type-Options": "nosniff",
    }
    if request.headers.get("if-none-match") == ETAGS[name]:
        return Response(status_code=304, headers=headers)
    return Response(SCRIPTS[name], media_type="text/javascript; charset=utf-8", headers=headers)
