"""Calls over connections: signed in at the operator's host, over real sockets, and no secret in any word of it."""

import asyncio
import base64
import hmac
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, unquote_plus

import pytest
from pydantic import ValidationError

from journeyman.channels.connections.calling import ConnectedCalls
from journeyman.channels.connections.settings import Connection
from journeyman.channels.webhooks.calling import HttpCalls, HttpRequest, NoAnswerError
from journeyman.kit.clock import FixedClock
from tests.builders import NOON
from tests.parts.other_system import Called, OtherSystem, Says, says

ID, SECRET = "shop:id", "s3cr&t /+%"
SIGNING = "whsec_" + base64.b64encode(b"k" * 24).decode()


class OAuthSystem(OtherSystem):
    """A token endpoint and the system behind it; both know which tokens are good (RFC 6749, RFC 6750)."""

    def __init__(self) -> None:
        super().__init__()
        self.good: set[str] = set()
        self.fetched = 0
        self.lasts: object = 3600

    def answer(self, called: Called) -> Says:
        if called.path == "/token":
            return self._token(called)
        token = called.headers.get("authorization", "").removeprefix("Bearer ")
        return says(200, {"id": 7}) if token in self.good else says(401, {"error": "invalid_token"})

    def _token(self, called: Called) -> Says:
        form = {name: values[0] for name, values in parse_qs(called.body.decode()).items()}
        if called.headers.get("content-type") != "application/x-www-form-urlencoded":
            return says(400, {"error": "invalid_request"})
        if form.get("grant_type") != "client_credentials":
            return says(400, {"error": "unsupported_grant_type"})
        basic = base64.b64decode(called.headers.get("authorization", "").removeprefix("Basic ")).decode()
        user, _, password = basic.partition(":")
        given = (form.get("client_id") or unquote_plus(user), form.get("client_secret") or unquote_plus(password))
        if given != (ID, SECRET):
            return says(401, {"error": "invalid_client", "error_description": f"no client {given}"})
        self.fetched += 1
        self.good.add(f"token-{self.fetched}")
        expiry = {} if self.lasts is None else {"expires_in": self.lasts}
        return says(200, {"access_token": f"token-{self.fetched}", "token_type": "Bearer", **expiry})


@pytest.fixture
async def system() -> AsyncIterator[OAuthSystem]:
    async with OAuthSystem() as opened:
        yield opened


@asynccontextmanager
async def calls(clock: FixedClock | None = None, **connections: Mapping[str, Any]) -> AsyncIterator[ConnectedCalls]:
    made = {name: Connection.model_validate(one) for name, one in connections.items()}
    opened = ConnectedCalls(HttpCalls(allows_private=True), made, clock or FixedClock(NOON))
    yield opened
    await opened.close()


def oauth(system: OAuthSystem, **parts: Any) -> dict[str, Any]:
    there = {"token_url": f"{system.url}/token", "client_id": ID, "client_secret": SECRET}
    return {"url": f"{system.url}/api", "oauth2": {**there, **parts}}


def request(path: str = "/leads", *headers: tuple[str, str], seconds: float = 2) -> HttpRequest:
    return HttpRequest("POST", path, [("idempotency-key", "run/ask/1"), *headers], b"{}", seconds, "crm")


@pytest.mark.parametrize("sent_in", ["header", "body"])
async def test_one_token_is_fetched_for_many_callers(system: OAuthSystem, sent_in: str) -> None:
    async with calls(crm=oauth(system, sent_in=sent_in, scope="leads", audience="crm")) as http:
        answers = await asyncio.gather(*(http(request(f"/leads/{number}")) for number in range(30)))
    assert {answer.status for answer in answers} == {200}
    (fetch,) = (one for one in system.calls if one.path == "/token")
    form = parse_qs(fetch.body.decode())
    assert (form["scope"], form["audience"], "client_secret" in form) == (["leads"], ["crm"], sent_in == "body")
    assert {one.headers["authorization"] for one in system.calls if one.path != "/token"} == {"Bearer token-1"}


@pytest.mark.parametrize(("lasts", "good_for"), [(3600, 3540), (100, 90), ("3600", 3540), (None, 540), ("soon", 540)])
async def test_a_token_is_fetched_anew_before_it_ends(system: OAuthSystem, lasts: object, good_for: int) -> None:
    clock, system.lasts = FixedClock(NOON), lasts
    async with calls(clock, crm=oauth(system)) as http:
        for seconds, fetched in ((0, 1), (good_for - 1, 1), (good_for, 2)):
            clock.at = NOON + timedelta(seconds=seconds)
            await http(request())
            assert system.fetched == fetched


async def test_a_token_that_is_refused_is_fetched_once_again(system: OAuthSystem) -> None:
    async with calls(crm=oauth(system)) as http:
        await http(request())
        system.good.clear()
        answers = await asyncio.gather(*(http(request()) for _ in range(10)))
        assert ({answer.status for answer in answers}, system.fetched) == ({200}, 2)


async def test_a_system_that_refuses_every_token_is_asked_twice(system: OAuthSystem) -> None:
    async with calls(crm={**oauth(system), "url": f"{system.url}/api"}) as http:
        system.script.extend([says(200, {"access_token": "a"}), says(401), says(200, {"access_token": "b"}), says(401)])
        assert (await http(request())).status == 401
    assert [one.path for one in system.calls] == ["/token", "/api/leads"] * 2


