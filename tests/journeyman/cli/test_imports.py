"""`journeyman import` as a shell sees it: into a database, over HTTP, and killed in the middle."""

import json
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from journeyman.kit.database import Database
from tests.builders import Shop
from tests.conftest import sqlite_url
from tests.parts.http_server import HttpServer
from tests.parts.import_command import ImportCommand, command
from tests.parts.up import ROOT

ROWS = 20_000


def run(database_url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    line, environment = command(database_url, *arguments)
    return subprocess.run(line, env=environment, cwd=ROOT, capture_output=True, text=True, check=False, timeout=100)


def customers_file(path: Path, rows: int) -> Path:
    lines = (f"{'' if n % 100 == 50 else f'u{n}'},u{n}@example.com,{n}" for n in range(rows))
    path.write_text("\n".join(["user_id,email,orders", *lines]))
    return path


@pytest.fixture
def sqlite(sqlite_template: Path, tmp_path: Path) -> str:
    return sqlite_url(sqlite_template, tmp_path)


def test_it_tells_what_it_has_done(sqlite: str, tmp_path: Path) -> None:
    path = customers_file(tmp_path / "crm.csv", 300)
    told = run(sqlite, "customers", str(path))
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout == f"300 rows: 297 stored, 3 rejected: see {tmp_path / 'crm.rejects.csv'}\n"
    again = run(sqlite, "customers", str(path), "--json", "--rejects", str(tmp_path / "bad.csv"))
    assert json.loads(again.stdout) == {
        "rows": 300,
        "stored": 0,
        "repeated": 297,
        "rejected": 3,
        "rejects": str(tmp_path / "bad.csv"),
    }


def test_events_need_a_name_and_a_customer(sqlite: str, tmp_path: Path) -> None:
    path = tmp_path / "cdnow.csv"
    path.write_text("customer_id,date,total\n1,1997-01-12,11.77\n")
    told = run(sqlite, "events", str(path))
    assert (told.returncode, told.stdout) == (2, "")
    assert "no column is `user_id` and `event`" in told.stderr
    mapping = ("--map", "customer_id=user_id", "--map", "date=timestamp", "--map", "total=revenue")
    assert run(sqlite, "events", str(path), "--event", "Order Completed", *mapping).returncode == 0
    with sqlite3.connect(sqlite.split(":///")[1]) as opened:
        ((payload, at),) = opened.execute("SELECT payload, event_time FROM inbox").fetchall()
    opened.close()
    assert json.loads(payload)["properties"] == {"revenue": 11.77}
    assert (json.loads(payload)["userId"], at) == ("1", "1997-01-12 00:00:00.000000")


def test_coupon_codes_come_into_their_pool_once(sqlite: str, tmp_path: Path) -> None:
    path = tmp_path / "codes.csv"
    path.write_text("code,comment\nA-1,x\nA-2,\nno code,\n,\n")
    arguments = ("coupons", str(path), "--pool", "ten-off", "--json")
    assert "there is no coupon pool `ten-off`" in run(sqlite, *arguments).stderr
    with closing(sqlite3.connect(sqlite.split(":///")[1])) as opened, opened:
        opened.execute(
            """INSERT INTO coupon_pools (key, document, created_at, updated_at)
            VALUES ('ten-off', '{"name": "Ten off"}', '2026-03-02 12:00:00', '2026-03-02 12:00:00')"""
        )
    told = json.loads(run(sqlite, *arguments).stdout)
    assert (told["rows"], told["stored"], told["rejected"]) == (4, 2, 2)
    again = json.loads(run(sqlite, *arguments).stdout)
    assert (again["stored"], again["repeated"], again["rejected"]) == (0, 2, 2)
    with closing(sqlite3.connect(sqlite.split(":///")[1])) as opened:
        assert opened.execute("SELECT code, state FROM coupon_codes").fetchall() == [("A-1", "free"), ("A-2", "free")]


def test_where_every_row_is_bad_it_fails(sqlite: str, tmp_path: Path) -> None:
    path = tmp_path / "crm.jsonl"
    path.write_text('{"email": "a@example.com"}\n')
    assert run(sqlite, "customers", str(path)).returncode == 1


async def test_killed_in_the_middle_and_started_again_every_customer_is_there_once(
    database_url: str, tmp_path: Path
) -> None:
    path = customers_file(tmp_path / "crm.csv", ROWS)
    arguments = ("customers", str(path), "--batch", "200", "--json")
    checkpoint = tmp_path / "crm.rejects.csv.checkpoint"
    for rows in (2_000, 9_000):
        with closing(ImportCommand(database_url, *arguments)) as importing:
            importing.kill_past(checkpoint, rows)
        assert importing.process.returncode == -signal.SIGKILL
    told = run(database_url, *arguments)
    assert told.returncode == 0, told.stderr
    tally = json.loads(told.stdout)
    assert (tally["rows"], tally["rejected"]) == (ROWS, ROWS // 100)
    assert tally["stored"] + tally["repeated"] == ROWS * 99 // 100
    assert not checkpoint.exists()
    rejected = [line.split(",")[0] for line in (tmp_path / "crm.rejects.csv").read_text().splitlines()[1:]]
    assert rejected == [str(number + 2) for number in range(ROWS) if number % 100 == 50]
    database = Database(database_url)
    try:
        assert await accepted(Shop(database)) == (ROWS * 99 // 100, ROWS * 99 // 100)
    finally:
        await database.close()


async def accepted(shop: Shop) -> tuple[int, int]:
    """How many events wait for intake, and of how many customers."""
    async with shop.database.reading() as connection:
        rows = await connection.exec_driver_sql("SELECT count(*) AS n, count(DISTINCT subject) AS who FROM inbox")
        counted = rows.one()
    return counted.n, counted.who


def products_file(path: Path) -> Path:
    path.write_text(
        "id,name,price,currency,categories,colour\n7,Shoe,19.90,EUR,Shoes|Sale,red\n8,Sock,,EUR,,\n9,Bad,1,XXX,,\n"
    )
    return path


def test_products_come_into_the_catalogue(sqlite: str, tmp_path: Path) -> None:
    path = products_file(tmp_path / "products.csv")
    told = run(sqlite, "products", str(path))
    assert told.stdout.startswith("3 rows: 2 stored, 1 rejected"), told.stderr
    assert "there is no such currency" in (tmp_path / "products.rejects.csv").read_text()
    assert run(sqlite, "products", str(path)).stdout.startswith("3 rows: 0 stored, 2 were there already, 1 rejected")
    with sqlite3.connect(sqlite.split(":///")[1]) as opened:
        rows = opened.execute("SELECT id, price, categories, fields FROM products ORDER BY id").fetchall()
    opened.close()
    assert rows == [("7", 199000, '["Shoes","Sale"]', '{"colour":"red"}'), ("8", None, "[]", "{}")]


@pytest.fixture
def server(sqlite: str) -> Iterator[HttpServer]:
    running = HttpServer(sqlite, JOURNEYMAN_INGEST_KEY="wk_import", JOURNEYMAN_ADMIN_KEY="adm_import")
    yield running
    running.stop()


def test_over_http_the_same_rows_come_in(server: HttpServer, tmp_path: Path) -> None:
    path = customers_file(tmp_path / "crm.csv", 2500)
    with path.open("a") as file:
        file.write(f"\nbig,{'x' * 40_000},1\n")
    told = run("sqlite:///none", "customers", str(path), "--url", server.url, "--key", "wk_import")
    assert told.stdout.startswith("2,501 rows: 2,475 stored, 26 rejected"), told.stderr
    assert "The event is 40" in (tmp_path / "crm.rejects.csv").read_text().splitlines()[-1]
    with sqlite3.connect(server.database_url.split(":///")[1]) as opened:
        assert opened.execute("SELECT count(*) FROM inbox").fetchone() == (2475,)
    opened.close()


def test_over_http_products_come_in_too(server: HttpServer, tmp_path: Path) -> None:
    path = products_file(tmp_path / "products.csv")
    told = run("sqlite:///none", "products", str(path), "--url", server.url, "--key", "adm_import")
    assert told.stdout.startswith("3 rows: 2 stored, 1 rejected"), told.stderr
    path.write_text("id,currency\n9,XXX\n")
    told = run("sqlite:///none", "products", str(path), "--url", server.url, "--key", "adm_import")
    assert (told.returncode, told.stdout[:30]) == (1, "1 rows: 0 stored, 1 rejected: ")


@pytest.mark.parametrize("file", ["crm.csv", "crm.jsonl"])
def test_over_http_consent_comes_in_under_a_key_that_may_record_it(
    server: HttpServer, tmp_path: Path, file: str
) -> None:
    path = tmp_path / file
    if file == "crm.csv":
        path.write_text("user_id,consent.email,consent.sms.status,consent.sms.basis\nann,yes,no,\nbob,,yes,contract\n")
    else:
        sms = '{"status": "yes", "basis": "contract"}'
        path.write_text(
            f'{{"user_id": "ann", "consent": {{"email": "yes"}}}}\n{{"user_id": "bob", "consent": {{"sms": {sms}}}}}\n'
        )
    told = run("sqlite:///none", "customers", str(path), "--url", server.url, "--key", "wk_import")
    assert told.returncode == 1
    assert "needs a key with the role operator or admin" in told.stderr
    told = run("sqlite:///none", "customers", str(path), "--url", server.url, "--key", "adm_import")
    assert told.stdout.startswith("2 rows: 2 stored"), told.stderr
    with sqlite3.connect(server.database_url.split(":///")[1]) as opened:
        rows = [json.loads(row)["consents"] for (row,) in opened.execute("SELECT payload FROM inbox ORDER BY seq")]
    opened.close()
    assert (rows[0]["email"], rows[1]["sms"]) == ({"status": "yes"}, {"status": "yes", "basis": "contract"})


def test_a_wrong_key_is_told(server: HttpServer, tmp_path: Path) -> None:
    path = customers_file(tmp_path / "crm.csv", 10)
    told = run("sqlite:///none", "customers", str(path), "--url", server.url, "--key", "wrong")
    assert told.returncode == 1
    assert "The key is not valid" in told.stderr
