"""Which providers a workspace has: a file that stands in git, whose secrets come from the environment.

providers:
texts: {provider: twilio, account: AC…, token: ${TWILIO_TOKEN}, sender: "+15005550006"}
reserve: {provider: smpp, …}
routes:
sms: [texts, reserve]
topics:
transactional: {sms: [reserve, texts]}
queues:
sms: {per_second: 50}
connections:
crm: {url: "https://crm.example", bearer: ${CRM_TOKEN}}
audiences:
left-carts: {network: meta, audience: "23850000000000000", token: ${META_TOKEN}}
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from journeyman.channels.ads.google import GoogleSettings
from journeyman.channels.ads.linkedin import LinkedInSettings
from journeyman.channels.ads.meta import MetaSettings
from journeyman.channels.ads.tiktok import TikTokSettings
from journeyman.channels.connections.settings import Connection
from journeyman.channels.notices.settings import NoticeTarget
from journeyman.channels.ports import Callbacks
from journeyman.channels.provider_settings import MailProviderSettings, ProviderSettings
from journeyman.channels.providers.apns.settings import ApnsSettings
from journeyman.channels.providers.fcm.settings import FcmSettings
from journeyman.channels.providers.line.settings import LineSettings
from journeyman.channels.providers.mailgun.settings import MailgunSettings
from journeyman.channels.providers.messagebird.settings import MessageBirdSettings
from journeyman.channels.providers.messenger.settings import MessengerSettings
from journeyman.channels.providers.postmark.settings import PostmarkSettings
from journeyman.channels.providers.resend.settings import ResendSettings
from journeyman.channels.providers.sendgrid.settings import SendGridSettings
from journeyman.channels.providers.ses.settings import SesSettings
from journeyman.channels.providers.smpp.settings import SmppSettings
from journeyman.channels.providers.smtp.settings import SmtpSettings
from journeyman.channels.providers.telegram.settings import TelegramSettings
from journeyman.channels.providers.twilio.settings import TwilioSettings
from journeyman.channels.providers.viber.settings import ViberSettings
from journeyman.channels.providers.vonage.settings import VonageSettings
from journeyman.channels.providers.web_push.settings import WebPushSettings
from journeyman.channels.providers.whatsapp.settings import WhatsAppSettings
from journeyman.channels.queues import UNLIMITED, ChannelQueue
from journeyman.channels.routing import Provider, Route
from journeyman.channels.warming.ramp import WarmUp
from journeyman.kit.clock import Clock
from journeyman.language.channels import SENDING

Name = Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]{0,62}$")]
AnyProvider = Annotated[
    ApnsSettings
    | FcmSettings
    | LineSettings
    | MailgunSettings
    | MessageBirdSettings
    | MessengerSettings
    | PostmarkSettings
    | ResendSettings
    | SendGridSettings
    | SesSettings
    | SmppSettings
    | SmtpSettings
    | TelegramSettings
    | TwilioSettings
    | ViberSettings
    | VonageSettings
    | WebPushSettings
    | WhatsAppSettings,
    Field(discriminator="provider"),
]
"""Every provider that there is."""
AnyAudience = Annotated[
    GoogleSettings | LinkedInSettings | MetaSettings | TikTokSettings, Field(discriminator="network")
]
"""Every ad network that there is."""
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class Providers(BaseModel):
    """The providers by the names that the operator gives them, and the order in which each channel asks them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    providers: Mapping[Name, AnyProvider] = Field(default_factory=dict)
    routes: Annotated[
        Mapping[str, tuple[Name, ...]], Field(description="By channel; default: all of the channel, as they stand")
    ] = Field(default_factory=dict)
    topics: Annotated[
        Mapping[str, Mapping[str, tuple[Name, ...]]], Field(description="Other orders for some topics, by channel")
    ] = Field(default_factory=dict)

    queues: Annotated[
        Mapping[str, ChannelQueue], Field(description="How fast channels may go; each has a task queue of its own")
    ] = Field(default_factory=dict)

    connections: Annotated[
        Mapping[Name, Connection], Field(description="Systems that `call` steps name, with their credentials")
    ] = Field(default_factory=dict)

    audiences: Annotated[
        Mapping[Name, AnyAudience], Field(description="Audiences of ad networks, by the names that journeys give them")
    ] = Field(default_factory=dict)

    notices: Annotated[
        Mapping[Name, NoticeTarget], Field(description="Whom of the team to tell what, by names of your own")
    ] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _routes_lead_somewhere(self) -> Self:
        if not self.model_fields_set & {"providers", "connections", "audiences", "notices"}:
            message = "there are neither `providers` nor `connections`, `audiences` or `notices`; name one"
            raise PydanticCustomError("nothing", message)
        for orders in (self.routes, *self.topics.values()):
            for channel, names in orders.items():
                self._check(channel, names)
        served = set(self.channels.values())
        if stray := next((channel for channel in self.queues if channel not in served), None):
            raise PydanticCustomError("queue", "`{channel}` has a queue and no provider", {"channel": stray})
        return self

    def _check(self, channel: str, names: tuple[str, ...]) -> None:
        if channel not in SENDING:
            known = {"channel": channel, "channels": ", ".join(SENDING)}
            raise PydanticCustomError("channel", "there is no channel `{channel}`; there are: {channels}", known)
        for name in names:
            if name not in self.providers or self.settings(name).channel != channel:
                known = {"channel": channel, "name": name}
                raise PydanticCustomError("route", "`{name}` is no provider of `{channel}`; name those under it", known)
        if not names:
            raise PydanticCustomError("route", "the route of `{channel}` names no provider", {"channel": channel})

    def settings(self, name: str) -> ProviderSettings:
        return self.providers[name]

    def routes_of(self, clock: Clock, public_url: str) -> dict[str, Route]:
        """The providers of each channel, ready to send. Raises `ValueError` for what cannot be used."""
        found: dict[str, Route] = {}
        for channel in dict.fromkeys(self.settings(name).channel for name in self.providers):
            its = [name for name in self.providers if self.settings(name).channel == channel]
            order = list(dict.fromkeys((*self.routes.get(channel, its), *self._named_by_topics(channel))))
            made = [self._provider(name, clock, public_url) for name in order]
            others = {topic: orders[channel] for topic, orders in self.topics.items() if channel in orders}
            found[channel] = Route(made, clock, {**others}, self.routes.get(channel, its))
        return found

    def _provider(self, name: str, clock: Clock, public_url: str) -> Provider:
        sender = self.settings(name).sender_of(clock, callback_url(public_url, name))
        return Provider(name, sender, warm_up=self.ramps.get(name))

    @property
    def ramps(self) -> dict[str, WarmUp]:
        """The providers that are new, with how they grow."""
        mail = {name: one for name, one in self.providers.items() if isinstance(one, MailProviderSettings)}
        return {name: one.warm_up for name, one in mail.items() if one.warm_up is not None}

    def lanes(self) -> dict[str, ChannelQueue]:
        """The channels of the file, each with its task queue: one that is slow holds up no other."""
        return {channel: self.queues.get(channel, UNLIMITED) for channel in dict.fromkeys(self.channels.values())}

    def _named_by_topics(self, channel: str) -> list[str]:
        return [name for orders in self.topics.values() for name in orders.get(channel, ())]

    @property
    def channels(self) -> dict[str, str]:
        """The channel of each provider."""
        return {name: self.settings(name).channel for name in self.providers}

    @property
    def web_push_key(self) -> str | None:
        """The public key that browsers are given, of the first provider of web push; None where there is none."""
        return next((one.public_key for one in self.providers.values() if isinstance(one, WebPushSettings)), None)

    def callbacks(self) -> dict[str, Callbacks]:
        """What reads the callbacks, by provider; those that cannot be verified are not there."""
        read = {name: self.settings(name).callbacks() for name in self.providers}
        return {name: reader for name, reader in read.items() if reader is not None}


