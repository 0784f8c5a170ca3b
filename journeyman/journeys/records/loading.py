"""Bringing what is on record of customers, as far as conditions name it."""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.catalog.interests import repository as catalogue
from journeyman.channels.devices import repository as devices
from journeyman.intelligence.predictions import repository as predictions
from journeyman.intelligence.send_times import repository as send_times
from journeyman.intelligence.send_times.learnt import Learnt
from journeyman.journeys.reach import repository as reach
from journeyman.journeys.records import repository
from journeyman.journeys.records.records import Recorded, Shelves
from journeyman.language.channels import DEVICES
from journeyman.language.needs import Needs
from journeyman.language.records import Wares

Fact = TypeVar("Fact")
Name = TypeVar("Name")
Groups = Sequence[tuple[Collection[str], Needs]]


async def load(connection: AsyncConnection, of: Callable[[str], Recorded], groups: Groups) -> None:
    """Add what is on record of every customer of these groups. One statement for each kind that is named."""
    who, journeys = _named(groups, lambda needs: needs.journeys)
    if who:
        for customer_id, runs in _by_customer(await repository.runs_among(connection, who, journeys)).items():
            of(customer_id).stored_runs = runs
    who, wares = _named(groups, lambda needs: needs.interests)
    if who:
        await _load_interests(connection, of, who, wares)
    who, _ = _named(groups, lambda needs: needs.channels)
    if who:
        suppressed = await reach.suppressed(connection, who)
        for customer_id in who:
            of(customer_id).suppressed = suppressed
    who, _ = _named(groups, lambda needs: needs.channels & DEVICES)
    if who:
        for customer_id, channels in (await devices.channels_of(connection, who)).items():
            of(customer_id).devices = channels
    who, keys = _named(groups, lambda needs: needs.predictions)
    if who:
        for customer_id, found in _by_customer(await predictions.of_customers(connection, who, keys)).items():
            of(customer_id).predictions = found
    who, _ = _named(groups, lambda needs: ("timing",) if needs.timing else ())
    if who:
        everybody, own = await send_times.everybody(connection), await send_times.of_customers(connection, who)
        for customer_id in who:
            of(customer_id).hours = Learnt(everybody, own.get(customer_id))


async def _load_interests(
    connection: AsyncConnection, of: Callable[[str], Recorded], who: Sequence[str], wares: Collection[Wares]
) -> None:
    products = {one.product for one in wares if one.product is not None}
    paths = {one.path for one in wares if one.path is not None}
    rows = await catalogue.interests_in_any(connection, who, products, paths)
    shelves = await shelves_of(connection, wares, {interest.product_id for _, interest in rows})
    for customer_id, interests in _by_customer(rows).items():
        of(customer_id).stored_interests, of(customer_id).shelves = interests, shelves


async def shelves_of(connection: AsyncConnection, wares: Collection[Wares], product_ids: Collection[str]) -> Shelves:
    """In which of the categories that are named these products are."""
    paths = {one.path for one in wares if one.path is not None}
    return await catalogue.shelves(connection, paths, product_ids) if paths and product_ids else {}


def _named(groups: Groups, of: Callable[[Needs], Collection[Name]]) -> tuple[list[str], set[Name]]:
    """The customers of whom something of a kind is asked, and what."""
    asked = [(customer_ids, of(needs)) for customer_ids, needs in groups if of(needs)]
    return [one for customer_ids, _ in asked for one in customer_ids], {one for _, names in asked for one in names}


def _by_customer(rows: Sequence[tuple[str, Fact]]) -> dict[str, list[Fact]]:
    found: dict[str, list[Fact]] = defaultdict(list)
    for customer_id, fact in rows:
        found[customer_id].append(fact)
    return found
