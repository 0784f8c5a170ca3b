"""Every setting of a Journeyman process, read from `JOURNEYMAN_*` environment variables."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Typed settings. Secrets are `SecretStr`, so that neither a log nor `journeyman settings` shows them."""

    model_config = SettingsConfigDict(env_prefix="JOURNEYMAN_", extra="ignore")

    database_url: Annotated[
        str,
        Field(description="`sqlite+aiosqlite:///PATH` or `postgresql+asyncpg://USER:PASSWORD@HOST/NAME`"),
    ] = "sqlite+aiosqlite:///.journeyman/journeyman.db"
    temporal_address: Annotated[str, Field(description="host:port of the Temporal frontend")] = "127.0.0.1:7233"
    temporal_namespace: Annotated[str, Field(description="Temporal namespace that holds the runs")] = "default"
    temporal_api_key: Annotated[SecretStr | None, Field(description="API key of Temporal Cloud; implies TLS")] = None
    temporal_tls: Annotated[bool, Field(description="Connect to Temporal with TLS")] = False
    temporal_ui_url: Annotated[str, Field(description="Address of the Temporal UI, for links")] = (
        "http://127.0.0.1:8233"
    )
    task_queue: Annotated[str, Field(description="Task queue of workflows and decisions; channels add their name")] = (
        "journeyman"
    )
    searchable_steps: Annotated[
        bool,
        Field(
            description="Keep the search attribute JourneyStep up to date at every wait, so that the Temporal UI finds "
            "runs by their step; costs an event and a billable action a wait"
        ),
    ] = False
    public_url: Annotated[str, Field(description="Address under which customers reach the API, for links in mail")] = (
        "http://127.0.0.1:8080"
    )
    secret_key: Annotated[
        SecretStr | None, Field(description="Signs tracking and unsubscribe links; at least 32 characters")
    ] = None
    suppression_key: Annotated[
        SecretStr | None,
        Field(description="Keys the digests of suppressed addresses; default: the secret key. Never change it"),
    ] = None
    double_opt_in: Annotated[
        bool, Field(description="Whether a yes to e-mail that the API is told has to be confirmed by a link in a mail")
    ] = False
    smtp_url: Annotated[
        SecretStr, Field(description="`smtp://`, `smtp+starttls://` or `smtps://USER:PASSWORD@HOST:PORT`")
    ] = SecretStr("smtp://127.0.0.1:1025")
    smtp_connections: Annotated[int, Field(ge=1, le=100, description="Pooled SMTP connections per worker")] = 8
    mail_from: Annotated[str, Field(description="From address of e-mail: `Name <address>` or an address")] = (
        "Journeyman <hello@journeyman.example>"
    )
    providers_file: Annotated[
        Path | None,
        Field(description="A YAML file with the providers of every channel; without one e-mail alone is sent, by SMTP"),
    ] = None
    visitor_secret: Annotated[
        SecretStr | None,
        Field(
            min_length=32,
            description="What the shop's back end signs its visitors' tokens with (JWT, HS256): in-app messages and "
            "content of somebody who is signed in are only shown for one",
        ),
    ] = None
    visitor_trust: Annotated[
        bool, Field(description="Take pages at their word who a visitor is: where nothing shown there is private")
    ] = False
    mailbox_url: Annotated[str | None, Field(description="Address of the local mailbox page, for `doctor`")] = None
    time_zone: Annotated[str, Field(description="The workspace's IANA time zone, a rung of the time-zone ladder")] = (
        "UTC"
    )
    language: Annotated[
        str | None,
        Field(
            pattern="^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}$",
            description="The workspace's language (BCP 47): templates speak it to who reads none that they have; "
            "default: each template's own",
        ),
    ] = None
    identity_merge_kinds: Annotated[
        str,
        Field(
            pattern="^((email|phone|device|ext)(,(email|phone|device|ext))*)?$",
            description="Identifiers beside the anonymous id that merge profiles: some of email, phone, device, ext",
        ),
    ] = "email,phone,ext"
    identity_shared_limit: Annotated[
        int,
        Field(ge=1, le=100, description="An identifier that more people hold than this is shared, and merges nobody"),
    ] = 3
    intake_partitions: Annotated[
        int | None,
        Field(
            ge=1,
            le=64,
            description="How many intake partitions share the customers between them; by default 1 on SQLite and 2 on "
            "PostgreSQL, where one decides while the other writes",
        ),
    ] = None
    intake_batch: Annotated[int, Field(ge=1, le=2000, description="Events decided in one transaction")] = 1000
    inbox_limit: Annotated[int, Field(ge=1, description="Events waiting for intake above which ingest answers 429")] = (
        1_000_000
    )
    low_stock_threshold: Annotated[
        int, Field(ge=0, description="At this stock a product without a threshold of its own is low; 0: never")
    ] = 5
    workflow_cache: Annotated[int, Field(ge=100, description="Runs that a worker keeps in memory between events")] = (
        20_000
    )
    admin_key: Annotated[SecretStr | None, Field(description="First admin key, taken up at start")] = None
    ingest_key: Annotated[SecretStr | None, Field(description="First ingest key, taken up at start")] = None
    shopify_webhook_secret: Annotated[
        SecretStr | None, Field(description="Signs Shopify's webhooks; without it they are not taken")
    ] = None
    woocommerce_webhook_secret: Annotated[
        SecretStr | None, Field(description="Signs WooCommerce's webhooks; without it they are not taken")
    ] = None
    stripe_webhook_secret: Annotated[
        SecretStr | None, Field(description="Signs Stripe's webhooks (`whsec_…`); without it they are not taken")
    ] = None
    shop_currency: Annotated[
        str | None,
        Field(pattern="^[A-Z]{3}$", description="ISO 4217 code of what a shop counts in whose products do not say it"),
    ] = None
    webhook_private_addresses: Annotated[
        bool,
        Field(
            description="Whether segments may be pushed to addresses that are not public, and without TLS: for a "
            "receiver in the same house. Whoever may set a webhook can then have this machine call its neighbours"
        ),
    ] = False
    call_secrets: Annotated[
        SecretStr | None,
        Field(description='Secrets that `call` steps name, as a JSON object: `{"crm-token": "…"}`'),
    ] = None
    call_secrets_file: Annotated[
        Path | None, Field(description="A file with the same, for those that are mounted; the variable comes first")
    ] = None
    call_private_addresses: Annotated[
        bool,
        Field(
            description="Whether `call` steps may call addresses that are not public, and without TLS. Whoever may "
            "publish a journey can then have this machine call its neighbours"
        ),
    ] = False
    ai_url: Annotated[
        str, Field(pattern="^https?://", description="An endpoint of OpenAI's Chat Completions, for proposals of copy")
    ] = "https://api.openai.com/v1"
    ai_key: Annotated[SecretStr | None, Field(description="Its key; without one no copy is proposed")] = None
    ai_model: Annotated[str | None, Field(description="The model that writes; without one no copy is proposed")] = None
    ai_timeout: Annotated[
        float, Field(ge=1, le=600, description="Seconds that a question to the model may take, with all tries of it")
    ] = 60
    engine: Annotated[
        str, Field(description="module:attribute that connects the journey engine; the product names no engine itself")
    ] = "workflows.runner:connect"

    def without_secrets(self) -> dict[str, Any]:
        """Every setting by its environment name; secrets only as set or not set."""
        shown: dict[str, Any] = {}
        for name, value in self:
            shown[f"JOURNEYMAN_{name.upper()}"] = "(set)" if isinstance(value, SecretStr) else value
        shown["JOURNEYMAN_DATABASE_URL"] = _without_password(self.database_url)
        return shown

    @property
    def partitions(self) -> int:
        """How many partitions intake has on this database."""
        return self.intake_partitions or (1 if self.database_url.startswith("sqlite") else 2)

    @property
    def sqlite_file(self) -> Path | None:
        """The database file where the database is SQLite."""
        marker = ":///"
        if not self.database_url.startswith("sqlite"):
            return None
        return Path(self.database_url.split(marker, 1)[1])


def _without_password(url: str) -> str:
    head, at, tail = url.rpartition("@")
    if not at or ":" not in head.split("//", 1)[-1]:
        return url
    return f"{head.rsplit(':', 1)[0]}:***@{tail}"
