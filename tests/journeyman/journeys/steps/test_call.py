"""`call`: another system is asked, bounded in every way, and nobody is lost by it (M5)."""

import base64
import hashlib
import hmac
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from journeyman.channels.connections.calling import ConnectedCalls
from journeyman.channels.connections.settings import Connection
from journeyman.channels.webhooks.calling import HttpCalls
from journeyman.journeys.calling.calling import Calling
from journeyman.journeys.delivery import RetryLaterError
from tests.builders import incoming
from tests.journeyman.journeys.steps.visits import END, PAUSE, codes, enter, lines, settle
from tests.parts.other_system import OtherSystem, Says, says
from tests.world import World

SECRETS = {"crm-token": "t0ps3cret", "signing": "k3y"}
WAYS: list[dict[str, Any]] = [
    {**END, "id": "went-on", "end": "went-on"},
    {"id": "none", "end": "none"},
    {"id": "broken", "end": "broken"},
]


@pytest.fixture
async def crm(here: World) -> AsyncIterator[OtherSystem]:
    http = HttpCalls(allows_private=True)
    here.advance.calling = Calling(http, SECRETS)
    async with OtherSystem() as opened:
        yield opened
        await http.close()


def call(crm: OtherSystem, path: str = "/leads", **parts: Any) -> dict[str, Any]:
    return {"id": "ask", "call": {"url": f"{crm.url}{path}", "timeout": "1s", **parts}}


async def outcome(here: World) -> Any:
    (run,) = await here.shop.runs()
    return run.outcome


async def test_the_answer_joins_the_context_and_later_steps_read_it(here: World, crm: OtherSystem) -> None:
    crm.script.append(says(200, {"score": 7, "owner": {"name": "Bo"}}))
    branch = {"id": "way", "branch": [{"when": {"context": "lead.score", "gte": 5}, "next": "none"}], "else": "broken"}
    await here.shop.introduce(tier="gold")
    body = {"mail": "{{ customer.email }}", "cart": {"entry": "cart_id"}, "tier": {"attribute": "tier"}, "n": [1, "x"]}
    asked = call(crm, "/leads/{{ customer.tier }}?c={{ entry.cart_id }}", body=body, **{"as": "lead"})
    run = await enter(here, asked, branch, *WAYS, cart_id="c 1")
    assert (run.outcome, run.context["lead"]["owner"]) == ("none", {"name": "Bo"})
    (sent,) = crm.calls
    assert (sent.method, sent.path) == ("POST", "/leads/gold?c=c%201")
    assert sent.document == {"mail": "ann@example.com", "cart": "c 1", "tier": "gold", "n": [1, "x"]}
    assert sent.headers["idempotency-key"] == f"{run.id}/ask/1"
    (line,) = await lines(here, "ask")
    assert (line.code, line.data["status"], line.data["attempts"]) == ("called", 200, 1)


@pytest.mark.parametrize(
    ("status", "ends"),
    [
        (200, "went-on"),
        (201, "went-on"),
        (404, "none"),
        (409, "none"),
        (410, "broken"),
        (302, "broken"),
        (422, "broken"),
    ],
)
async def test_a_status_leads_where_the_author_says(here: World, crm: OtherSystem, status: int, ends: str) -> None:
    crm.script.append(says(status, {}, location=f"{crm.url}/elsewhere"))
    await enter(here, call(crm, on={"404": "none", "409": "none"}, on_error="broken"), *WAYS)
    assert (await outcome(here), len(crm.calls)) == (ends, 1)


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 503])
async def test_m5_a_call_is_tried_again_a_bounded_number_of_times(here: World, crm: OtherSystem, status: int) -> None:
    crm.script.extend([says(status)] * 9)
    with pytest.raises(RetryLaterError) as first:
        await enter(here, call(crm, attempts=3, on_error="broken"), *WAYS)
    with pytest.raises(RetryLaterError) as second:
        await settle(here)
    await settle(here)
    assert (await outcome(here), len(crm.calls)) == ("broken", 3)
    assert (first.value.delay, second.value.delay) == (timedelta(seconds=2), timedelta(seconds=4))
    assert len({one.headers["idempotency-key"] for one in crm.calls}) == 1
    (line,) = await lines(here, "ask")
    assert (line.code, line.data["status"], line.data["attempts"]) == ("call_failed", status, 3)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
async def test_m5_what_the_caller_did_wrong_is_not_tried_again(here: World, crm: OtherSystem, status: int) -> None:
    crm.script.append(says(status))
    await enter(here, call(crm, on_error="broken"), *WAYS)
    assert (await outcome(here), len(crm.calls)) == ("broken", 1)


