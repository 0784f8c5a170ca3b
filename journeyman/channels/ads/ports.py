"""What the journeys ask of an ad network: people in and out of an audience, by hashes alone."""

from collections.abc import Mapping, Sequence
from typing import Protocol

Keys = Mapping[str, str]
"""By what somebody is known to a network: `email` and `phone`, each the SHA-256 in hex of what the network demands."""


class AudienceNetwork(Protocol):
    """One audience of one ad network. Everything may be told twice and takes effect once."""

    network: str
    limit: int
    """So many people at most in one request."""

    def keys(self, email: str | None, phone: str | None) -> Keys:
        """The keys of an address in the form that identifiers have, and of a number in E.164; none without either."""
        ...

    async def change(self, people: Sequence[Keys], *, is_in: bool) -> Mapping[int, str]:
        """Put people into the audience, or take them out; returns why some were refused, by their position.

        Raises the errors of `journeyman.channels.errors` where none were taken, or nobody knows.
        """
        ...

    async def check(self) -> None:
        """Raises `RejectedError` for wrong credentials or a wrong audience, `TemporaryError` where nobody answers."""
        ...

    async def close(self) -> None:
        """Close what is open."""
        ...
