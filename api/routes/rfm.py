"""RFM: the workspace's cut points, and how many customers are where."""

from typing import Any

from fastapi import APIRouter

from api.dependencies import OPERATES, READS
from api.errors import problems
from api.schemas.rfm import CutPoints, RfmStandings
from api.use_cases import RfmNow
from journeyman.customers.scoring.cut_points import Standings
from journeyman.customers.scoring.rfm import Cuts

router = APIRouter(prefix="/v1/rfm", tags=["scores"], responses=problems(400, 401, 403))


@router.get("", response_model=RfmStandings, responses=problems(404), dependencies=[READS])
async def read_rfm(rfm: RfmNow) -> dict[str, Any]:
    """The cut points in use, and how many customers are in each cell and group by them."""
    return shown(await rfm.read())


@router.put("", response_model=RfmStandings, responses=problems(422), dependencies=[OPERATES])
async def write_rfm(cuts: CutPoints, rfm: RfmNow) -> dict[str, Any]:
    """Use cut points of your own from now on."""
    return shown(await rfm.set_own(Cuts(tuple(cuts.recency), tuple(cuts.frequency), tuple(cuts.monetary))))


@router.post("/compute", response_model=RfmStandings, responses=problems(409), dependencies=[OPERATES])
async def compute_rfm(rfm: RfmNow) -> dict[str, Any]:
    """Make the quintiles of the customers who have ordered the cut points, in place of any others."""
    return shown(await rfm.compute())


def shown(standings: Standings) -> dict[str, Any]:
    """Cut points as the API shows them."""
    stored = standings.stored
    return {
        "cuts": {
            "recency": list(stored.cuts.recency),
            "frequency": list(stored.cuts.frequency),
            "monetary": list(stored.cuts.monetary),
        },
        "own": stored.own,
        "computed_at": stored.computed_at,
        "customers": standings.customers,
        "groups": standings.groups,
        "cells": [
            {"r": one.r, "f": one.f, "m": one.m, "customers": number} for one, number in sorted(stored.cells.items())
        ],
    }