@pytest.mark.parametrize(("on_error", "ends"), [("continue", "went-on"), ("exit", "exited"), ("broken", "broken")])
async def test_m5_on_error_continues_exits_or_jumps(here: World, crm: OtherSystem, on_error: str, ends: str) -> None:
    crm.script.append(says(400))
    await enter(here, call(crm, on_error=on_error), *WAYS)
    assert await outcome(here) == ends


async def test_retry_after_is_honoured(here: World, crm: OtherSystem) -> None:
    crm.script.append(says(429, None, retry_after="90"))
    with pytest.raises(RetryLaterError) as raised:
        await enter(here, call(crm), *WAYS)
    assert raised.value.delay == timedelta(seconds=90)


@pytest.mark.parametrize("answer", [Says(None), Says(silent=True)])
async def test_no_answer_is_tried_again(here: World, crm: OtherSystem, answer: Says) -> None:
    crm.script.append(answer)
    with pytest.raises(RetryLaterError):
        await enter(here, call(crm), *WAYS)
    await settle(here)
    assert (await outcome(here), len(crm.calls)) == ("went-on", 2)


@pytest.mark.parametrize(
    "answer",
    [Says(200, b"{not json"), Says(200, b"x" * 70_000), Says(200, b'{"n": NaN}')],
    ids=["none", "large", "nan"],
)
async def test_an_answer_that_cannot_be_read_is_an_error(here: World, crm: OtherSystem, answer: Says) -> None:
    crm.script.append(answer)
    await enter(here, call(crm, on_error="broken", **{"as": "lead"}), *WAYS)
    assert (await outcome(here), await codes(here, "ask")) == ("broken", ["call_failed"])


async def test_text_and_nothing_are_answers_as_well(here: World, crm: OtherSystem) -> None:
    crm.script.extend([Says(200, b"yes", {"content-type": "text/plain"}), Says(204, b"")])
    second = {**call(crm, **{"as": "b"}), "id": "again"}
    run = await enter(here, call(crm, **{"as": "a"}), second, *WAYS)
    assert (run.context, run.outcome) == ({"a": "yes", "b": None}, "went-on")


@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        ({"bearer": "crm-token"}, "authorization", "Bearer t0ps3cret"),
        (
            {"basic": {"user": "shop", "password": "crm-token"}},
            "authorization",
            "Basic " + base64.b64encode(b"shop:t0ps3cret").decode(),
        ),
        (
            {"hmac": {"secret": "signing", "header": "X-Shop"}},
            "x-shop",
            "sha256=" + hmac.new(b"k3y", b'{"a":1}', hashlib.sha256).hexdigest(),
        ),
    ],
)
async def test_secrets_sign_and_are_kept_nowhere(
    here: World, crm: OtherSystem, auth: dict[str, Any], header: str, value: str
) -> None:
    run = await enter(here, call(crm, auth=auth, body={"a": 1}), *WAYS)
    assert crm.calls[0].headers[header] == value
    whole = f"{await here.shop.journal()}{run}{await here.shop.outbox()}"
    assert "t0ps3cret" not in whole
    assert "k3y" not in whole


async def test_a_secret_that_is_not_there_is_an_error_that_names_it(here: World, crm: OtherSystem) -> None:
    await enter(here, call(crm, auth={"bearer": "other"}, on_error="broken"), *WAYS)
    (line,) = await lines(here, "ask")
    assert (await outcome(here), crm.calls) == ("broken", [])
    assert "there is no secret `other`" in line.data["detail"]


async def test_a_value_cannot_break_out_of_a_header(here: World, crm: OtherSystem) -> None:
    asked = call(crm, headers={"X-Cart": "{{ entry.cart_id }}"}, on_error="broken")
    await enter(here, asked, *WAYS, cart_id="a\r\nX-Evil: 1")
    assert (await outcome(here), crm.calls) == ("broken", [])


async def test_a_template_that_cannot_be_rendered_is_an_error(here: World, crm: OtherSystem) -> None:
    await enter(here, call(crm, body="{{ entry.cart_id | append }}", on_error="broken"), *WAYS, cart_id="c")
    assert (await outcome(here), crm.calls) == ("broken", [])


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "10.0.0.1", "169.254.169.254"])
async def test_an_address_inside_the_house_is_never_called(here: World, crm: OtherSystem, host: str) -> None:
    here.advance.calling = Calling(HttpCalls(allows_private=False), {})
    asked = {"id": "ask", "call": {"url": f"https://{host}:{crm.port}/", "attempts": 1, "on_error": "broken"}}
    await enter(here, asked, *WAYS)
    (line,) = await lines(here, "ask")
    assert (await outcome(here), crm.calls) == ("broken", [])
    assert "public" in line.data["detail"]
    await here.advance.calling.http.close()


