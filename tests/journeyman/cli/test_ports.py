import socket
from collections.abc import Iterator

import pytest

from journeyman.cli.ports import OWN_RANGE, is_taken, settle
from journeyman.kit.errors import InvalidError


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_taken_port_names_the_option(taken: int) -> None:
    with pytest.raises(InvalidError, match=rf"port {taken} is taken: .* --ui-port"):
        settle({"--port": 0, "--ui-port": taken})


def test_a_port_taken_on_all_addresses_is_taken() -> None:
    with socket.create_server(("", 0)) as server:
        assert is_taken(server.getsockname()[1])


def test_a_port_given_twice_is_refused() -> None:
    with pytest.raises(InvalidError, match="port 20001 is given for both --port and --ui-port"):
        settle({"--port": 20_001, "--ui-port": 20_001})


def test_zero_picks_different_ports_that_stay_free_for_a_part_started_again() -> None:
    ports = settle(dict.fromkeys(("a", "b", "c", "d"), 0))
    assert len(set(ports.values())) == 4
    assert all(port in OWN_RANGE and not is_taken(port) for port in ports.values())
