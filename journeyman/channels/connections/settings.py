"""What an operator says of a system that journeys call by name: where it is, and how to sign in there."""

import base64
import binascii
from collections.abc import Mapping
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator
from pydantic_core import PydanticCustomError

from journeyman.channels.webhooks.network import problem_of
from journeyman.channels.webhooks.signatures import PREFIX

HeaderName = Annotated[str, Field(pattern="^[A-Za-z0-9-]{1,100}$")]
SHORTEST_KEY = 24
"""Bytes of a signing key, as Standard Webhooks demands."""


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class BasicCredentials(_Settings):
    """HTTP Basic (RFC 7617)."""

    user: Annotated[str, Field(min_length=1, max_length=200, pattern="^[^:]*$")]
    password: SecretStr


class ClientCredentials(_Settings):
    """OAuth 2.0 client credentials (RFC 6749, 4.4)."""

    token_url: SecretStr
    client_id: Annotated[str, Field(min_length=1)]
    client_secret: SecretStr
    scope: str | None = None
    audience: Annotated[str | None, Field(description="What some servers ask for beside the scope")] = None
    sent_in: Annotated[
        Literal["header", "body"], Field(description="`header` is HTTP Basic; `body` for servers that want it there")
    ] = "header"

    @field_validator("token_url")
    @classmethod
    def _is_a_url(cls, url: SecretStr) -> SecretStr:
        return _checked(url)


class Connection(_Settings):
    """A system that journeys call by name. Everything here may be `${NAME}` of the environment."""

    url: Annotated[SecretStr, Field(description="All calls go below it; secret, for some URLs are")]
    headers: Annotated[Mapping[HeaderName, SecretStr], Field(description="Sent with every call")] = Field(
        default_factory=dict
    )
    bearer: Annotated[SecretStr | None, Field(description="`Authorization: Bearer` with this (RFC 6750)")] = None
    basic: BasicCredentials | None = None
    oauth2: Annotated[ClientCredentials | None, Field(description="Fetches a token, and a new one in time")] = None
    signs: Annotated[SecretStr | None, Field(description="`whsec_…`: signs as Standard Webhooks says")] = None

    @field_validator("url")
    @classmethod
    def _is_a_url(cls, url: SecretStr) -> SecretStr:
        return _checked(url)

    @field_validator("headers")
    @classmethod
    def _fits_a_header(cls, headers: Mapping[str, SecretStr]) -> Mapping[str, SecretStr]:
        if stray := next((name for name, value in headers.items() if not _fits(value)), None):
            raise PydanticCustomError("header", "the value of `{name}` fits no header", {"name": stray})
        return headers

    @field_validator("bearer")
    @classmethod
    def _fits_behind_bearer(cls, token: SecretStr | None) -> SecretStr | None:
        if token is not None and not (token.get_secret_value().strip() and _fits(token)):
            raise PydanticCustomError("bearer", "this token is empty, or fits no header")
        return token

    @field_validator("signs")
    @classmethod
    def _is_a_key(cls, secret: SecretStr | None) -> SecretStr | None:
        given = secret.get_secret_value().removeprefix(PREFIX) if secret is not None else None
        try:
            if given is None or len(base64.b64decode(given, validate=True)) >= SHORTEST_KEY:
                return secret
        except binascii.Error:
            pass
        raise PydanticCustomError("signs", "this is no key; it is `whsec_` and 24 bytes or more in Base64")

    @model_validator(mode="after")
    def _signs_in_once(self) -> Self:
        if sum(way is not None for way in (self.bearer, self.basic, self.oauth2)) > 1:
            raise PydanticCustomError("connection", "it signs in twice; keep one of bearer, basic and oauth2")
        return self

    @property
    def host(self) -> str:
        return urlsplit(self.url.get_secret_value()).netloc


def _fits(value: SecretStr) -> bool:
    """Whether it can be sent in a header."""
    return value.get_secret_value().isascii() and value.get_secret_value().isprintable()


def _checked(url: SecretStr) -> SecretStr:
    given = url.get_secret_value()
    # What is not public is judged when it is called, by the setting of calls.
    problem = problem_of(given, allows_private=True)
    if problem is None and any(mark in given for mark in "?#"):
        problem = "it has a query or a fragment; what goes there stands in the step's path"
    if problem is not None:
        raise PydanticCustomError("url", "this URL cannot be used: {problem}", {"problem": problem})
    return url
