"""`journeyman migrate`: bring the database to the newest tables."""

from journeyman.cli.settings import read_settings


def migrate() -> None:
    """Bring the database at JOURNEYMAN_DATABASE_URL to the newest tables; does nothing where it is there already."""
    from journeyman.kit.migrations import upgrade  # noqa: PLC0415 - takes a second to load, only this command needs it

    settings = read_settings()
    upgrade(settings.database_url)
    print(f"{settings.without_secrets()['JOURNEYMAN_DATABASE_URL']} has the newest tables")
