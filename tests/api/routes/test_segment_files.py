"""Segments, scores and the journeys that name them, applied from a folder to the real application."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from journeyman.cli.documents import read_folder
from journeyman.cli.plan import apply_plan, look_at, make_plan
from journeyman.cli.remote import Remote
from journeyman.kit.errors import InvalidError
from journeyman.kit.keys.keys import Role

FILES = {
    "segments/fresh.yaml": "name: Fresh\nwhen: {all: [{segment: viewers}, {event: Product Viewed, within: 1d}]}\n",
    "segments/viewers.yaml": "name: Viewers\nevents: true\nwhen: {event: Product Viewed, within: 7d}\n",
    "segments/staff.yaml": "name: Staff\n",
    "scores/warmth.yaml": "score: warmth\nrules: [{event: Product Viewed, points: 2}]\n",
    "journeys/hello.yaml": """
journey: hello
entry:
  on: event
  event: Segment Entered
  where: {property: segment, equals: viewers}
  audience: {not: {segment: staff}}
steps: [{id: pause, wait: {for: 1d}}]
""",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.fixture
async def remote(app: FastAPI, keys: dict[Role, str]) -> AsyncIterator[Remote]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    headers = {"Authorization": f"Bearer {keys[Role.OPERATOR]}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as opened:
        yield Remote(opened)


async def verdicts(remote: Remote, folder: Path) -> dict[str, str]:
    return {change.document.key: change.verdict for change in await make_plan(remote, read_folder(folder))}


async def test_a_folder_is_applied_once(remote: Remote, folder: Path) -> None:
    plan = await make_plan(remote, read_folder(folder))
    assert [change.document.key for change in plan] == ["warmth", "viewers", "staff", "fresh", "hello"]
    await apply_plan(remote, plan)
    assert set((await verdicts(remote, folder)).values()) == {"same"}
    assert (await remote.get("/v1/journeys/hello"))["journey"] == "hello"
    (folder / "segments" / "viewers.yaml").write_text("name: Viewers\nwhen: {event: Product Viewed, within: 8d}\n")
    assert {key for key, verdict in (await verdicts(remote, folder)).items() if verdict == "change"} == {"viewers"}


async def test_the_plan_tells_what_lint_finds_in_what_is_new_beside_what_is_live(remote: Remote, folder: Path) -> None:
    documents = read_folder(folder)
    plan = await make_plan(remote, documents)
    assert [(one.journey, one.code) for one in await look_at(remote, documents, plan)] == [("hello", "no-goal")]
    await apply_plan(remote, plan)
    assert await look_at(remote, documents, await make_plan(remote, documents)) == []
    assert [one["code"] for one in (await remote.get("/v1/journeys/hello/lint"))["items"]] == ["no-goal"]
    assert [one["journey"] for one in (await remote.get("/v1/lint"))["items"]] == ["hello"]
    tried = await remote.post("/v1/journeys/hello/publish", {"dry_run": True})
    assert [one["code"] for one in tried["findings"]] == ["no-goal"]
    assert await remote.find("/v1/journeys/nobody/lint") is None


async def test_a_journey_whose_segment_is_in_no_file_is_not_published(remote: Remote, folder: Path) -> None:
    (folder / "segments" / "staff.yaml").unlink()
    with pytest.raises(InvalidError) as refused:
        await apply_plan(remote, await make_plan(remote, read_folder(folder)))
    assert [fault.detail for fault in refused.value.faults] == ["there is no segment `staff`"]


async def test_what_a_live_journey_names_is_not_deleted(remote: Remote, folder: Path) -> None:
    await apply_plan(remote, await make_plan(remote, read_folder(folder)))
    answer = await remote._client.delete("/v1/segments/staff")
    assert answer.status_code == 409
    assert "the journey hello is live and speaks of staff" in answer.json()["detail"]
