"""From a `call` step to the request that goes out: templates rendered, secrets put in, nothing of it kept."""

import base64
import hmac
from collections.abc import Mapping
from typing import Any

import orjson

from journeyman.channels.render_errors import RenderError
from journeyman.channels.webhooks.calling import HttpRequest
from journeyman.journeys.requests.paths import UnpreparedError, path_behind, template, url_of
from journeyman.language.facts import Facts
from journeyman.language.paths import MISSING
from journeyman.language.readings import resolve
from journeyman.language.steps.call import Auth, Call
from journeyman.language.values import Reference

LARGEST_BODY = 262_144
"""Bytes."""
Secrets = Mapping[str, str]


def rendered(source: str, scope: Mapping[str, Any]) -> str:
    """A text of a step for one customer, on one line or many. Raises `RenderError`."""
    return template(source).render(scope)


def prepare(call: Call, scope: Mapping[str, Any], facts: Facts, secrets: Secrets, key: str) -> HttpRequest:
    """The request. `key` is the same for every attempt, so that the other side can tell a second one by it.

    Raises `UnpreparedError`.
    """
    try:
        url = path_behind(call.path or "", scope) if call.connection is not None else url_of(call.url or "", scope)
        headers = {name: template(value).render(scope).strip() for name, value in call.headers.items()}
        body, content_type = _body(call.body, scope, facts)
    except RenderError as error:
        raise UnpreparedError(str(error)) from error
    if not url.startswith(call.host):
        raise UnpreparedError("a template has changed the URL's host")
    own = {"user-agent": "Journeyman", "accept": "application/json", "accept-encoding": "identity"}
    given = {name.lower(): value for name, value in headers.items()}
    if any(not value.isprintable() or not value.isascii() for value in given.values()):
        raise UnpreparedError("a header has characters that no header may have")
    about = {"content-type": content_type} if content_type else {}
    whole = {**own, **about, **given, "idempotency-key": key, **_signed(call.auth, body, secrets)}
    seconds = call.timeout.timedelta.total_seconds()
    return HttpRequest(call.method, url, list(whole.items()), body, seconds, call.connection)


def _body(given: object, scope: Mapping[str, Any], facts: Facts) -> tuple[bytes, str | None]:
    """The body and what it is; JSON is put together from its parts, so that no value can break out of its place."""
    if given is None:
        return b"", None
    if isinstance(given, str):
        body, content_type = template(given).render(scope).encode(), "text/plain; charset=utf-8"
    else:
        body, content_type = orjson.dumps(_filled(given, scope, facts)), "application/json"
    if len(body) > LARGEST_BODY:
        raise UnpreparedError(f"the body is larger than {LARGEST_BODY // 1024} KB")
    return body, content_type


def _filled(part: object, scope: Mapping[str, Any], facts: Facts) -> object:
    if isinstance(part, str):
        return template(part).render(scope) if "{" in part else part
    if isinstance(part, list | tuple):
        return [_filled(one, scope, facts) for one in part]
    if not isinstance(part, Mapping):
        return part
    if (
        len(part) == 1
        and part.keys() <= {"entry", "context", "attribute"}
        and isinstance(next(iter(part.values())), str)
    ):
        found = resolve(Reference.model_validate(dict(part)), facts)
        return None if found is MISSING else found
    return {name: _filled(one, scope, facts) for name, one in part.items()}


def _signed(auth: Auth | None, body: bytes, secrets: Secrets) -> dict[str, str]:
    if auth is None:
        return {}
    if auth.bearer is not None:
        return {"authorization": f"Bearer {_secret(auth.bearer, secrets)}"}
    if auth.basic is not None:
        pair = f"{auth.basic.user}:{_secret(auth.basic.password, secrets)}".encode()
        return {"authorization": f"Basic {base64.b64encode(pair).decode()}"}
    if auth.hmac is None:
        raise AssertionError("an `auth` without a way was published")
    digest = hmac.digest(_secret(auth.hmac.secret, secrets).encode(), body, "sha256").hex()
    return {auth.hmac.header.lower(): f"sha256={digest}"}


def _secret(name: str, secrets: Secrets) -> str:
    if name not in secrets:
        raise UnpreparedError(f"there is no secret `{name}`; set it in JOURNEYMAN_CALL_SECRETS")
    return secrets[name]
