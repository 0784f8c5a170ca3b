"""Bringing a database to the newest tables."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from alembic import command
from alembic.config import Config

ROOT = Path(__file__).resolve().parents[2]


def upgrade(url: str) -> None:
    """Run every migration that the database at `url` still lacks.

    Works in a thread of its own, for Alembic's entry runs an event loop and the caller may be inside one.
    """
    with ThreadPoolExecutor(max_workers=1) as thread:
        thread.submit(_upgrade, url).result()


def _upgrade(url: str) -> None:
    config = Config(toml_file=ROOT / "pyproject.toml")
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["url"] = url
    command.upgrade(config, "head")
