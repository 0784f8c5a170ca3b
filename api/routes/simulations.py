"""Journeys played with time that passes at a word, on a database of their own: nothing is sent, nothing is kept."""

from datetime import timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Response

from api.dependencies import OPERATES
from api.errors import problems
from api.parameters import Key
from api.schemas.simulations import BacktestRequest, SimulationRequest
from api.use_cases import SimulationsNow
from journeyman.simulation.crowd import Deed, Invented

SVG: Final = "image/svg+xml"
Accept = Annotated[str, Header(max_length=1000, include_in_schema=False)]
AS_PICTURE: Final[dict[int | str, Any]] = {200: {"content": {SVG: {"schema": {"type": "string"}}}}}

router = APIRouter(prefix="/v1", tags=["journeys"], responses=problems(400, 401, 403, 422))


@router.post(
    "/journeys/{key}/simulate",
    response_model=dict[str, Any],
    responses={**problems(404), **AS_PICTURE},
    dependencies=[OPERATES],
)
async def simulate_journey(
    key: Key, simulations: SimulationsNow, wish: SimulationRequest | None = None, accept: Accept = ""
) -> Any:  # noqa: ANN401 - JSON, or a picture
    """What a journey would do: each customer's steps, messages and story, and counts over all of them.

    With `Accept: image/svg+xml` the same as a picture.
    """
    wish = wish or SimulationRequest()
    simulated = await simulations.run(
        key,
        wish.document,
        customers=wish.customers,
        given=_given(wish),
        at=wish.at,
        lasts=timedelta(days=wish.days),
        seed=wish.seed,
    )
    if SVG in accept:
        return Response(await simulations.picture(key, wish.document, simulated), media_type=SVG)
    return simulated.as_json()


@router.post("/journeys/{key}/backtest", responses=problems(404), dependencies=[OPERATES])
async def backtest_journey(
    key: Key, simulations: SimulationsNow, wish: BacktestRequest | None = None
) -> dict[str, Any]:
    """What a journey would have done in the last days to the customers who are there: figures, nobody by name."""
    wish = wish or BacktestRequest()
    found = await simulations.backtest(key, wish.document, days=wish.days, limit=wish.customers)
    return found.as_json()


def _given(wish: SimulationRequest) -> Invented | None:
    if wish.customer is None:
        return None
    deeds = [Deed(one.at.timedelta, one.event, one.properties, one.traits or None) for one in wish.events]
    return Invented(wish.customer.id, wish.customer.attributes, wish.customer.consents, deeds)
