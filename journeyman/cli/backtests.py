"""`journeyman journey backtest`: what a draft would have done to the customers whom the store knows."""

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from journeyman.cli.doctor import settings_for
from journeyman.cli.rebuild import Data
from journeyman.cli.settings import AsJson
from journeyman.cli.simulations import File, read_with_stock
from journeyman.kit.errors import NotFoundError
from journeyman.settings import Settings

if TYPE_CHECKING:
    from journeyman.simulation.backtest import Backtest

Days = Annotated[int, typer.Option(help="How far it goes back.", min=1, max=400)]
Customers = Annotated[int, typer.Option(help="So many of those whom it concerns are played.", min=1, max=100_000)]


def backtest(
    file: File, days: Days = 30, customers: Customers = 1000, data: Data = Path(".journeyman"), as_json: AsJson = False
) -> None:
    """Play the last days again with a journey in place that was not there; nothing is sent, nothing is written.

    Reads the store: JOURNEYMAN_DATABASE_URL says which; without it, that of the last `journeyman up` in DIR.
    """
    found = asyncio.run(_backtest(file, days, customers, settings_for(data)))
    if as_json:
        print(json.dumps(found.as_json(), indent=2))
    else:
        _show(found)


async def _backtest(file: Path, days: int, customers: int, settings: Settings) -> "Backtest":
    from functools import partial  # noqa: PLC0415 - only this command needs it

    from journeyman.bootstrap import build, simulation  # noqa: PLC0415 - the whole product
    from journeyman.simulation.backtest import backtest as play  # noqa: PLC0415 - the whole product

    if settings.sqlite_file is not None and not settings.sqlite_file.exists():
        # Opening it would make one.
        raise NotFoundError(f"there is no file {settings.sqlite_file}; set JOURNEYMAN_DATABASE_URL")
    definition, stock = read_with_stock(file)
    services = build(settings)
    try:
        opened, now = partial(simulation, settings=settings), services.clock.now()
        document = definition.to_document()
        return await play(services.database, opened, document, stock, now, days=days, limit=customers)
    finally:
        await services.close()


def _show(found: "Backtest") -> None:
    document = found.as_json()
    concerned, played = document["customers"]["concerned"], document["customers"]["played"]
    print(f"{concerned} customers concerned, {played} played, {found.begins:%Y-%m-%d} to {found.ends:%Y-%m-%d}")
    print(f"entered {document['entered']}, most messages to one customer in a week {document['most_in_a_week']}")
    for title in ("refused", "outcomes"):
        print(f"{title}: {_listed(document[title])}")
    print(f"messages: {document['messages']['sent']} sent; {_listed(document['messages']['refused'])}")
    for day in document["days"]:
        sent = ", ".join(f"{count} {channel}" for channel, count in day["messages"].items())
        print(f"  {day['date']}  {day['entered']:6} entered  {sent}")


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in sorted(counts.items(), key=lambda one: -one[1])) or "none"
