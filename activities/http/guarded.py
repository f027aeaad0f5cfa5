"""HTTP to addresses that customers of ours, their browsers or their journeys name: never into our own network.

Server-side request forgery: a URL whose name leads to a machine that trusts us because of where we stand (a database, a
cloud's metadata service, our own loopback). Names are looked up here, once for each connection, every address found is
judged, and the connection is made to the very address that was judged, so that a name that answers differently the
next time (DNS rebinding) gains nothing. A redirect is a request like any other. Proxies of the environment are not
used: they would look names up for themselves.

Sources: the special-purpose address registries of IANA (RFC 6890); RFC 6052 and RFC 8215 (NAT64); RFC 6598 (CGNAT);
OWASP, Server-Side Request Forgery Prevention Cheat Sheet.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager, contextmanager
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

import httpcore2
import httpx2

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

_INTERNAL_V4 = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",  # this network; 0.0.0.0 is this machine on Linux
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT, and a metadata service
        "127.0.0.0/8",
        "168.63.129.16/32",  # a cloud's own services, in public space
        "169.254.0.0/16",  # link-local, and most metadata services
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
# Of IPv6 only global unicast is let through, so that mapped (::ffff:0:0/96), NAT64 (64:ff9b::/96, 64:ff9b:1::/48),
# unique local, link-local, site-local and multicast addresses need no list of their own.
_GLOBAL_V6 = IPv6Network("2000::/3")
_INTERNAL_V6 = tuple(
    ip_network(network)
    for network in (
        "2001::/23",  # protocol assignments; among them Teredo, which carries IPv4
        "2001:db8::/32",
        "2002::/16",  # 6to4, which carries IPv4
        "3fff::/20",
    )
)
LONGEST_URL = 8_192
CONNECT_TIMEOUT = 5.0
"""Seconds for looking a name up and for each connection."""


class Refused(Exception):
    """We do not call that. The text says why, for whoever wrote the URL, and holds no address that was found."""


class TooLarge(Exception):
    """The answer is larger than we read. The request was carried out."""


class TooSlow(httpx2.TimeoutException):
    """The answer as a whole took longer than allowed, however steadily it came."""


class Allowed:
    """What the setting ``outgoing_allow`` lets through all the same: names, addresses, networks.

    A name means itself, wherever it leads: whoever allows it answers for it.
    """

    def __init__(self, entries: Iterable[str] = ()) -> None:
        self._names: set[str] = set()
        self._networks = []
        for entry in entries:
            try:
                self._networks.append(ip_network(entry, strict=False))
            except ValueError:
                self._names.add(entry.lower().rstrip("."))

    def name(self, host: str) -> bool:
        """Whether the name is allowed wherever it leads."""
        return host.lower().rstrip(".") in self._names

    def address(self, address: Address) -> bool:
        """Whether the address is allowed though it is internal."""
        return any(address in network for network in self._networks)


def is_internal(address: Address) -> bool:
    """Whether an address is none of the public Internet's, or carries another inside it."""
    if isinstance(address, IPv4Address):
        return any(address in network for network in _INTERNAL_V4)
    return address not in _GLOBAL_V6 or any(address in network for network in _INTERNAL_V6)


