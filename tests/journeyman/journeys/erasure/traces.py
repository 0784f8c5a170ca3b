"""Looking for somebody: in every text and document of every table."""

from collections.abc import Collection

from sqlalchemy import String, Table, cast, func, or_, select
from sqlalchemy.types import Text

from journeyman.customers.erasure.receipts import Receipt
from journeyman.journeys import repository
from journeyman.journeys.erasing import Erasing
from journeyman.journeys.erasure.remains import Remains
from journeyman.kit.clock import Clock
from journeyman.kit.database import Base, Database
from journeyman.kit.wake import Wake

KEY = b"the key of digests in tests"


async def tell_the_engine(database: Database) -> None:
    """As if there were one, and it had taken every command."""
    async with database.transaction() as connection:
        told = [seq for seq, _ in await repository.untold(connection, None, 1000)]
        await repository.forget_told(connection, told)


class Eraser:
    """Erasures as far as the database goes."""

    def __init__(self, database: Database, clock: Clock, wake: Wake, key: bytes = KEY) -> None:
        self.database = database
        self.requests = Erasing(database, wake, clock, key)
        self.remains = Remains(database, clock, key)

    async def erase(self, customer: str) -> Receipt:
        """Erase a customer; the receipt when it is done."""
        receipt = await self.requests.request(customer, "test")
        await tell_the_engine(self.database)
        return await self.finish(receipt.id)

    async def finish(self, erasure_id: str) -> Receipt:
        receipt, belongings = await self.remains.begin(erasure_id)
        return await self.remains.remove(erasure_id, belongings, list) if belongings is not None else receipt


def texts(table: Table) -> list[str]:
    """The columns in which anything may be written."""
    return [
        column.name
        for column in table.columns
        if isinstance(column.type, String | Text) or column.type.__visit_name__ in {"JSON", "JSONB", "ARRAY"}
    ]


async def where(database: Database, words: Collection[str]) -> dict[str, int]:
    """Table → how many of its rows hold any of these words, however they are spelled."""
    found: dict[str, int] = {}
    async with database.reading() as connection:
        for name, table in Base.metadata.tables.items():
            held = [
                func.lower(cast(table.c[column], Text)).contains(word.lower(), autoescape=True)
                for column in texts(table)
                for word in words
            ]
            if held:
                query = select(func.count()).select_from(table).where(or_(*held))
                found[name] = (await connection.execute(query)).scalar_one()
    return {name: number for name, number in found.items() if number}
