"""Versions of journeys, and what happens to those inside: looked at, widened, rolled back, paused, resumed, stopped."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request

from api.dependencies import OPERATES, READS, caller
from api.errors import problems
from api.parameters import Key
from api.schemas.journeys import JourneyItem
from api.schemas.versions import (
    Difference,
    MigrationFull,
    Migrations,
    ResumeRequest,
    RolloutRequest,
    StopRequest,
    VersionFull,
    Versions,
)
from api.use_cases import DraftsNow, PausingNow, RolloutsNow, VersionsNow
from journeyman.journeys.drafts import JourneyDocument
from journeyman.journeys.migration.progress import Progress

router = APIRouter(prefix="/v1/journeys/{key}", tags=["versions"], responses=problems(400, 401, 403, 404, 422))
Number = Annotated[int, Path(ge=1, le=2**31 - 1, description="The version's number")]
MigrationId = Annotated[str, Path(max_length=64, pattern=r"^mig_[0-9a-f]+$", description="The migration's id")]
Side = Annotated[str, Query(max_length=12, pattern=r"^([1-9][0-9]{0,8}|draft)$")]


@router.get("/versions", response_model=Versions, dependencies=[READS])
async def list_versions(key: Key, versions: VersionsNow) -> dict[str, Any]:
    """Every published version, the newest first, with how many are inside."""
    return {"items": await versions.of(key)}


@router.get("/versions/{number}", response_model=VersionFull, dependencies=[READS])
async def read_version(key: Key, number: Number, versions: VersionsNow) -> object:
    """A published version with its document, as it will always be."""
    return await versions.one(key, number)


@router.get("/diff", response_model=Difference, dependencies=[READS])
async def read_difference(
    key: Key, versions: VersionsNow, from_: Annotated[Side, Query(alias="from")], to: Side = "draft"
) -> dict[str, Any]:
    """What is another in a version, or in the `draft`, than in one before: in words."""
    return {"from_": from_, "to": to, "changes": await versions.differences(key, from_, to)}


@router.post("/rollout", response_model=MigrationFull, responses=problems(409), dependencies=[OPERATES])
async def widen_rollout(key: Key, body: RolloutRequest, rollouts: RolloutsNow) -> Progress:
    """Let more customers have the version that a share of them tries; with 100 it is everybody's."""
    return await rollouts.widen(key, body.share)


@router.post(
    "/rollback", status_code=202, response_model=MigrationFull, responses=problems(409), dependencies=[OPERATES]
)
async def roll_back(key: Key, rollouts: RolloutsNow, request: Request) -> Progress:
    """Back to the version before, and with it whoever was moved; once for each publication."""
    return await rollouts.roll_back(key, caller(request))


@router.get("/migrations", response_model=Migrations, dependencies=[READS])
async def list_migrations(key: Key, rollouts: RolloutsNow) -> dict[str, Any]:
    """What was done to those inside, the newest first."""
    return {"items": await rollouts.migrations(key)}


@router.get("/migrations/{migration}", response_model=MigrationFull, dependencies=[READS])
async def read_migration(key: Key, migration: MigrationId, rollouts: RolloutsNow) -> Progress:
    """How far it is, and what became of the runs of each step."""
    return await rollouts.migration(key, migration)


@router.post("/migrations/{migration}/cancel", response_model=MigrationFull, dependencies=[OPERATES])
async def cancel_migration(key: Key, migration: MigrationId, rollouts: RolloutsNow) -> Progress:
    """Take nobody else. Who was taken stays where that led."""
    return await rollouts.cancel(key, migration)


@router.post("/pause", response_model=JourneyItem, responses=problems(409), dependencies=[OPERATES])
async def pause_journey(key: Key, pausing: PausingNow, drafts: DraftsNow) -> JourneyDocument:
    """A hold: nothing is sent, who enters is held as well, timers run on, events count; `resume` goes on in place."""
    await pausing.pause(key)
    return await drafts.read(key)


@router.post("/resume", response_model=JourneyItem, responses=problems(409), dependencies=[OPERATES])
async def resume_journey(
    key: Key, pausing: PausingNow, drafts: DraftsNow, request: Request, body: ResumeRequest | None = None
) -> JourneyDocument:
    """Go on in place; what came due meanwhile goes on spread over a time."""
    spread = body.spread.timedelta if body is not None and body.spread is not None else None
    await pausing.resume(key, spread, caller(request))
    return await drafts.read(key)


@router.post("/stop", response_model=JourneyItem, responses=problems(409), dependencies=[OPERATES])
async def stop_journey(
    key: Key, pausing: PausingNow, drafts: DraftsNow, request: Request, body: StopRequest | None = None
) -> JourneyDocument:
    """Let nobody enter any more; those inside go on to their end, or leave now. Publishing opens the journey again."""
    await pausing.stop(key, caller(request), is_exit=body is not None and body.inside == "exit")
    return await drafts.read(key)
