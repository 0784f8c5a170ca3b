"""What the tests of every mail provider send and read."""

import json
from pathlib import Path
from typing import Any

from journeyman.channels.ports import OutgoingMail

TO = "ann@customers.example"
UNSUBSCRIBE = {
    "List-Unsubscribe": "<https://journeyman.example/u/token>",
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
}


def mail(identity: str = "msg_1", **more: Any) -> OutgoingMail:
    """A mail with everything that a mail may have."""
    given = {"subject": "Grüße", "html": "<p>Hello Ann</p>", "text": "Hello Ann", "headers": UNSUBSCRIBE, **more}
    return OutgoingMail(identity, given.pop("to", TO), **given)


def fixture(test: str, name: str) -> Any:
    """A callback as the provider's documentation prints it, with our id in its place."""
    return json.loads((Path(test).parent / "fixtures" / f"{name}.json").read_text())
