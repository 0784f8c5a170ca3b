from pathlib import Path

import httpx
import pytest

from api.app import create_app
from journeyman.bootstrap import build
from journeyman.kit.keys.keys import Role, create
from journeyman.kit.migrations import upgrade
from journeyman.settings import Settings
from tests.conftest import sqlite_url
from tests.parts.postgres import PostgresServer


async def test_it_lives_and_is_ready_without_a_key(client: httpx.AsyncClient) -> None:
    assert (await client.get("/livez")).json() == {"status": "alive"}
    assert (await client.get("/readyz")).json() == {"status": "ready"}


async def test_what_comes_in_is_counted_by_route_and_outcome(client: httpx.AsyncClient, keys: dict[Role, str]) -> None:
    good = {"type": "track", "event": "X", "userId": "u1", "messageId": "m1"}
    headers = {"authorization": f"Bearer {keys[Role.INGEST]}"}
    await client.post("/v1/batch", json={"batch": [good, good, {}]}, headers=headers)
    await client.post("/v1/track", json={}, headers=headers)
    await client.get("/nowhere/1")
    text = (await client.get("/metrics")).text
    for line in (
        'journeyman_ingest_events_total{outcome="accepted"} 1.0',
        'journeyman_ingest_events_total{outcome="duplicate"} 1.0',
        'journeyman_ingest_events_total{outcome="refused"} 2.0',
        'journeyman_http_requests_total{method="POST",route="/v1/batch",status="207"} 1.0',
        'journeyman_http_requests_total{method="POST",route="/v1/track",status="400"} 1.0',
        'journeyman_http_requests_total{method="GET",route="(none)",status="404"} 1.0',
        'journeyman_http_request_seconds_count{method="POST",route="/v1/batch"} 1.0',
        "journeyman_inbox_depth 1.0",
    ):
        assert line in text.splitlines()


async def test_a_database_that_is_away_is_503() -> None:
    server = PostgresServer()
    upgrade(server.url())
    services = build(Settings(database_url=server.url()))
    headers = {"authorization": f"Bearer {await create(services.database, Role.INGEST, '', services.clock.now())}"}
    transport = httpx.ASGITransport(create_app(services), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as client:
        assert (await client.get("/readyz")).status_code == 200
        assert (await client.post("/v1/identify", json={"userId": "u1"})).status_code == 200
        server.stop()
        answers = [await client.get("/readyz"), await client.post("/v1/identify", json={"userId": "u1"})]
        answers.append(await client.post("/v1/identify", json={}, headers={"authorization": "Bearer unknown"}))
        for answer in answers:
            assert (answer.status_code, answer.json()["code"]) == (503, "not_ready")
            assert int(answer.headers["retry-after"]) >= 1
        assert (await client.get("/livez")).status_code == 200
    await services.close()


@pytest.mark.parametrize("role", [Role.INGEST, Role.ADMIN])
async def test_keys_of_the_environment_are_taken_up_at_start(sqlite_template: Path, tmp_path: Path, role: Role) -> None:
    brought = {f"{role}_key": "brought-along", "database_url": sqlite_url(sqlite_template, tmp_path)}
    services = build(Settings.model_validate(brought))
    app = create_app(services)
    await create(services.database, Role.READ, "", services.clock.now())
    event = {"type": "identify", "userId": "u1"}
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client,
    ):
        answer = await client.post("/v1/identify", json=event, auth=("brought-along", ""))
    assert answer.json() == {"success": True}
    await services.close()
