"""The network as webhooks may use it: an address inside the house is no place to send somebody's data to.

Whoever may write a webhook's URL could otherwise have this machine call what only it can reach (OWASP, server-side
request forgery). The name is looked up once, and the connection goes to the address that was looked at: a name that
is answered differently the next time leads nowhere else.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any, cast
from urllib.parse import urlsplit

import httpcore

Address = IPv4Address | IPv6Address
NAT64 = IPv6Network("64:ff9b::/96")
"""IPv4 addresses as a translator shows them (RFC 6052)."""
UNICAST = IPv6Network("2000::/3")
"""All of IPv6 that has been given out to the internet at large (IANA, IPv6 address space)."""
NOT_PUBLIC = (
    IPv4Network("192.88.99.0/24"),  # what 6to4 relays were reached by (RFC 7526)
    IPv6Network("2001::/32"),  # Teredo (RFC 4380), which holds an IPv4 address of both ends
    IPv6Network("2002::/16"),  # 6to4 (RFC 3056), likewise
    IPv6Network("3fff::/20"),  # documentation (RFC 9637)
)
"""What Python calls global, or does in some of its versions, and leads to nowhere or to somewhere else."""
ISATAP = frozenset({0x00005EFE, 0x02005EFE})
"""The third quarter of addresses whose last one is an IPv4 address (RFC 5214)."""
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


async def look_up(host: str, port: int) -> Sequence[str]:
    """The addresses of a host, as this machine resolves names. Raises `OSError` and `UnicodeError`."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(place[0]) for *_, place in found]


class ForbiddenAddressError(httpcore.ConnectError):
    """A host has an address that is not public."""


class PublicNetwork(httpcore.AsyncNetworkBackend):
    """Connects to public addresses, and to others where `allows_private` says so."""

    def __init__(
        self,
        *,
        allows_private: bool,
        resolve: Resolve = look_up,
        inner: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        self._allows_private = allows_private
        self._resolve = resolve
        self._inner = inner or cast("httpcore.AsyncNetworkBackend", httpcore.AnyIOBackend())

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the name that httpcore calls it by
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Raises `ForbiddenAddressError` where an address of the host is not public, and `httpcore.ConnectError`."""
        found = await self._addresses(host, port, timeout)
        if not self._allows_private and not all(is_public(one) for one in found):
            raise ForbiddenAddressError(f"{host} is not a public address")
        return await self._inner.connect_tcp(str(found[0]), port, timeout, local_address, socket_options)

    async def _addresses(self, host: str, port: int, seconds: float | None) -> list[Address]:
        try:
            async with asyncio.timeout(seconds):
                found = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{host} cannot be found: {error}") from error
        if not found:
            raise httpcore.ConnectError(f"{host} cannot be found")
        return [ip_address(one) for one in found]


def problem_of(url: str, *, allows_private: bool) -> str | None:
    """Why a URL is none that webhooks may be sent to. What a name leads to is looked at when it is called."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        return f"it is no URL: {error}"
    if parts.scheme not in ({"https", "http"} if allows_private else {"https"}):
        return "it does not begin with https://"
    if not host or not url.isascii() or not url.isprintable() or " " in url:
        return "it names no host, or has characters that a URL has to escape"
    if parts.username is not None or parts.password is not None:
        return "it holds a user name or a password"
    try:
        address = ip_address(host)
    except ValueError:
        return None
    return None if allows_private or is_public(address) else "its address is not public"


def is_public(address: Address) -> bool:
    """Whether an address is one of the internet at large; an IPv4 address inside an IPv6 one is judged as itself."""
    if any(address in network for network in NOT_PUBLIC):
        return False
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address in NAT64:
            return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
        is_isatap = int(address) >> 32 & 0xFFFFFFFF in ISATAP
        if address not in UNICAST or (is_isatap and not is_public(IPv4Address(int(address) & 0xFFFFFFFF))):
            return False
    return address.is_global and not address.is_multicast
