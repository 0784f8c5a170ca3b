"""The library that calls models is loaded only where one is asked."""

import subprocess
import sys
from pathlib import Path

import pytest

from journeyman.bootstrap import writer_of
from journeyman.settings import Settings

ROOT = Path(__file__).resolve().parents[4]
PROGRAM = """
import sys
import api.app, worker
from journeyman.bootstrap import writer_of
from journeyman.settings import Settings
assert writer_of(Settings()) is None
assert "openai" not in sys.modules and "httpx2" not in sys.modules
"""


def test_nothing_of_it_is_loaded_without_a_model() -> None:
    subprocess.run([sys.executable, "-c", PROGRAM], check=True, cwd=ROOT)


@pytest.mark.parametrize("given", [{"ai_key": "k"}, {"ai_model": "m"}])
def test_a_model_takes_a_key_and_a_name(given: dict[str, str]) -> None:
    assert writer_of(Settings.model_validate(given)) is None
