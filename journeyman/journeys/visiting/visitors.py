"""Who it is that a page or an app of the shop asks for.

Its key is public, and so is the call that says who somebody is: anybody may claim to be anybody. So who has a user id
is only spoken of to whoever brings a token that the shop's own back end has signed; who has none is known by the id
that her browser made up, which nobody else has.
"""

from dataclasses import dataclass
from typing import Final

import jwt
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers.identifiers import ANONYMOUS_ID, USER_ID
from journeyman.customers.identities import repository as identities
from journeyman.kit.errors import DomainError

ALGORITHMS: Final = ("HS256",)
SIGNED_IN: Final = "the visitor is signed in: send a token that the shop has signed, with the user id as `sub`"
LEEWAY: Final = 60
"""Seconds by which the clocks of the shop and of this machine may differ."""


class UnprovenError(DomainError):
    """Nobody is told anything: the visitor has a user id, and no token says that it is hers."""

    code = "unproven"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is there, as the page says: the browser's own id, and the token of somebody who is signed in."""

    anonymous_id: str | None = None
    token: str | None = None


class Visitors:
    """Finds the customer. `secret` is what the shop's back end signs with; `trusts` takes pages at their word."""

    def __init__(self, secret: str | None, *, trusts: bool = False) -> None:
        self.secret = secret
        self.trusts = trusts

    async def customer(self, connection: AsyncConnection, visitor: Visitor) -> str | None:
        """The customer's id; None where nobody has heard of her yet.

        Raises `UnprovenError` for a token that does not hold, and for somebody with a user id who brings none.
        """
        if visitor.token is not None:
            return await identities.holder(connection, USER_ID, self._subject(visitor.token))
        if visitor.anonymous_id is None:
            return None
        customer_id = await identities.holder(connection, ANONYMOUS_ID, visitor.anonymous_id)
        if customer_id is None or self.trusts:
            return customer_id
        if await identities.has_kind(connection, customer_id, USER_ID):
            raise UnprovenError(
                "the visitor is signed in: send a token that the shop has signed, with the user id as `sub`"
            )
        return customer_id

    def _subject(self, token: str) -> str:
        if self.secret is None:
            raise UnprovenError("tokens cannot be checked: set JOURNEYMAN_VISITOR_SECRET")
        try:
            claims = jwt.decode(
                token, self.secret, algorithms=[*ALGORITHMS], leeway=LEEWAY, options={"require": ["sub", "exp"]}
            )
        except jwt.PyJWTError as error:
            raise UnprovenError(f"the token does not hold: {error}") from error
        return str(claims["sub"])
