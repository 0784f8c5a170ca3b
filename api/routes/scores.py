"""Scores: defined, listed, and what they say of customers."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.dependencies import OPERATES, READS
from api.documents import Document, answer, gives, takes
from api.errors import problems
from api.parameters import KEY, Cursor, CustomerId, Key, Limit
from api.schemas.pages import PageOf
from api.schemas.scores import SCORE, SavedScore, ScoreItem, ScoresOfCustomer, TopScores
from api.use_cases import ScoringNow
from journeyman.customers.scoring.scores import Score
from journeyman.customers.scoring.scores import shown as plainly
from journeyman.customers.scoring.tally import Kept
from journeyman.kit.pagination import page_of, read_cursor

router = APIRouter(prefix="/v1", tags=["scores"], responses=problems(400, 401, 403, 422))
How = Annotated[int, Query(ge=1, le=1000, description="How many customers at most")]
Category = Annotated[str | None, Query(max_length=64, pattern=KEY, description="Order by this category's points")]
SegmentKey = Annotated[str | None, Query(max_length=64, pattern=KEY, description="Only those who are in this segment")]


@router.get("/scores", response_model=PageOf[ScoreItem], dependencies=[READS])
async def list_scores(scoring: ScoringNow, limit: Limit = 50, cursor: Cursor = None) -> dict[str, Any]:
    """Every score, by key."""
    (after,) = read_cursor(cursor, str) or ("",)
    rows = [kept for kept in await scoring.list() if kept.key > after]
    page = page_of(rows, limit, lambda kept: (kept.key,))
    return {"items": [item(kept) for kept in page.items], "next": page.next}


@router.get("/scores/{key}", response_model=None, responses=gives(SCORE, "The score"), dependencies=[READS])
async def read_score(key: Key, request: Request, scoring: ScoringNow) -> Response:
    """A score as it was written, as JSON or as YAML."""
    return answer(request, (await scoring.get(key)).model.document())


@router.put(
    "/scores/{key}",
    response_model=SavedScore,
    openapi_extra=takes(SCORE),
    responses=problems(413, 415),
    dependencies=[OPERATES],
)
async def write_score(key: Key, document: Document, scoring: ScoringNow) -> dict[str, Any]:
    """Keep a score, JSON or YAML, from now on. Where its rules are new, everybody's past is counted anew."""
    kept = await scoring.save(key, document)
    return item(kept) | {"document": kept.model.document()}


@router.delete("/scores/{key}", status_code=204, responses=problems(404), dependencies=[OPERATES])
async def delete_score(key: Key, scoring: ScoringNow) -> None:
    """Forget a score."""
    await scoring.drop(key)


@router.get("/scores/{key}/top", response_model=TopScores, responses=problems(404), dependencies=[READS])
async def top_of_score(
    key: Key, scoring: ScoringNow, n: How = 50, category: Category = None, segment: SegmentKey = None
) -> dict[str, Any]:
    """The best by a score at this moment, with the reasons: whom to call today."""
    top = await scoring.top(key, n, category, segment)
    items = [{**shown(one.score), "customer": one.customer_id, "value": one.value} for one in top.best]
    about = {"score": key, "as_of": top.as_of, "of": top.of, "rebuilding": top.kept.rebuilding}
    return {**about, "items": items}


@router.get(
    "/customers/{customer_id}/scores", response_model=ScoresOfCustomer, responses=problems(404), dependencies=[READS]
)
async def read_scores_of_customer(customer_id: CustomerId, scoring: ScoringNow) -> dict[str, Any]:
    """A customer's scores at this moment, with the reasons, and her RFM."""
    found = await scoring.of_customer(customer_id)
    scores: list[dict[str, Any]] = [
        {**shown(score), "score": kept.key, "rebuilding": kept.rebuilding} for kept, score in found.scores
    ]
    rfm = found.rfm and {"r": found.rfm.r, "f": found.rfm.f, "m": found.rfm.m, "group": found.rfm.group}
    return {"customer": found.customer_id, "as_of": found.as_of, "scores": scores, "rfm": rfm}


def item(kept: Kept) -> dict[str, Any]:
    """A score as lists show it."""
    return {
        "key": kept.key,
        "name": kept.model.name,
        "rebuilding": kept.rebuilding,
        "updated_at": kept.updated_at,
    }


def shown(score: Score) -> dict[str, Any]:
    """A score at an instant as the API shows it."""
    return {
        "value": score.value,
        "band": score.band,
        "reached": sorted(score.reached),
        "by_category": {name: plainly(points) for name, points in score.by_category.items()},
        "reasons": [
            {"text": one.text, "points": plainly(one.points), "category": one.category, "count": one.count}
            for one in score.reasons
        ],
    }
