"""`journeyman journey test` and `simulate`: journeys played on the production code, with skipped time."""

import asyncio
import json
import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from journeyman.cli import documents
from journeyman.cli.documents import journeys_in, read_definition
from journeyman.cli.errors import FAILED
from journeyman.cli.settings import AsJson
from journeyman.kit.errors import InvalidError

if TYPE_CHECKING:
    from journeyman.language.cases import Case
    from journeyman.language.definition import Definition
    from journeyman.simulation.cases import Played
    from journeyman.simulation.results import Result
    from journeyman.simulation.runs import Simulated
    from journeyman.simulation.stock import Stock

Files = Annotated[
    list[Path], typer.Argument(help="Journeys as YAML or JSON, or a folder.", metavar="FILE…", show_default=False)
]
File = Annotated[Path, typer.Argument(help="A journey as YAML or JSON.", metavar="FILE", show_default=False)]
Junit = Annotated[Path | None, typer.Option(help="Write the results as JUnit XML.", metavar="FILE")]
Customers = Annotated[int, typer.Option(help="1: the customer it is made for. More: invented ones.", min=1, max=10_000)]
Days = Annotated[int, typer.Option(help="How long they are watched.", min=1, max=3650)]
Seed = Annotated[int, typer.Option(help="Other customers, by another number.")]
Picture = Annotated[Path | None, typer.Option(help="Draw what happens as SVG.", metavar="FILE", show_default=False)]
Jobs = Annotated[int, typer.Option(help="Processes to use; default: one for each core.", min=0, max=256)]
At = Annotated[
    datetime | None, typer.Option(help="When it begins, in UTC; default: now.", formats=["%Y-%m-%dT%H:%M:%S"])
]


def play_tests(files: Files, junit: Junit = None, as_json: AsJson = False) -> None:
    """Play the tests of journeys; needs no running system and sends nothing. Ends with 1 when one fails.

    Tests stand in the journey's `tests`, or in `tests/<journey>.yaml` beside the folder of journeys. Templates, topics
    and segments are taken from the folders beside as well.
    """
    played = asyncio.run(_test(journeys_in(files)))
    if junit is not None:
        from journeyman.cli.junit import as_junit  # noqa: PLC0415 - only where it is asked for

        junit.write_text(as_junit(played), encoding="utf-8")
    failed = sum(bool(one.failures) for _, all_ in played for one in all_)
    if as_json:
        print(json.dumps([_described(journey, one) for journey, all_ in played for one in all_], indent=2))
    else:
        _print(played, failed)
    if failed:
        raise typer.Exit(FAILED)


def simulate(
    file: File,
    customers: Customers = 1,
    days: Days = 90,
    seed: Seed = 1,
    at: At = None,
    jobs: Jobs = 0,
    picture: Picture = None,
    as_json: AsJson = False,
) -> None:
    """Play a journey for customers who do not exist, with every gate, wait and exit in force; nothing is sent."""
    simulated = _simulate(file, customers, days, seed, at, jobs or os.cpu_count() or 1)
    if picture is not None:
        from journeyman.simulation.picture import picture as drawn  # noqa: PLC0415 - only where it is asked for

        picture.write_text(drawn(simulated, read_definition(file)), encoding="utf-8")
    if as_json:
        print(json.dumps(simulated.as_json(), indent=2))
    elif customers == 1:
        _tell(simulated.results[0])
    else:
        _sum_up(simulated)


async def _test(files: Sequence[Path]) -> list[tuple[str, list["Played"]]]:
    from journeyman.bootstrap import simulation  # noqa: PLC0415 - the whole product
    from journeyman.simulation.cases import play  # noqa: PLC0415 - the whole product

    found = []
    for file in files:
        definition, stock = read_with_stock(file)
        cases = [*definition.tests, *_beside(file, definition.journey)]
        found.append((definition.journey, [await play(simulation, definition, stock, case) for case in cases]))
    return found


def _simulate(file: Path, customers: int, days: int, seed: int, at: datetime | None, jobs: int) -> "Simulated":
    from datetime import UTC  # noqa: PLC0415 - only this command needs it

    from journeyman.bootstrap import simulation  # noqa: PLC0415 - the whole product
    from journeyman.simulation import crowd  # noqa: PLC0415 - the whole product
    from journeyman.simulation.parts import simulate_in_parts  # noqa: PLC0415 - the whole product

    definition, stock = read_with_stock(file)
    lasts = timedelta(days=days)
    begins = at.replace(tzinfo=UTC) if at else datetime.now(UTC).replace(microsecond=0)
    one = customers == 1
    people = [crowd.typical(definition, begins)] if one else crowd.invent(definition, customers, begins, lasts, seed)
    return simulate_in_parts(simulation, definition, stock, people, begins, lasts, jobs)


def read_with_stock(file: Path) -> tuple["Definition", "Stock"]:
    """The journey, and what stands in the folders beside its own. Raises `InvalidError`."""
    from journeyman.cli.plan import CONTACT_POLICY, in_order  # noqa: PLC0415 - the language
    from journeyman.simulation.stock import Stock  # noqa: PLC0415 - the whole product

    definition = read_definition(file)
    around = in_order(documents.read_beside(file))
    by_kind = {kind: {one.key: one.body for one in around if one.kind == kind} for kind in documents.KINDS}
    policy = by_kind["settings"].get(CONTACT_POLICY, {})
    return definition, Stock(by_kind["templates"], by_kind["topics"], tuple(by_kind["segments"].items()), policy)


def _beside(file: Path, journey: str) -> list["Case"]:
    """The cases in `tests/<journey>.yaml` beside the folder of journeys. Raises `InvalidError`."""
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415 - the language

    from journeyman.language.cases import Case  # noqa: PLC0415 - the language

    written = [file.parent.parent / "tests" / f"{journey}{suffix}" for suffix in documents.SUFFIXES]
    found: list[Case] = []
    for one in written:
        if one.is_file():
            try:
                found += TypeAdapter(list[Case]).validate_python(documents.read(one))
            except ValidationError as error:
                first = error.errors()[0]
                where = "/".join(map(str, first["loc"]))
                raise InvalidError(f"{one}: {where}: {first['msg']}") from None
    return found


def _print(played: Sequence[tuple[str, Sequence["Played"]]], failed: int) -> None:
    for journey, all_ in played:
        for one in all_:
            print(f"{'FAILED' if one.failures else 'passed'}  {journey}: {one.case.name}")
            print("".join(f"          {failure}\n" for failure in one.failures), end="")
    total = sum(len(all_) for _, all_ in played)
    print(f"{total - failed} passed, {failed} failed")


def _described(journey: str, one: "Played") -> dict[str, Any]:
    return {
        "journey": journey,
        "name": one.case.name,
        "passed": not one.failures,
        "failures": list(one.failures),
        "seconds": round(one.seconds, 3),
    }


def _tell(result: "Result") -> None:
    """One customer's story, line by line."""
    for item in result.story:
        print(f"{item.at:%Y-%m-%d %H:%M:%S}  {item.text.replace('**', '')}")
    print(f"outcome: {result.outcome or 'not entered'}")


def _sum_up(simulated: "Simulated") -> None:
    total = len(simulated.results)
    print(f"{total} customers, {simulated.lasts.days} days from {simulated.begins:%Y-%m-%d %H:%M} UTC")
    for title, counts in (("outcomes", simulated.outcomes), ("messages", simulated.messages)):
        print(f"{title}:")
        for name, number in sorted(counts.items(), key=lambda one: -one[1]):
            print(f"  {number:6}  {name if isinstance(name, str) else f'{name[0]}: {name[1]}'}")
