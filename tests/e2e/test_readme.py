"""The README's first journey, command by command, as somebody would paste it."""

import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.house.tree import ROOT
from tests.parts.up import RunningUp

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(300),
    pytest.mark.skipif(shutil.which("curl") is None, reason="the README's commands are curl's"),
]
STRICT = 'set -e\ncurl() { command curl --fail-with-body --silent --show-error "$@"; echo; }\n'
PATIENCE = 60.0


@pytest.fixture
def up(tmp_path: Path) -> Iterator[RunningUp]:
    running = RunningUp(tmp_path / "data")
    yield running
    running.kill()


def commands(up: RunningUp) -> list[str]:
    """The blocks of the README's first journey, for the parts of this `up`."""
    text = (ROOT / "README.md").read_text()
    section = text.split("## Your first journey", 1)[1].split("\n## ", 1)[0]
    here = section.replace("http://127.0.0.1:8080", up.addresses["api"]).replace(".journeyman/", f"{up.data}/")
    return re.findall(r"^```\n(.*?)^```", here, re.MULTILINE | re.DOTALL)


def run(blocks: list[str]) -> str:
    done = subprocess.run(["bash"], input=STRICT + "\n".join(blocks), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def subjects(up: RunningUp) -> list[str]:
    found = httpx.get(f"{up.addresses['mailbox']}/api/messages", timeout=30, trust_env=False).json()
    return [message["subject"] for message in found["items"]]


def test_the_first_journey_works_as_it_is_told(up: RunningUp) -> None:
    names, *blocks, looking = commands(up)
    run([names, *blocks])
    deadline = time.monotonic() + PATIENCE
    while "waits at **come-back** for Product Used" not in (seen := run([names, looking])):
        assert time.monotonic() < deadline, seen
        time.sleep(0.2)
    assert "Entered **first** (version 1) by **Signed Up**" in seen
    assert subjects(up) == ["Welcome, Ann"]
