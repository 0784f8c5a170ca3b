from typing import Any

import pytest

from journeyman.customers.profile.places import channel_of, device_of, session_of

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1"
IPAD = "Mozilla/5.0 (iPad; CPU OS 12_2 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1"
GALAXY_TAB = "Mozilla/5.0 (Linux; Android 15; SM-X910) AppleWebKit/537.36 Chrome/141.0.0.0 Safari/537.36"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"
GOOGLEBOT = "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X) Chrome/141 Mobile Safari/537.36 (compatible; Googlebot/2.1)"


@pytest.mark.parametrize(
    ("context", "device"),
    [
        ({"device": {"type": "ios", "model": "iPhone16,2"}}, "mobile"),
        ({"device": {"type": "iOS", "model": "iPad14,1"}}, "tablet"),
        ({"device": {"type": "Desktop"}, "userAgent": IPHONE}, "desktop"),
        ({"device": {"type": "fridge"}, "userAgent": IPHONE}, "mobile"),
        ({"device": "phone", "userAgent": IPAD}, "tablet"),
        ({"userAgent": GALAXY_TAB}, "tablet"),
        ({"userAgent": FIREFOX}, "desktop"),
        ({"userAgent": GOOGLEBOT}, None),
        ({"userAgent": "python-requests/2.32"}, None),
        ({"userAgent": 7}, None),
        ({}, None),
    ],
)
def test_devices(context: dict[str, Any], device: str | None) -> None:
    assert device_of(context) == device


@pytest.mark.parametrize(
    ("properties", "context", "channel"),
    [
        ({"channel": "POS"}, {"channel": "server"}, "pos"),
        ({"channel": ""}, {"channel": "mobile"}, "mobile"),
        ({}, {"campaign": {"medium": "Email"}, "page": {}}, "email"),
        ({}, {"campaign": "spring", "page": {}}, "web"),
        ({}, {"app": {"name": "Shop"}}, "app"),
        ({"channel": "x" * 65}, {}, None),
        ({"channel": ["pos"]}, {}, None),
    ],
)
def test_channels(properties: dict[str, Any], context: dict[str, Any], channel: str | None) -> None:
    assert channel_of(properties, context) == channel


def test_sessions_are_known_by_their_id_wherever_it_stands() -> None:
    assert (
        session_of({}, {"sessionId": 17}) == session_of({"session_id": "17"}, {}) == session_of({}, {"session_id": 17})
    )
    assert session_of({}, {"sessionId": 18}) != session_of({}, {"sessionId": 17})
    assert session_of({}, {"sessionId": 1e18}) == session_of({}, {"sessionId": 10**18})
    assert session_of({}, {"sessionId": float("nan")}) is not None
    assert session_of({"session_id": True}, {"sessionId": ""}) is None