@pytest.mark.parametrize(
    ("answer", "told", "is_final"),
    [
        (says(401, {"error": "invalid_client", "error_description": SECRET}), "401: invalid_client", True),
        (says(400, {"error": SECRET}), "400: no reason that can be told", True),
        (says(503), "503: no reason", False),
        (says(429), "429: no reason", False),
        (Says(200, b"<html>"), "holds no token", True),
        (says(200, {"access_token": "a\r\nX-Evil: 1"}), "holds no token", True),
        (says(200, {"access_token": "a", "token_type": "mac"}), "of a type", True),
        (Says(None), "no answer", False),
    ],
)
async def test_without_a_token_there_is_no_call(system: OAuthSystem, answer: Says, told: str, is_final: bool) -> None:
    system.script.append(answer)
    async with calls(crm=oauth(system)) as http:
        with pytest.raises(NoAnswerError, match=told) as caught:
            await http(request())
    assert (caught.value.is_final, [one.path for one in system.calls]) == (is_final, ["/token"])
    assert SECRET not in f"{caught.value!r}"


async def test_a_silent_token_endpoint_takes_no_longer_than_the_call_may(system: OAuthSystem) -> None:
    system.script.append(Says(silent=True))
    async with calls(crm=oauth(system)) as http:
        with pytest.raises(NoAnswerError, match="took too long"):
            await http(request(seconds=0.2))
        assert (await http(request())).status == 200, "who waits next fetches it"


@pytest.mark.parametrize(
    ("way", "header"),
    [
        ({"bearer": "t0k"}, "Bearer t0k"),
        ({"basic": {"user": "me", "password": "p:w"}}, "Basic " + base64.b64encode(b"me:p:w").decode()),
    ],
)
async def test_credentials_and_headers_are_the_operators(system: OAuthSystem, way: dict[str, Any], header: str) -> None:
    async with calls(crm={"url": f"{system.url}/api/", "headers": {"X-Key": "op"}, **way}) as http:
        await http(request("/leads?a=1", ("x-key", "mine"), ("authorization", "Bearer mine")))
    (sent,) = system.calls
    assert (sent.path, sent.headers["authorization"], sent.headers["x-key"]) == ("/api/leads?a=1", header, "op")


async def test_a_url_alone_may_be_all_that_there_is(system: OAuthSystem) -> None:
    async with calls(crm={"url": f"{system.url}/services/T0/B0/x"}) as http:
        await http(request(""))
    assert system.calls[0].path == "/services/T0/B0/x"


async def test_calls_are_signed_as_standard_webhooks_says(system: OAuthSystem) -> None:
    async with calls(crm={"url": system.url, "signs": SIGNING}) as http:
        await http(request())
    headers = system.calls[0].headers
    told = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{{}}".encode()
    made = base64.b64encode(hmac.digest(b"k" * 24, told, "sha256")).decode()
    assert (headers["webhook-id"], headers["webhook-signature"]) == ("run/ask/1", f"v1,{made}")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_gets_no_credentials(system: OAuthSystem, status: int) -> None:
    async with OtherSystem() as other, calls(crm={"url": system.url, "bearer": "t0k"}) as http:
        system.script.append(says(status, None, location=f"{other.url}/in"))
        assert (await http(request())).status == status
        assert other.calls == []


@pytest.mark.parametrize("path", ["@evil.example/", "evil.example", ":8080/", ".evil.example/"])
async def test_no_path_leads_to_another_host(system: OAuthSystem, path: str) -> None:
    async with calls(crm={"url": system.url, "bearer": "t0k"}) as http:
        with pytest.raises(NoAnswerError, match="slash"):
            await http(request(path))
    assert system.calls == []


async def test_a_connection_that_is_not_there_is_named() -> None:
    async with calls() as http:
        with pytest.raises(NoAnswerError, match="there is no connection `crm`"):
            await http(request())


async def test_a_check_fetches_the_token_and_calls_nothing_else(system: OAuthSystem) -> None:
    async with calls(crm=oauth(system), hook={"url": "http://10.0.0.1/"}) as http:
        assert list(http.names) == ["crm", "hook"]
        await http.check("crm")
        await http.check("hook")
        assert [one.path for one in system.calls] == ["/token"]
    private = Connection.model_validate({"url": "http://10.0.0.1/"})
    guarded = ConnectedCalls(HttpCalls(allows_private=False), {"crm": private}, FixedClock(NOON))
    with pytest.raises(NoAnswerError, match="cannot be called"):
        await guarded.check("crm")
    await guarded.close()


@pytest.mark.parametrize(
    "parts",
    [
        {"url": "ftp://crm.example"},
        {"url": "https://u:p@crm.example"},
        {"url": "https://crm.example/?a=1"},
        {"bearer": "a", "basic": {"user": "u", "password": "p"}},
        {"bearer": "a\r\nb"},
        {"bearer": " "},
        {"headers": {"X-Key": "ü"}},
        {"headers": {"X Key": "u"}},
        {"signs": "whsec_c2hvcnQ="},
        {"signs": "whsec_***"},
        {"oauth2": {"token_url": "crm.example", "client_id": "a", "client_secret": "hidden"}},
        {"more": 1},
    ],
)
def test_a_connection_that_could_not_work_is_refused(parts: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Connection.model_validate({"url": "https://crm.example", **parts})


def test_a_connection_shows_no_secret() -> None:
    whole = Connection.model_validate(
        {"url": "https://hidden", "headers": {"K": "hidden"}, "basic": {"user": "u", "password": "hidden"}}
    )
    assert "hidden" not in f"{whole!r}{whole.model_dump()}{whole.model_dump_json()}"
