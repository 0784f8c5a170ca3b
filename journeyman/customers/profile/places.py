"""By which device, on which channel and in which session an event was, as far as it says so itself."""

from collections.abc import Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final

from journeyman.customers.profile.bounded import is_keepable

DEVICES: Final = {
    "mobile": "mobile",
    "phone": "mobile",
    "smartphone": "mobile",
    "ios": "mobile",
    "android": "mobile",
    "tablet": "tablet",
    "ipad": "tablet",
    "desktop": "desktop",
    "computer": "desktop",
    "tv": "tv",
    "watch": "watch",
}
"""What `context.device.type` says and which device that is; Segment's mobile clients name the system there."""
LONGEST_AGENT: Final = 512

_SESSION_KEYS: Final = ("sessionId", "session_id")


def device_of(context: Mapping[str, Any]) -> str | None:
    """`mobile`, `tablet`, `desktop`, `tv` or `watch`: what the client says, else what its browser is."""
    device = context.get("device")
    if isinstance(device, dict):
        kind, model = device.get("type"), device.get("model")
        if isinstance(model, str) and model.startswith("iPad"):
            return "tablet"
        if isinstance(kind, str) and (found := DEVICES.get(kind.lower())):
            return found
    agent = context.get("userAgent")
    return device_of_agent(agent[:LONGEST_AGENT]) if isinstance(agent, str) else None


@lru_cache(maxsize=4096)
def device_of_agent(agent: str) -> str | None:
    """The device of a browser's `User-Agent`; None for what is no browser, such as a server's library.

    `Mobi` is what MDN recommends to look for ("Browser detection using the user agent"); Android's browsers leave it
    out on tablets. An iPad that asks for desktop pages calls itself a Macintosh, and is taken for one.
    """
    if not agent.startswith("Mozilla/") or "bot" in agent.lower():
        return None
    if "iPad" in agent or "Tablet" in agent or ("Android" in agent and "Mobi" not in agent):
        return "tablet"
    if "Mobi" in agent:
        return "mobile"
    return "desktop" if any(system in agent for system in ("Windows NT", "Macintosh", "X11")) else None


def channel_of(properties: Mapping[str, Any], context: Mapping[str, Any]) -> str | None:
    """Where the customer dealt with the shop, in lower case.

    The event's own `channel` (a till says `pos`), else the client's, else the medium of the campaign that brought her
    (`utm_medium`), else `web` for what has a page and `app` for what has an app.
    """
    for given in (properties.get("channel"), context.get("channel"), _medium(context)):
        if isinstance(given, str) and (name := given.strip().lower()) and is_keepable(name):
            return name
    if "page" in context:
        return "web"
    return "app" if "app" in context else None


def _medium(context: Mapping[str, Any]) -> object:
    campaign = context.get("campaign")
    return campaign.get("medium") if isinstance(campaign, dict) else None


def session_of(properties: Mapping[str, Any], context: Mapping[str, Any]) -> int | None:
    """A digest, of 32 bits, of the session's id: RudderStack's `context.sessionId`, or a `session_id`."""
    for document in (context, properties):
        for key in _SESSION_KEYS:
            found = document.get(key)
            if isinstance(found, str | int | float) and not isinstance(found, bool) and found != "":
                return _digest(found)
    return None


def _digest(found: str | float) -> int:
    """The same for a whole number however it is written: a database may write 1e18 out."""
    if isinstance(found, float) and found.is_integer():
        found = int(found)
    return int.from_bytes(blake2b(str(found).encode(errors="surrogatepass"), digest_size=4).digest())
