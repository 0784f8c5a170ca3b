"""What proposals ask of a model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a conversation with a model."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class Completion:
    """What a model answered, which model it says it is, and how many tokens it counted for both sides."""

    text: str
    model: str
    tokens: int = 0


class Writer(Protocol):
    """A model behind an endpoint."""

    model: str

    async def complete(self, said: Sequence[Said], schema: Mapping[str, Any]) -> Completion:
        """The model's answer, as JSON that `schema` describes as far as the endpoint sees to that.

        Raises `EndpointError` and `EndpointBusyError`.
        """
        ...

    async def close(self) -> None: ...
