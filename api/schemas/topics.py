"""Topics, as customers subscribe to them."""

from datetime import datetime

from pydantic import ConfigDict

from journeyman.customers.consents.topic import TopicSettings


class KeptTopic(TopicSettings):
    """A topic as it stands."""

    model_config = ConfigDict(frozen=False, extra="ignore", from_attributes=True)

    key: str
    updated_at: datetime
