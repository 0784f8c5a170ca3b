"""Why the door turns something away."""

from collections.abc import Sequence

from journeyman.kit.errors import Fault, InvalidError


class RefusedError(InvalidError):
    """What was sent is no event, or no JSON at all; sending it again does not help.

    `message_id` names the event where it could be read.
    """

    code = "refused"

    def __init__(self, detail: str, faults: Sequence[Fault] = (), message_id: str | None = None) -> None:
        super().__init__(detail, faults)
        self.message_id = message_id


class TooLargeError(RefusedError):
    """What was sent is over a size limit."""

    code = "too_large"


def refused(fault: Fault, message_id: str | None = None) -> RefusedError:
    return RefusedError(fault.detail, [fault], message_id)
