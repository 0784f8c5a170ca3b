"""Lift over HTTP."""

import httpx

from journeyman.kit.keys.keys import Role


def bearer(keys: dict[Role, str]) -> dict[str, str]:
    return {"authorization": f"Bearer {keys[Role.READ]}"}


async def test_without_customers_there_is_not_enough_data(client: httpx.AsyncClient, keys: dict[Role, str]) -> None:
    answer = await client.get("/v1/insight/lift", params={"days": 14}, headers=bearer(keys))
    assert answer.status_code == 200
    assert answer.json()["conversion"] is None
    assert answer.json()["days"] == 14
    assert answer.json()["words"].startswith("not enough data")


async def test_a_journey_that_is_not_there_is_a_problem(client: httpx.AsyncClient, keys: dict[Role, str]) -> None:
    answer = await client.get("/v1/journeys/none/lift", headers=bearer(keys))
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
