"""Ports on loopback: which are free, and which option to change when one is not."""

import random
import socket
from collections.abc import Mapping

from journeyman.kit.errors import InvalidError

LOOPBACK = "127.0.0.1"
# Below the range from which Linux and macOS lend ports to outgoing connections: such a port stays free while the
# part that listens on it is started again.
OWN_RANGE = range(20_000, 32_000)
TRIES = 500


def settle(wanted: Mapping[str, int]) -> dict[str, int]:
    """The port of each option; 0 becomes a free one.

    Raises `InvalidError` naming the options whose port is taken or was given twice.
    """
    settled = {option: port for option, port in wanted.items() if port}
    problems = [*_twice(settled), *(f"{_taken(option, port)}" for option, port in settled.items() if is_taken(port))]
    if problems:
        raise InvalidError("; ".join(problems))
    for option in (option for option, port in wanted.items() if not port):
        settled[option] = _free_port(set(settled.values()))
    return settled


def is_taken(port: int) -> bool:
    """Whether somebody listens on this port of loopback, or the system does not let us."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return True
    with socket.socket() as probe:
        # Where somebody listens on all addresses, some systems allow a second listener on loopback alone.
        probe.settimeout(0.2)
        return probe.connect_ex((LOOPBACK, port)) == 0


def _taken(option: str, port: int) -> str:
    return f"port {port} is taken: stop what listens there or give another with {option} (0 picks a free one)"


def _twice(settled: Mapping[str, int]) -> list[str]:
    seen: dict[int, str] = {}
    problems = []
    for option, port in settled.items():
        if port in seen:
            problems.append(f"port {port} is given for both {seen[port]} and {option}")
        seen[port] = option
    return problems


def _free_port(used: set[int]) -> int:
    for port in random.sample(OWN_RANGE, TRIES):
        if port not in used and not is_taken(port):
            return port
    raise InvalidError(f"no free port found between {OWN_RANGE.start} and {OWN_RANGE.stop}")
