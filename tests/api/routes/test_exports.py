"""Segments as files over HTTP."""

from tests.journeyman.insight.exports.test_segments import segment
from tests.world import World


async def test_a_segments_members_are_a_file(world: World) -> None:
    await segment(world.database, "vip", {"ann": {"email": "ann@example.com", "plan": "=pro"}})
    answer = await world.http.get("/v1/segments/vip/members.csv", params={"attribute": ["plan", "email"]})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="vip.csv"'
    assert answer.text.splitlines()[1] == "ann,2026-03-02T12:00:00+00:00,'=pro,ann@example.com"


async def test_a_segment_that_is_not_there_is_told(world: World) -> None:
    answer = await world.http.get("/v1/segments/none/members.csv")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
