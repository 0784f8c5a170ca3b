"""Alembic's entry: the URL comes from the settings, the tables from the product."""

import asyncio
import pkgutil
from importlib import import_module

from alembic import context
from sqlalchemy.engine import Connection

import journeyman
from journeyman.kit.database import Base, Database
from journeyman.settings import Settings

# Importing the tables registers them.
for module in pkgutil.walk_packages(journeyman.__path__, "journeyman."):
    if module.name.endswith(".tables"):
        import_module(module.name)


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def run() -> None:
    database = Database(context.config.attributes.get("url") or Settings().database_url)
    async with database.engine.connect() as connection:
        await connection.run_sync(migrate)
        await connection.commit()
    await database.close()


asyncio.run(run())
