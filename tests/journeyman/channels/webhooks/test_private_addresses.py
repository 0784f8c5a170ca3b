"""No call leads into the house: by no form of an address, by no name, redirect, change of the DNS, or proxy.

Names are resolved by the machine's resolver or by one of the test's own, and what is connected to is on record.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any

import httpcore
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeyman.channels.connections.calling import ConnectedCalls
from journeyman.channels.connections.settings import Connection
from journeyman.channels.webhooks.calling import HttpCalls, HttpRequest, NoAnswerError
from journeyman.channels.webhooks.errors import WebhookRefusedError
from journeyman.channels.webhooks.network import PublicNetwork, is_public, look_up, problem_of
from journeyman.channels.webhooks.posting import WebhookPost
from journeyman.channels.webhooks.signatures import secret_of
from journeyman.kit.clock import FixedClock
from tests.builders import NOON
from tests.parts.other_system import OtherSystem, says

PUBLIC = "93.184.216.34"
INSIDE_V4 = [
    *("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "0.0.0.0/8"),
    *("192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "192.88.99.0/24", "224.0.0.0/3"),
]
"""IANA's special-purpose registry of IPv4, as far as it is not of the internet at large."""
INSIDE_V6 = [
    *("::/96", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8", "100::/64", "2001:db8::/32", "3fff::/20", "5f00::/16"),
    *("2001::/32", "2002::/16", "64:ff9b:1::/48", "::ffff:0:0:0/96", "fd00:ec2::254/128", "4000::/2", "8000::/1"),
]
FORMS: list[Callable[[int], int]] = [
    lambda v4: 0xFFFF << 32 | v4,
    lambda v4: 0x64FF9B << 96 | v4,
    lambda v4: v4,
    lambda v4: 0xFFFF << 48 | v4,
    lambda v4: 0x2002 << 112 | v4 << 80 | 1,
    lambda v4: 0x20010000 << 96 | 0x5DB8D822 << 64 | v4 ^ 0xFFFFFFFF,
    lambda v4: 0x20010000 << 96 | v4 << 64 | 0x5DB8D822 ^ 0xFFFFFFFF,
    lambda v4: 0x0064FF9B0001 << 80 | v4,
    lambda v4: 0x2606470000000000 << 64 | 0x00005EFE << 32 | v4,
    lambda v4: 0xFE80 << 112 | 0x02005EFE << 32 | v4,
]
"""How IPv6 holds an IPv4 address: mapped, NAT64, compatible, translated, 6to4, Teredo, local NAT64, ISATAP."""


def within(networks: Iterable[str]) -> st.SearchStrategy[int]:
    ranges = [IPv4Network(one) if "." in one else IPv6Network(one) for one in networks]
    return st.one_of([st.integers(int(one.network_address), int(one.broadcast_address)) for one in ranges])


@given(within(INSIDE_V4))
def test_no_address_inside_is_public_in_any_form(number: int) -> None:
    assert not is_public(IPv4Address(number))
    for form in FORMS:
        assert not is_public(IPv6Address(form(number))), IPv6Address(form(number))


@given(within(INSIDE_V6))
def test_no_special_address_of_ipv6_is_public(number: int) -> None:
    assert not is_public(IPv6Address(number))


@pytest.mark.parametrize("address", [PUBLIC, "8.8.8.8", "2606:4700::1111", f"::ffff:{PUBLIC}", f"64:ff9b::{PUBLIC}"])
def test_the_internet_at_large_is_public(address: str) -> None:
    assert is_public(ip_address(address))


class Internet(httpcore.AsyncNetworkBackend):
    """The network outside, which answers nobody; which addresses were asked for is on record."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def connect_tcp(self, host: str, port: int, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        self.asked.append(f"{host}:{port}")
        raise httpcore.ConnectError("nobody is there")


class Resolver:
    """Answers with each list in turn, and with the last one for ever."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, host: str, _port: int) -> list[str]:
        self.asked.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
async def house() -> AsyncIterator[OtherSystem]:
    """A server inside, which nobody is to reach."""
    async with OtherSystem() as opened:
        yield opened
        assert opened.calls == []


class Callers:
    """Everything of the product that calls where somebody else may say: calls, webhooks, token endpoints."""

    def __init__(self, network: Callable[[], PublicNetwork]) -> None:
        self._network = network

    async def problems(self, url: str) -> list[str]:
        """Why each of them does not call; they fail where one does."""
        async with AsyncExitStack() as stack:
            http = HttpCalls(allows_private=False, network=self._network())
            post = WebhookPost(FixedClock(NOON), allows_private=False, patience=2, network=self._network())
            stack.push_async_callback(http.close)
            stack.push_async_callback(post.close)
            there = {"url": url}
            signing_in = {"token_url": there["url"], "client_id": "a", "client_secret": "b"}
            over = ConnectedCalls(
                http,
                {
                    "plain": Connection.model_validate(there),
                    "token": Connection.model_validate({"url": "https://crm.example", "oauth2": signing_in}),
                },
                FixedClock(NOON),
            )
            return [
                await _problem(lambda: http(HttpRequest("POST", url, [], b"{}", 2))),
                await _problem(lambda: over(HttpRequest("POST", "", [], b"{}", 2, "plain"))),
                await _problem(lambda: over(HttpRequest("POST", "/a", [], b"{}", 2, "token"))),
                await _problem(lambda: post(url, secret_of(b"key", "vip"), "m1", b"{}")),
            ]


async def _problem(call: Callable[[], Awaitable[object]]) -> str:
    with pytest.raises((NoAnswerError, WebhookRefusedError)) as caught:
        await call()
    return str(caught.value)


HOSTS = [
    *("127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "017700000001", "0177.0.0.1", "0"),
    *("0.0.0.0", "localhost", "LOCALHOST", "localhost.", "127.0.0.1.", "10.0.0.1", "192.168.0.1", "172.31.255.255"),  # noqa: S104 - an address to be refused
    *("100.64.0.1", "169.254.169.254", "0xa9fea9fe", "2852039166", "[::1]", "[::]", "[::ffff:127.0.0.1]"),
    *("[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[fd00:ec2::254]", "[fe80::1]"),
    *("[2001:0:5db8:d822:0:0:80ff:fffe]", "[::ffff:0:127.0.0.1]", "[fe80::1%25lo]", "[::ffff:169.254.169.254]"),
]


@pytest.mark.parametrize("host", HOSTS)
async def test_no_form_of_an_address_leads_inside(house: OtherSystem, host: str) -> None:
    """With the machine's own resolver and network."""
    found = await Callers(lambda: PublicNetwork(allows_private=False)).problems(f"https://{host}:{house.port}/")
    assert house.connections == 0
    for problem in found:
        assert "public" in problem or "cannot be found" in problem or "no URL" in problem, problem


@pytest.mark.parametrize(
    "host",
    [
        "\uff11\uff12\uff17.0.0.1",
        "127\u30020.0.1",
        "\u24dbocalhost",
        "loc\u00adalhost",
        "xn--",
        "evil.example\\@127.0.0.1",
    ],
)
async def test_no_spelling_of_a_name_leads_inside(house: OtherSystem, host: str) -> None:
    """IDNA would make some of these the name of this machine (UTS 46)."""
    url = f"https://{host}:{house.port}/"
    http = HttpCalls(allows_private=False)
    assert await _problem(lambda: http(HttpRequest("GET", url, [], b"", 2)))
    assert house.connections == 0
    await http.close()


PRIVATE_ANSWERS = [["10.0.0.1"], ["::1"], [PUBLIC, "127.0.0.1"], ["::ffff:127.0.0.1"], ["169.254.169.254"], ["fe80::1"]]


@pytest.mark.parametrize("answer", PRIVATE_ANSWERS, ids=str)
async def test_a_name_that_leads_inside_is_not_called(answer: list[str]) -> None:
    internet = Internet()
    guarded = Callers(lambda: PublicNetwork(allows_private=False, resolve=Resolver(answer), inner=internet))
    for problem in await guarded.problems("https://crm.example/"):
        assert "crm.example is not a public address" in problem
    assert internet.asked == []


async def test_the_connection_goes_to_the_address_that_was_judged() -> None:
    """A name that is public when it is judged and private right after: whoever looked twice would be led inside."""
    internet, resolver = Internet(), Resolver([PUBLIC], ["127.0.0.1"])
    http = HttpCalls(
        allows_private=False, network=PublicNetwork(allows_private=False, resolve=resolver, inner=internet)
    )
    first = await _problem(lambda: http(HttpRequest("GET", "https://crm.example:8443/", [], b"", 2)))
    assert "nobody is there" in first, "it was called, at the public address"
    assert (resolver.asked, internet.asked) == (["crm.example"], [f"{PUBLIC}:8443"])
    second = await _problem(lambda: http(HttpRequest("GET", "https://crm.example:8443/", [], b"", 2)))
    assert ("not a public address" in second, len(internet.asked)) == (True, 1)
    await http.close()


async def test_a_change_of_the_dns_leads_to_no_other_server() -> None:
    """On sockets: the name is looked up once for a connection, and that address is connected to."""
    async with OtherSystem() as judged, OtherSystem() as other:
        resolver = Resolver(["127.0.0.1"], ["127.0.0.2"])
        http = HttpCalls(allows_private=True, network=PublicNetwork(allows_private=True, resolve=resolver))
        await http(HttpRequest("GET", f"http://crm.example:{judged.port}/", [], b"", 2))
        await http(HttpRequest("GET", f"http://crm.example:{judged.port}/", [], b"", 2))
        assert (len(judged.calls), len(other.calls), resolver.asked) == (2, 0, ["crm.example"])
        await http.close()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_leads_nowhere(house: OtherSystem, status: int) -> None:
    async with OtherSystem() as outside:
        outside.script.append(says(status, None, location=f"http://127.0.0.1:{house.port}/latest/meta-data/"))
        http = HttpCalls(allows_private=True)
        assert (await http(HttpRequest("GET", outside.url + "/", [], b"", 2))).status == status
        await http.close()


@pytest.mark.parametrize("name", ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"])
async def test_no_proxy_of_the_environment_is_used(
    house: OtherSystem, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, house.url)
    monkeypatch.delenv("NO_PROXY", raising=False)
    async with OtherSystem() as outside:
        http = HttpCalls(allows_private=True)
        post = WebhookPost(FixedClock(NOON), allows_private=True)
        await http(HttpRequest("GET", f"{outside.url}/a", [], b"", 2))
        await post(f"{outside.url}/b", secret_of(b"key", "vip"), "m1", b"{}")
        assert [one.path for one in outside.calls] == ["/a", "/b"]
        await http.close()
        await post.close()


async def test_an_operator_may_allow_it() -> None:
    async with OtherSystem() as allowed:
        http = HttpCalls(allows_private=True)
        assert (await http(HttpRequest("GET", f"http://localhost:{allowed.port}/", [], b"", 2))).status == 200
        await http.close()


async def test_a_name_without_an_address_is_not_found() -> None:
    guarded = Callers(lambda: PublicNetwork(allows_private=False, resolve=Resolver([])))
    assert {"cannot be found" in problem for problem in await guarded.problems("https://crm.example/")} == {True}
    assert await look_up("127.0.0.1", 80) == ["127.0.0.1"]


@given(within([one for one in INSIDE_V4 if one != "0.0.0.0/8"]))
def test_a_url_with_an_address_inside_is_refused_when_it_is_given(number: int) -> None:
    assert problem_of(f"https://{IPv4Address(number)}/", allows_private=False) == "its address is not public"
    for form in FORMS:
        assert problem_of(f"https://[{IPv6Address(form(number))}]/", allows_private=False) is not None
