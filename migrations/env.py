"""Alembic's entry: the URL comes from the settings, the tables from the product."""

import asyncio
import pkgutil
from importlib import import_module

from alembic import context
from sqlalchemy.engine import Connection

import journeyman
from journeyman.insight.views import create_views, drop_views
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
    drop_views(connection)
    with context.begin_transaction():
        context.run_migrations()
    if set(context.get_context().get_current_heads()) == set(context.script.get_heads()):
        create_views(connection)


async def run() -> None:
    database = Database(context.config.attributes.get("url") or Settings().database_url)
    async with database.engine.connect() as connection:
        await connection.run_sync(migrate)
        await connection.commit()
    await database.close()


asyncio.run(run())
