"""Every query of campaigns: how far each is, what came of its entries, and whom it is for."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import bindparam, exists, func, literal_column, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers.segments import repository as segments
from journeyman.journeys.campaigns.tables import Campaign as CampaignRow
from journeyman.journeys.campaigns.tables import CampaignOutcome
from journeyman.journeys.tables import Definition, Journey, JourneyVersion, OutboxCommand

State = Literal["under_way", "paused", "done", "cancelled"]
OPEN: tuple[State, ...] = ("under_way", "paused")


@dataclass(frozen=True, slots=True)
class Campaign:
    """One firing of a starter over many customers, and how far it is."""

    id: str
    journey_key: str
    kind: str
    workflow_id: str
    state: State
    about: Mapping[str, Any]
    context: Mapping[str, Any]
    rate: str | None
    batch: int
    scheduled_at: datetime
    began_at: datetime
    requested_by: str
    after: str = ""
    waves: Sequence[Any] | None = None
    wave: int = 0
    population: int = 0
    offered: int = 0
    pages: int = 0
    offered_at: datetime | None = None
    ended_at: datetime | None = None
    note: str | None = None
    outcomes: dict[str, int] = field(default_factory=dict)
    """How many entries came to what; read where somebody wants to see it."""

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def entered(self) -> int:
        return self.outcomes.get("entered", 0)

    @property
    def refused(self) -> dict[str, int]:
        """By the code of the refusal (E8)."""
        return {code: count for code, count in sorted(self.outcomes.items()) if code != "entered"}


_COLUMNS = tuple(name for name in Campaign.__slots__ if name != "outcomes")
_CAMPAIGNS = select(*(getattr(CampaignRow, name) for name in _COLUMNS))


async def add(connection: AsyncConnection, campaign: Campaign) -> bool:
    """Note a campaign; False where it is there already."""
    insert = insert_sqlite if connection.dialect.name == "sqlite" else insert_postgresql
    values = {name: getattr(campaign, name) for name in _COLUMNS}
    added = await connection.execute(insert(CampaignRow).values(**values).on_conflict_do_nothing())
    return added.rowcount == 1


async def find(connection: AsyncConnection, campaign_id: str, *, is_locked: bool = False) -> Campaign | None:
    """A campaign; locked, nobody else goes on with it or ends it until the transaction is over."""
    query = _CAMPAIGNS.where(CampaignRow.id == campaign_id)
    row = (await connection.execute(query.with_for_update() if is_locked else query)).one_or_none()
    return Campaign(**row._mapping) if row is not None else None  # noqa: SLF001 - the row's public view of itself


async def page(
    connection: AsyncConnection, journey: str | None, before: tuple[datetime, str] | None, limit: int
) -> list[Campaign]:
    """Campaigns, the newest first, from the one before (began at, id)."""
    query = _CAMPAIGNS.order_by(CampaignRow.began_at.desc(), CampaignRow.id.desc()).limit(limit)
    if journey is not None:
        query = query.where(CampaignRow.journey_key == journey)
    if before is not None:
        query = query.where(tuple_(CampaignRow.began_at, CampaignRow.id) < before)
    return [Campaign(**row) for row in (await connection.execute(query)).mappings()]


async def open_of(connection: AsyncConnection, journey: str) -> list[Campaign]:
    """The campaigns of a journey that are not over."""
    query = _CAMPAIGNS.where(CampaignRow.journey_key == journey, CampaignRow.state.in_(OPEN))
    return [Campaign(**row) for row in (await connection.execute(query)).mappings()]


async def change(connection: AsyncConnection, campaign_id: str, **values: Any) -> None:  # noqa: ANN401 - columns
    await connection.execute(update(CampaignRow).where(CampaignRow.id == campaign_id).values(**values))


async def known(connection: AsyncConnection, ids: Collection[str]) -> set[str]:
    """Which of these campaigns there are."""
    return set((await connection.execute(select(CampaignRow.id).where(CampaignRow.id.in_(ids)))).scalars())


# What came of it ------------------------------------------------------------------------------------------------------


async def count(connection: AsyncConnection, found: Mapping[tuple[str, str], int]) -> None:
    """Count entries of campaigns, by (campaign, code), in the transaction that decides them."""
    if not found:
        return
    rows = [{"campaign_id": one, "code": code, "count": number} for (one, code), number in sorted(found.items())]
    insert = insert_sqlite if connection.dialect.name == "sqlite" else insert_postgresql
    adding = insert(CampaignOutcome).values(
        campaign_id=bindparam("campaign_id"), code=bindparam("code"), count=bindparam("count")
    )
    added = {"count": CampaignOutcome.count + adding.excluded.count}
    await connection.execute(adding.on_conflict_do_update(index_elements=["campaign_id", "code"], set_=added), rows)


async def outcomes(connection: AsyncConnection, ids: Collection[str]) -> dict[str, dict[str, int]]:
    """What came of the entries of these campaigns."""
    found: dict[str, dict[str, int]] = {one: {} for one in ids}
    columns = (CampaignOutcome.campaign_id, CampaignOutcome.code, CampaignOutcome.count)
    for campaign_id, code, number in await connection.execute(
        select(*columns).where(CampaignOutcome.campaign_id.in_(ids))
    ):
        found[campaign_id][code] = number
    return found


# Around it ------------------------------------------------------------------------------------------------------------


async def untold_reaches(connection: AsyncConnection, number: int) -> bool:
    """Whether at least so many commands wait for the engine."""
    rows = select(literal_column("1")).select_from(OutboxCommand).limit(number).subquery()
    return (await connection.execute(select(func.count()).select_from(rows))).scalar_one() >= number


async def was_ever(connection: AsyncConnection, journey: str, starter: str) -> bool:
    """Whether any version of the journey started on this."""
    on_it = Definition.body["entry"]["on"].as_string() == starter
    query = select(JourneyVersion.version).join(Definition, Definition.hash == JourneyVersion.hash)
    found = select(exists(query.where(JourneyVersion.journey_key == journey, on_it)))
    return (await connection.execute(found)).scalar_one()


@dataclass(frozen=True, slots=True)
class Standing:
    """A journey that was published: its state, and the version that newcomers take."""

    key: str
    name: str
    state: str
    hash: str
    published_at: datetime


async def standing(connection: AsyncConnection, starter: str, journey: str | None = None) -> list[Standing]:
    """The journeys whose version starts on this; or one of them."""
    query = (
        select(Journey.key, Journey.name, Journey.state, JourneyVersion.hash, JourneyVersion.published_at)
        .join(
            JourneyVersion,
            (JourneyVersion.journey_key == Journey.key) & (JourneyVersion.version == Journey.version),
        )
        .join(Definition, Definition.hash == JourneyVersion.hash)
        .where(Definition.body["entry"]["on"].as_string() == starter)
        .order_by(Journey.key)
    )
    if journey is not None:
        query = query.where(Journey.key == journey)
    return [Standing(*row) for row in await connection.execute(query)]


async def members_of(connection: AsyncConnection, segment: str, after: str, limit: int) -> list[str]:
    """The next members of a segment by id."""
    return [one for one, _ in await segments.members(connection, segment, after or None, limit)]


async def state_of(connection: AsyncConnection, journey: str) -> str | None:
    return (await connection.execute(select(Journey.state).where(Journey.key == journey))).scalar_one_or_none()
