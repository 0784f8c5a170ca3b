"""`audience`: into an ad audience, or out of it."""

from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from journeyman.language.document import KEY, Part, StepPart

AudienceKey = Annotated[str, Field(pattern=KEY, description="The audience, as the workspace calls it")]


class Audience(Part):
    """One of the two."""

    add: Annotated[AudienceKey | None, Field(description="The audience to add to")] = None
    remove: Annotated[AudienceKey | None, Field(description="The audience to take from")] = None

    @model_validator(mode="after")
    def _one_of_the_two(self) -> Self:
        if (self.add is None) == (self.remove is None):
            message = "this is no move, or two; write `add` or `remove` with the audience's key"
            raise PydanticCustomError("audience", message)
        return self

    @property
    def key(self) -> str:
        return self.add or self.remove or ""


class AudienceStep(StepPart):
    """Notes the change for the ad network, which learns of it afterwards, and goes on."""

    kind: ClassVar[str] = "audience"
    audience: Audience
