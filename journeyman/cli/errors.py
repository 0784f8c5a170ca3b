"""What a command can end with besides success, and the exit code of each."""

from journeyman.kit.errors import DomainError, InvalidError

FAILED = 1
BAD_INPUT = 2


class PartFailedError(DomainError):
    """A part of `journeyman up` could not start; `tail` holds the last lines it wrote."""

    code = "part_failed"

    def __init__(self, detail: str, tail: str = "") -> None:
        super().__init__(detail)
        self.tail = tail


def exit_code(error: DomainError) -> int:
    """Bad input is 2, as wrong usage is; whatever else a caller can mend is 1."""
    return BAD_INPUT if isinstance(error, InvalidError) else FAILED


def one_line(error: DomainError) -> str:
    """The error and its faults on one line."""
    if len(error.faults) == 1 and error.faults[0].detail == error.detail:
        return f"{error.detail} {error.faults[0].mend}"
    faults = "; ".join(f"{fault.pointer or '/'}: {fault.detail} ({fault.mend})" for fault in error.faults)
    return f"{error.detail}: {faults}" if faults else error.detail
