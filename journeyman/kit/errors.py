"""The errors that use cases raise. The HTTP layer and the command line each translate them once."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong in what somebody handed in.

    `pointer` is a JSON Pointer (RFC 6901) to the field, `detail` says what is wrong, `mend` what to do about it.
    """

    pointer: str
    detail: str
    mend: str


class DomainError(Exception):
    """Something that a caller can mend; `code` is for programs, `detail` for people."""

    code = "error"

    def __init__(self, detail: str, faults: Sequence[Fault] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.faults = tuple(faults)


class NotFoundError(DomainError):
    """What was asked for does not exist."""

    code = "not_found"


class InvalidError(DomainError):
    """What was handed in cannot be used; `faults` names each field and its mend."""

    code = "invalid"


class ConflictError(DomainError):
    """What was asked for contradicts what is there."""

    code = "conflict"


class OverloadedError(DomainError):
    """A bound is reached; the same call may work after `retry_after` seconds."""

    code = "overloaded"

    def __init__(self, detail: str, retry_after: int) -> None:
        super().__init__(detail)
        self.retry_after = retry_after
