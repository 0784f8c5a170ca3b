"""What an operator says of webhooks of any system: how each is proven genuine, and how it becomes an event."""

from functools import lru_cache
from typing import Annotated, Any, Literal, Self

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.parser import ParsedResult
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

VARIABLE = r"^JOURNEYMAN_HOOK_[A-Z0-9_]{1,80}$"
"""No other variable can be named: a hook is no way to learn of another secret."""


@lru_cache(1000)
def compiled(expression: str) -> ParsedResult:
    """Raises `JMESPathError`."""
    return jmespath.compile(expression)


def _check(expression: str) -> str:
    try:
        compiled(expression)
    except JMESPathError as error:
        reason = str(error).splitlines()[0]
        raise PydanticCustomError("jmespath", "this is no JMESPath expression: {reason}", {"reason": reason}) from None
    return expression


Expression = Annotated[
    str,
    AfterValidator(_check),
    Field(
        min_length=1,
        max_length=2000,
        description="JMESPath over `{body, headers}`; a constant is written `'Order Paid'`",
        examples=["body.order.id"],
    ),
]
Way = Literal["standard_webhooks", "hmac", "stripe", "zendesk", "bearer"]


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Verification(_Document):
    """How a webhook is proven to come from whom it says."""

    way: Annotated[Way, Field(description="`hmac` is HMAC-SHA256 of the body in a header")]
    secret: Annotated[str, Field(pattern=VARIABLE, description="The variable of the environment that holds it")]
    header: Annotated[str | None, Field(pattern="^[A-Za-z0-9-]{1,100}$", description="With `hmac`")] = None
    encoding: Annotated[Literal["hex", "base64"], Field(description="With `hmac`")] = "hex"
    prefix: Annotated[str, Field(max_length=20, description="With `hmac`: what stands before, as `sha256=`")] = ""

    @model_validator(mode="after")
    def _names_its_header(self) -> Self:
        if (self.way == "hmac") != (self.header is not None):
            raise PydanticCustomError("header", "`header` belongs to the way `hmac`, and to no other")
        return self


class Mapping(_Document):
    """Where an event's parts stand in a webhook."""

    when: Annotated[Expression | None, Field(description="Only where this is true; others are passed over")] = None
    event: Expression
    user_id: Expression | None = None
    anonymous_id: Expression | None = None
    email: Annotated[Expression | None, Field(description="Names the customer where nothing else does")] = None
    properties: Annotated[Expression | None, Field(description="An object")] = None
    message_id: Annotated[Expression | None, Field(description="Default: a digest of the body")] = None
    timestamp: Annotated[Expression | None, Field(description="ISO 8601, or Unix time in s or ms")] = None


class HookSettings(_Document):
    """A hook as it is written."""

    name: Annotated[str, Field(max_length=200)] = ""
    verify: Verification
    map: Mapping


PRESETS: dict[str, dict[str, Any]] = {
    "shopify": {
        "verify": {"way": "hmac", "header": "X-Shopify-Hmac-Sha256", "encoding": "base64"},
        "map": {
            "event": "join(' ', ['Shopify', headers.\"x-shopify-topic\"])",
            "email": "body.email || body.customer.email",
            "properties": "body.{id: id, name: name, total: total_price, currency: currency}",
            "message_id": 'headers."x-shopify-event-id"',
            "timestamp": 'headers."x-shopify-triggered-at"',
        },
    },
    "stripe": {
        "verify": {"way": "stripe"},
        "map": {
            "event": "join(' ', ['Stripe', body.type])",
            "email": "body.data.object | (customer_email || customer_details.email || receipt_email || email)",
            "properties": "body.data.object.{id: id, status: status, amount: amount, currency: currency}",
            "message_id": "body.id",
            "timestamp": "body.created",
        },
    },
    "zendesk": {
        "verify": {"way": "zendesk"},
        "map": {
            "event": "join(' ', ['Zendesk', body.type])",
            "email": "body.detail.email || body.detail.requester.email",
            "properties": "body.detail",
            "message_id": "body.id",
            "timestamp": "body.time",
        },
    },
    "typeform": {
        "verify": {"way": "hmac", "header": "Typeform-Signature", "encoding": "base64", "prefix": "sha256="},
        "map": {
            "when": "body.event_type == 'form_response'",
            "event": "'Form Submitted'",
            "user_id": "body.form_response.hidden.user_id",
            "email": "body.form_response.hidden.email || (body.form_response.answers[?type=='email'].email | [0])",
            "properties": "body.form_response.{form: form_id, score: calculated.score, answers: answers}",
            "message_id": "body.event_id",
            "timestamp": "body.form_response.submitted_at",
        },
    },
}
"""What these systems' documentation says of signature, id and time; of the event it is a beginning."""


class HookDocument(_Document):
    """A hook as it is written: whole, or from a preset, of which `map` replaces what it names."""

    name: Annotated[str, Field(max_length=200)] = ""
    preset: Annotated[Literal["shopify", "stripe", "zendesk", "typeform"] | None, Field(examples=["typeform"])] = None
    secret: Annotated[str | None, Field(pattern=VARIABLE, description="With `preset`: as in `verify`")] = None
    verify: Verification | None = None
    map: dict[str, Expression] = Field(default_factory=dict, description="As in the hook that is shown")

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.preset is None) == (self.verify is None) or (self.preset is None) != (self.secret is None):
            message = "this is no hook; write `preset` and `secret`, or `verify` and `map`"
            raise PydanticCustomError("hook", message)
        if unknown := next((name for name in self.map if name not in Mapping.model_fields), None):
            raise PydanticCustomError("hook", "`map` knows no `{name}`", {"name": unknown})
        if self.preset is None and "event" not in self.map:
            raise PydanticCustomError("hook", "`map` lacks `event`; add it")
        return self

    @property
    def settings(self) -> HookSettings:
        """The hook, whole."""
        if self.verify is not None:
            return HookSettings(name=self.name, verify=self.verify, map=Mapping.model_validate(self.map))
        known = PRESETS[self.preset or ""]
        verify = Verification.model_validate({**known["verify"], "secret": self.secret})
        return HookSettings(name=self.name, verify=verify, map=Mapping.model_validate({**known["map"], **self.map}))
