"""Bringing a database to the newest tables."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

ROOT = Path(__file__).resolve().parents[2]


def upgrade(url: str) -> None:
    """Run every migration that the database at `url` still lacks.

    Works in a thread of its own, for Alembic's entry runs an event loop and the caller may be inside one.
    """
    with ThreadPoolExecutor(max_workers=1) as thread:
        thread.submit(_upgrade, url).result()


def newest() -> str | None:
    """The migration that a database with the newest tables has come to."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def _upgrade(url: str) -> None:
    config = _config()
    config.attributes["url"] = url
    command.upgrade(config, "head")


def _config() -> Config:
    config = Config(toml_file=ROOT / "pyproject.toml")
    config.set_main_option("script_location", str(ROOT / "migrations"))
    return config