TAKEN = {"score": "/lead/score", "first": "/items/0/a~1b", "all": "", "lost": "/lead/none/deep", "beyond": "/items/9"}


async def test_parts_of_the_answer_join_the_context_under_their_names(here: World, crm: OtherSystem) -> None:
    document = {"lead": {"score": 7}, "items": [{"a/b": "x"}]}
    crm.script.append(says(200, document))
    run = await enter(here, call(crm, take=TAKEN, **{"as": "whole"}), *WAYS)
    found = {"score": 7, "first": "x", "all": document, "lost": None, "beyond": None, "whole": document}
    assert (run.context, run.outcome) == (found, "went-on")


@pytest.mark.parametrize("answer", [Says(200, b"{not"), Says(200, b"<p>Sign in", {"content-type": "text/html"})])
async def test_m5_parts_of_what_is_no_json_are_an_error(here: World, crm: OtherSystem, answer: Says) -> None:
    crm.script.append(answer)
    run = await enter(here, call(crm, take=TAKEN, on_error="broken"), *WAYS)
    assert (run.outcome, run.context, await codes(here, "ask")) == ("broken", {}, ["call_failed"])


def connect(here: World, crm: OtherSystem, **parts: Any) -> None:
    made = Connection.model_validate({"url": f"{crm.url}/api", "bearer": "t0ps3cret", **parts})
    http = here.advance.calling.http
    assert isinstance(http, HttpCalls)
    here.advance.calling = Calling(ConnectedCalls(http, {"crm": made}, here.clock), {})


def over(path: str | None = None, **parts: Any) -> dict[str, Any]:
    where = {"connection": "crm"} if path is None else {"connection": "crm", "path": path}
    return {"id": "ask", "call": {**where, "timeout": "1s", **parts}}


async def test_a_connection_signs_in_and_its_secrets_are_kept_nowhere(here: World, crm: OtherSystem) -> None:
    connect(here, crm)
    run = await enter(here, over("/leads/{{ entry.cart_id }}", body={"a": 1}), *WAYS, cart_id="c 1")
    assert (crm.calls[0].path, crm.calls[0].headers["authorization"]) == ("/api/leads/c%201", "Bearer t0ps3cret")
    assert "t0ps3cret" not in f"{await here.shop.journal()}{run}{await here.shop.outbox()}"
    (line,) = await lines(here, "ask")
    assert (line.data["connection"], "host" in line.data) == ("crm", False)


@pytest.mark.parametrize("value", ["../../admin", "..", "a/../..", "%2e%2e/admin", "..%2fadmin", "..\\\\admin", ".;x/"])
async def test_no_value_leads_above_the_connections_url(here: World, crm: OtherSystem, value: str) -> None:
    connect(here, crm)
    await enter(here, over("/leads/{{ entry.cart_id }}", on_error="broken"), *WAYS, cart_id=value)
    assert (await outcome(here), crm.calls) == ("broken", [])


async def test_a_value_that_looks_like_a_host_stays_in_the_path(here: World, crm: OtherSystem) -> None:
    connect(here, crm)
    await enter(here, over("/{{ entry.cart_id }}"), *WAYS, cart_id="/@evil.example:1/..x?a=../")
    assert [one.path for one in crm.calls] == ["/api//@evil.example:1/..x?a=../"]


async def test_m5_a_connection_that_is_not_there_is_an_error_that_names_it(here: World, crm: OtherSystem) -> None:
    connect(here, crm)
    step = {"id": "ask", "call": {"connection": "erp", "on_error": "broken"}}
    await enter(here, step, *WAYS)
    (line,) = await lines(here, "ask")
    assert (await outcome(here), line.data["detail"]) == ("broken", "there is no connection `erp`")


async def test_a_run_that_ends_meanwhile_keeps_its_end(here: World, crm: OtherSystem) -> None:
    crm.script.append(says(503))
    with pytest.raises(RetryLaterError):
        await enter(here, call(crm), *WAYS, parts={"exit": [{"on": "event", "event": "Order Completed"}]})
    await here.shop.accept(incoming("Order Completed", at=here.clock.at))
    await settle(here)
    assert (await outcome(here), len(crm.calls)) == ("exited", 1)


async def test_each_visit_is_a_call_of_its_own(here: World, crm: OtherSystem) -> None:
    await enter(here, call(crm), PAUSE, {"id": "again", "repeat": {"to": "ask", "max": 1}}, END)
    await here.pass_time(hours=3)
    assert len({one.headers["idempotency-key"] for one in crm.calls}) == len(crm.calls) == 2
