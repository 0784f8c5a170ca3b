from typing import Any

import pytest

from tests.world import world

PATH = "/v1/settings/contact-policy"
POLICY: dict[str, Any] = {
    "quiet_hours": {"from": "21:00", "until": "08:00", "days": ["sunday"]},
    "caps": [{"max": 3, "per": "1 calendar day"}, {"max": 20, "per": "7d", "points": {"sms": 3}}],
    "holdout": {"share": 5},
}


async def test_a_policy_comes_back_as_it_was_written(database_url: str) -> None:
    async with world(database_url) as here:
        assert await here.get(PATH) == {"updated_at": None}
        at = here.clock.at.isoformat()
        assert await here.put(PATH, POLICY) == {**POLICY, "updated_at": at}
        assert await here.get(PATH) == {**POLICY, "updated_at": at}
        assert await here.put(PATH, {"updated_at": at}) == {"updated_at": at}


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        ({"quiet_hours": {"from": "21:00", "until": "08:00", "then": "late"}}, "/quiet_hours/then"),
        ({"caps": [{"max": 3, "per": "1d", "of": "journey"}]}, "/caps/0/of"),
        ({"caps": [{"max": 3, "per": "400d"}]}, "/caps/0/per"),
        ({"holdout": {"share": 100}}, "/holdout/share"),
        ({"holdouts": {"share": 1}}, "/holdouts"),
        ([], ""),
    ],
)
async def test_what_is_no_policy_is_refused_with_the_place(database_url: str, document: Any, pointer: str) -> None:
    async with world(database_url) as here:
        answer = await here.http.put(PATH, json=document)
        assert answer.status_code == 422
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
        assert await here.get(PATH) == {"updated_at": None}


async def test_nobody_writes_without_a_key(database_url: str) -> None:
    async with world(database_url) as here:
        answer = await here.http.put(PATH, json=POLICY, headers={"authorization": "Bearer no"})
        assert answer.status_code == 401
