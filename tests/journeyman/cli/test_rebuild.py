import asyncio
import json
from pathlib import Path

import pytest
from sqlalchemy import update

from journeyman.cli.main import run
from journeyman.customers.tables import Customer
from journeyman.kit.database import Database
from tests.builders import Shop, incoming
from tests.conftest import sqlite_url


@pytest.fixture
def url(sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database with two customers, of whom one has lost what her order came to."""
    monkeypatch.chdir(tmp_path)
    made = sqlite_url(sqlite_template, tmp_path)
    monkeypatch.setenv("JOURNEYMAN_DATABASE_URL", made)
    asyncio.run(_fill(made))
    return made


async def _fill(url: str) -> None:
    database = Database(url)
    await Shop(database).accept(incoming("Order Completed", "ann", revenue=5), incoming("Order Completed", "bob"))
    async with database.transaction() as connection:
        await connection.execute(update(Customer).where(Customer.id == "ann").values(computed={}))
    await database.close()


@pytest.mark.usefixtures("url")
def test_differences_are_told_and_end_it_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rebuild"]) == 1
    told = capsys.readouterr().out
    assert "computed.revenue: 1 customers\n    ann: kept null, comes to 5\n" in told
    assert told.endswith("2 customers, 1 differ\n")


@pytest.mark.usefixtures("url")
def test_a_repair_ends_well_and_leaves_no_difference(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rebuild", "--repair", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["customers"], report["differing"], report["repaired"]) == (2, 1, True)
    (example,) = next(one for one in report["differences"] if one["what"] == "computed.orders")["examples"]
    assert (example["customer_id"], example["kept"], example["rebuilt"]) == ("ann", None, 1)
    assert run(["rebuild", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["differences"] == []


def test_without_a_database_it_makes_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JOURNEYMAN_DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path}/none.db")
    assert run(["rebuild"]) == 1
    assert "there is no file" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
