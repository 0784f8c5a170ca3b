"""Devices and browsers to which notifications go."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from journeyman.channels.devices.devices import TOKEN_LIMIT

Identity = Annotated[str, Field(min_length=1, max_length=512, pattern=r"^[^\x00]+$")]
Key = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{16,200}={0,2}$")]


class SubscriptionKeys(BaseModel):
    """The keys of a browser's subscription, base64url (RFC 8291)."""

    p256dh: Key
    auth: Key


class Subscription(BaseModel):
    """What `pushManager.subscribe` gives (W3C Push API)."""

    endpoint: Annotated[HttpUrl, Field(max_length=2000)]
    keys: SubscriptionKeys


class DeviceToTell(BaseModel):
    """A device and whose it is."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore")

    channel: Literal["push", "web_push"]
    token: Subscription | Annotated[str, Field(min_length=1, max_length=TOKEN_LIMIT, pattern=r"^[\x21-\x7e]+$")]
    user_id: Identity | None = None
    anonymous_id: Identity | None = None
    platform: Annotated[str | None, Field(pattern="^[a-z0-9_-]{1,32}$", examples=["ios"])] = None
    app: Annotated[str | None, Field(max_length=200, pattern=r"^[^\x00]*$", description="The app's bundle or name")] = (
        None
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.user_id is None and self.anonymous_id is None:
            raise PydanticCustomError("nobody", "send `userId` or `anonymousId`: the device has to be somebody's")
        if (self.channel == "web_push") is isinstance(self.token, str):
            raise PydanticCustomError("token", "`web_push` takes the browser's subscription, `push` a token as text")
        return self

    @property
    def spelled(self) -> str | dict[str, Any]:
        return self.token if isinstance(self.token, str) else self.token.model_dump(mode="json")


class DeviceKnown(BaseModel):
    """A device by its id."""

    id: str = Field(description="SHA-256 of channel and token")


class DeviceItem(BaseModel):
    """A device of a customer's; its token is not shown."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    channel: str
    platform: str | None
    app: str | None
    added_at: datetime
    seen_at: datetime


class PushOpened(BaseModel):
    """A notification that somebody pressed."""

    id: Annotated[str, Field(pattern="^msg_[0-9a-f]{32}$", description="The message's id, as the notification has it")]


class WebPushKey(BaseModel):
    """The key by which browsers know who may send them notifications (RFC 8292)."""

    key: str = Field(description="The public key, base64url without padding")