async def look_up(host: str, port: int) -> Sequence[str]:
    """The system's addresses of a name, in its order."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(place[4][0]) for place in found]


def check_url(url: httpx2.URL) -> None:
    """Raises :class:`Refused` for what is wrong with a URL before anything is looked up."""
    if url.scheme not in {"http", "https"}:
        raise Refused("only http:// and https:// addresses are called")
    if not url.host:
        raise Refused("the address names no host")
    if url.userinfo:
        raise Refused("an address with a user name or password in it is not called")
    if len(str(url)) > LONGEST_URL:
        raise Refused(f"the address is longer than {LONGEST_URL} characters")


class GuardedNetwork(httpcore2.AsyncNetworkBackend):
    """Connects to names whose addresses it has judged, and to the address it judged."""

    def __init__(self, allowed: Allowed, resolve: Resolve = look_up) -> None:
        self._allowed = allowed
        self._resolve = resolve
        self._network = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """A connection to the first address that may be called and answers. Raises :class:`Refused` if none may be."""
        limit = timeout or CONNECT_TIMEOUT
        failed: Exception = httpcore2.ConnectError("the name leads nowhere")
        for address in await self._judged(host, port, limit):
            try:
                return await self._network.connect_tcp(str(address), port, limit, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failed = error
        raise failed

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore2.AsyncNetworkStream:
        """Never."""
        raise Refused("a socket of this machine is not called")

    async def sleep(self, seconds: float) -> None:
        """As any backend."""
        await asyncio.sleep(seconds)

    async def _judged(self, host: str, port: int, limit: float) -> list[Address]:
        try:
            async with asyncio.timeout(limit):
                found = await self._resolve(host, port)
        except TimeoutError:
            raise httpcore2.ConnectTimeout("looking the name up took too long") from None
        except (OSError, UnicodeError) as error:
            raise httpcore2.ConnectError(f"the name cannot be looked up: {type(error).__name__}") from None
        addresses = [ip_address(address) for address in dict.fromkeys(found)]
        if self._allowed.name(host):
            return addresses
        open_to_us = [one for one in addresses if not is_internal(one) or self._allowed.address(one)]
        if addresses and not open_to_us:
            raise Refused("the address leads into an internal network")
        return open_to_us


class GuardedTransport(httpx2.AsyncBaseTransport):
    """A transport over :class:`GuardedNetwork`. ``seconds`` and ``most`` bytes limit each answer as a whole."""

    def __init__(
        self,
        allowed: Allowed,
        *,
        seconds: float,
        most: int,
        verify: ssl.SSLContext | None = None,
        resolve: Resolve = look_up,
    ) -> None:
        self._seconds, self._most = seconds, most
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=verify or httpx2.create_ssl_context(trust_env=False),
            max_connections=100,
            max_keepalive_connections=20,
            keepalive_expiry=20.0,
            network_backend=GuardedNetwork(allowed, resolve),
        )

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """One request, a redirect's target among them."""
        check_url(request.url)
        url = request.url
        wire = httpcore2.Request(
            method=request.method,
            url=httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        deadline = asyncio.get_running_loop().time() + self._seconds
        with _in_httpx_words():
            async with _until(deadline):
                answer = await self._pool.handle_async_request(wire)
        # Not unpacked: a small answer may hold a huge one.
        headers = [(name, value) for name, value in answer.headers if name.lower() != b"content-encoding"]
        return httpx2.Response(
            answer.status,
            headers=headers,
            stream=_Limited(answer, self._most, deadline),
            extensions=answer.extensions,
        )

    async def aclose(self) -> None:
        """Closes every connection."""
        await self._pool.aclose()


class _Limited(httpx2.AsyncByteStream):
    def __init__(self, answer: httpcore2.Response, most: int, deadline: float) -> None:
        self._answer, self._most, self._deadline = answer, most, deadline

    async def __aiter__(self) -> AsyncIterator[bytes]:
        read = 0
        async with aclosing(self._answer.aiter_stream()) as parts:
            while (part := await self._next(parts)) is not None:
                read += len(part)
                if read > self._most:
                    raise TooLarge(f"the answer is larger than {self._most} bytes")
                yield part

    async def _next(self, parts: AsyncIterator[bytes]) -> bytes | None:
        with _in_httpx_words():
            async with _until(self._deadline):
                return await anext(parts, None)

    async def aclose(self) -> None:
        await self._answer.aclose()


@contextmanager
def _in_httpx_words() -> Iterator[None]:
    """The pool's errors as those of the client's library: the two families bear the same names."""
    try:
        yield
    except (httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError) as error:
        raise getattr(httpx2, type(error).__name__)(str(error)) from error


@asynccontextmanager
async def _until(deadline: float) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout_at(deadline):
            yield
    except TimeoutError:
        raise TooSlow("the answer took too long") from None


def guarded_client(
    allow: Iterable[str] = (),
    *,
    seconds: float = 10.0,
    most: int = 256 * 1024,
    redirects: int = 0,
    verify: ssl.SSLContext | None = None,
    resolve: Resolve = look_up,
) -> httpx2.AsyncClient:
    """A client for addresses that others name; to be closed.

    ``allow``: the setting ``outgoing_allow``. ``seconds``: for one answer as a whole. ``most``: bytes of one answer.
    ``redirects``: how many are followed, each judged anew; a redirect is an answer where it is 0. Raises
    :class:`Refused`, :class:`TooLarge`, :class:`TooSlow` and the errors of ``httpx2``.
    """
    transport = GuardedTransport(Allowed(allow), seconds=seconds, most=most, verify=verify, resolve=resolve)
    return httpx2.AsyncClient(
        transport=transport,
        timeout=httpx2.Timeout(seconds, connect=min(seconds, CONNECT_TIMEOUT), pool=seconds),
        follow_redirects=redirects > 0,
        max_redirects=max(redirects, 1),
        headers={"accept-encoding": "identity", "user-agent": "Sojourn"},
        trust_env=False,
    )
