"""`call`: an HTTP request to any system; its answer joins the run's context (M5)."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, ClassVar, Final, Literal, Self

from pydantic import AfterValidator, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from journeyman.language.document import KEY, Lead, OnTimeout, Part, StepPart, Target
from journeyman.language.durations import Duration

CALLS: Final = "call"
"""The party outside of a call, and what its queue is called after."""
LONGEST: Final = timedelta(minutes=1)
_HEAD = re.compile(r"https?://[^/?#{}%@\\\s]+(?=[/?#]|$)", re.IGNORECASE)
_HEADER = re.compile(r"[A-Za-z0-9-]{1,100}")
_OWN_HEADERS: Final = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "idempotency-key", "accept-encoding"}
)

_NAME = r"^[A-Za-z_][A-Za-z0-9_]{0,63}$"
_STATUS = r"^[1-5]([0-9]{2}|xx)$"


def _check_context_name(name: str) -> str:
    """Refuses what no template could name."""
    if not re.match(_NAME, name):
        message = "`{name}` is no name for the context; write letters, digits and underscores, such as `offer`"
        raise PydanticCustomError("context_name", message, {"name": name})
    return name


def _check_status(status: str) -> str:
    if not re.match(_STATUS, status):
        message = "`{status}` is no status; write one such as `404`, or a class such as `2xx`"
        raise PydanticCustomError("status", message, {"status": status})
    return status


ContextName = Annotated[
    str,
    AfterValidator(_check_context_name),
    Field(description="Later steps say `context.<name>`", examples=["offer"], json_schema_extra={"pattern": _NAME}),
]
SecretName = Annotated[
    str, Field(pattern=KEY, description="The name of a secret of the workspace, never the secret itself")
]
Status = Annotated[str, AfterValidator(_check_status), Field(json_schema_extra={"pattern": _STATUS})]
Pointer = Annotated[
    str, Field(pattern=r"^(/([^~]|~[01])*)?$", max_length=200, description="JSON Pointer (RFC 6901)", examples=["/id"])
]


class Basic(Part):
    """HTTP Basic (RFC 7617)."""

    user: Annotated[str, Field(min_length=1, max_length=200, pattern="^[^:]*$")]
    password: SecretName


class Hmac(Part):
    """HMAC-SHA256 of the body in a header, as `sha256=` and hexadecimal digits."""

    secret: SecretName
    header: Annotated[str, Field(pattern="^[A-Za-z0-9-]{1,100}$")] = "X-Signature-256"


class Auth(Part):
    """How the other side knows who calls; one of the three."""

    bearer: Annotated[SecretName | None, Field(description="`Authorization: Bearer` with this secret (RFC 6750)")] = (
        None
    )
    basic: Basic | None = None
    hmac: Hmac | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if sum(way is not None for way in (self.bearer, self.basic, self.hmac)) != 1:
            message = "this names no way to sign in, or two; write one of `bearer`, `basic` or `hmac`"
            raise PydanticCustomError("one_auth", message)
        return self


class Call(Part):
    """The request, and where its answers lead. URL, path, headers and body are Liquid templates, as messages are."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "POST"
    url: Annotated[
        str | None,
        Field(max_length=2000, description="Liquid; the host is written out", examples=["https://crm.example/leads"]),
    ] = None
    connection: Annotated[
        str | None, Field(pattern=KEY, description="A connection of the providers' file, instead of `url` and `auth`")
    ] = None
    path: Annotated[
        str | None, Field(max_length=2000, description="Liquid; behind the connection's URL", examples=["/v2/leads"])
    ] = None
    headers: Annotated[Mapping[str, str], Field(max_length=20, description="Liquid in the values")] = Field(
        default_factory=dict
    )
    body: Annotated[Any, Field(description="Text, or JSON with Liquid in its texts and references for its values")] = (
        None
    )
    auth: Auth | None = None
    timeout: Annotated[Duration, Field(description="How long an attempt may take, 1m at most")] = Duration.parse("10s")
    attempts: Annotated[int, Field(ge=1, le=10, strict=True, description="How often it is tried at most (M5)")] = 5
    as_: Annotated[ContextName | None, Field(alias="as", description="The answer becomes `context.<as>`")] = None
    take: Annotated[
        Mapping[ContextName, Pointer],
        Field(max_length=20, description="Parts of the JSON answer, each under its name; null where it has none"),
    ] = Field(default_factory=dict)
    on: Annotated[
        Mapping[Status, Target],
        Field(description="Where a status leads; one that stands here by itself is never tried again"),
    ] = Field(default_factory=dict)
    on_error: Annotated[
        OnTimeout, Field(description="No answer, or none that is good: `continue`, `exit` or a step (M5)")
    ] = "continue"

    @field_validator("url")
    @classmethod
    def _host_is_written_out(cls, url: str | None) -> str | None:
        if url is not None and _HEAD.match(url) is None:
            message = "this URL does not begin with https:// and a host that is written out; templates go behind it"
            raise PydanticCustomError("call_url", message)
        return url

    @field_validator("path")
    @classmethod
    def _path_begins_with_a_slash(cls, path: str | None) -> str | None:
        if path is not None and not path.startswith("/"):
            message = "this path does not begin with a slash; write it as `/v2/leads`, templates go behind it"
            raise PydanticCustomError("call_path", message)
        return path

    @field_validator("headers")
    @classmethod
    def _headers_may_be_set(cls, headers: Mapping[str, str]) -> Mapping[str, str]:
        for name in headers:
            if name.lower() == "authorization":
                raise PydanticCustomError("call_header", "a secret has no place in a document; write `auth` instead")
            if not _HEADER.fullmatch(name) or name.lower() in _OWN_HEADERS:
                message = "the header `{name}` cannot be set; take it out"
                raise PydanticCustomError("call_header", message, {"name": name})
        return headers

    @field_validator("timeout")
    @classmethod
    def _not_too_long(cls, timeout: Duration) -> Duration:
        if not timedelta(seconds=1) <= timeout.timedelta <= LONGEST:
            raise PydanticCustomError(
                "call_timeout", "a call may take from 1s to 1m; write `timeout: 10s`, for example"
            )
        return timeout

    @model_validator(mode="after")
    def _get_has_no_body(self) -> Self:
        if self.method == "GET" and self.body is not None:
            raise PydanticCustomError("get_body", "a GET has no body; write `method: POST`, or take `body` out")
        return self

    @model_validator(mode="after")
    def _one_way_there(self) -> Self:
        if (self.url is None) == (self.connection is None):
            message = "this says nowhere or twice where to call; write either `url` or `connection`"
            raise PydanticCustomError("call_target", message)
        if self.connection is not None and self.auth is not None:
            raise PydanticCustomError("call_target", "a connection signs in by itself; take `auth` out")
        if self.path is not None and self.connection is None:
            raise PydanticCustomError("call_target", "`path` goes behind a connection; write all of it in `url`")
        if self.as_ is not None and self.as_ in self.take:
            message = "`as` and `take` both make `context.{name}`; choose another name for one"
            raise PydanticCustomError("call_take", message, {"name": self.as_})
        return self

    @property
    def host(self) -> str:
        """The scheme, host and port, as they are written; nothing where a connection says them."""
        found = _HEAD.match(self.url or "")
        return found[0] if found is not None else ""


class CallStep(StepPart):
    """Calls, whatever comes of it goes on."""

    kind: ClassVar[str] = "call"
    call: Call

    @property
    def outside(self) -> str:
        return CALLS

    @property
    def leads(self) -> tuple[Lead, ...]:
        answers = tuple(Lead(("call", "on", status), target) for status, target in self.call.on.items())
        return (*super().leads, *answers, Lead(("call", "on_error"), self.call.on_error))
