"""What an operator says of an audience of an ad network."""

from abc import ABC, abstractmethod
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from journeyman.channels.ads.ports import AudienceNetwork
from journeyman.kit.clock import Clock


class AudienceSettings(BaseModel, ABC):
    """One audience; each kind has a `network`, a `Literal` with its name. Secrets are `SecretStr`."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    segment: Annotated[
        str | None, Field(pattern="^[a-z0-9][a-z0-9-]{0,62}$", description="Who is in this segment is in the audience")
    ] = None

    @abstractmethod
    def open(self, clock: Clock) -> AudienceNetwork:
        """What speaks to the network."""