def callback_url(public_url: str, name: str) -> str:
    """Where a provider tells what became of messages."""
    return f"{public_url.rstrip('/')}/v1/callbacks/{name}"


def read_providers(file: Path, environment: Mapping[str, str]) -> Providers:
    """The file's providers. Raises `ValueError`, which names the place, what is wrong there, and never a secret."""
    try:
        document = yaml.safe_load(file.read_text())
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ValueError(f"{file} cannot be read: {error}") from error
    try:
        return Providers.model_validate(_filled(document, environment, file))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = "/".join(str(part) for part in first["loc"])
        raise ValueError(f"{file}: {place or 'the file'}: {first['msg']}") from None


def lanes_of(file: Path | None) -> dict[str, ChannelQueue]:
    """The channels that have a task queue of their own: those of the file. Raises `ValueError` as `read_providers`."""
    return read_providers(file, os.environ).lanes() if file is not None else {}


def _filled(value: Any, environment: Mapping[str, str], file: Path) -> Any:  # noqa: ANN401 - any YAML value
    """The same with what `${NAME}` stands for."""
    if isinstance(value, Mapping):
        return {key: _filled(one, environment, file) for key, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, environment, file) for one in value]
    if not isinstance(value, str):
        return value
    missing = [name for name in _VARIABLE.findall(value) if name not in environment]
    if missing:
        raise ValueError(f"{file}: the environment has no {missing[0]}")
    return _VARIABLE.sub(lambda found: environment[found.group(1)], value)
