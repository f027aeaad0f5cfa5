"""The guard of outgoing calls: what it refuses, where it connects, and what it does not read to the end."""

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from ipaddress import ip_address

import httpcore2
import httpx2
import pytest

from activities.http.guarded import (
    Allowed,
    GuardedNetwork,
    Refused,
    TooLarge,
    TooSlow,
    guarded_client,
    is_internal,
)
from tests.waiting import forever, let_pass

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

INTERNAL = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.255.255.250",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b:1::a00:1",
    "100::1",
    "2001:0:53aa:64c::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%lo",
    "fec0::1",
    "ff02::1",
]
PUBLIC = ["1.1.1.1", "8.8.8.8", "172.15.255.255", "172.32.0.1", "100.63.0.1", "100.128.0.1", "2606:4700:4700::1111"]


def answer(body: bytes = b"ok", status: str = "200 OK", *headers: str) -> bytes:
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers, "", ""]
    return "\r\n".join(head).encode() + body


@asynccontextmanager
async def server(host: str, reply: bytes | Serve, port: int = 0) -> AsyncIterator[tuple[int, list[str]]]:
    """A server on one address of this machine; its port, and the first lines of the requests that came."""
    came: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        came.append(head.split(b"\r\n")[0].decode())
        try:
            if isinstance(reply, bytes):
                writer.write(reply)
                await writer.drain()
            else:
                await reply(reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()

    listening = await asyncio.start_server(serve, host, port)
    try:
        yield listening.sockets[0].getsockname()[1], came
    finally:
        listening.close()


def names(**found: Sequence[str]) -> Callable[[str, int], Awaitable[Sequence[str]]]:
    """A name service of our own."""

    async def resolve(host: str, port: int) -> Sequence[str]:
        return found[host.partition(".")[0]]

    return resolve


class TestAddresses:
    @pytest.mark.parametrize("address", INTERNAL)
    def test_of_our_own_networks_are_internal(self, address: str) -> None:
        assert is_internal(ip_address(address))

    @pytest.mark.parametrize("address", PUBLIC)
    def test_of_the_internet_are_not(self, address: str) -> None:
        assert not is_internal(ip_address(address))

    @pytest.mark.parametrize("address", INTERNAL)
    async def test_that_are_internal_are_never_connected_to(self, address: str) -> None:
        network = GuardedNetwork(Allowed(), names(shop=[address]))
        with pytest.raises(Refused, match="internal network") as refused:
            await network.connect_tcp("shop.example", 80)
        assert address not in str(refused.value)


class TestWhatAUrlMayBe:
    @pytest.mark.parametrize(
        "url",
        [
            "ftp://shop.example/",
            "file:///etc/passwd",
            "gopher://shop.example:70/1",
            "http://user:password@shop.example/",
            "http://user@shop.example/",
            "http://",
            "http:///path",
            "https://shop.example/" + "a" * 9_000,
        ],
    )
    async def test_not_this(self, url: str) -> None:
        async with guarded_client() as client:
            with pytest.raises((Refused, httpx2.UnsupportedProtocol)):
                await client.get(url)

    @pytest.mark.parametrize(
        "host",
        [
            "localhost",
            "localhost.",
            "LOCALHOST",
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0177.0.0.1",
            "0",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[0:0:0:0:0:0:0:1]",
            "\uff11\uff12\uff17.0.0.1",
            "127\u30020\u30020\u30021",
        ],
    )
    async def test_however_this_machine_is_written_it_is_not_called(self, host: str) -> None:
        """By the system's own look-up, which reads octal, hexadecimal and short forms."""
        async with server("127.0.0.1", answer()) as (port, came), guarded_client() as client:
            with pytest.raises((Refused, httpx2.ConnectError, httpx2.InvalidURL)):
                await client.get(f"http://{host}:{port}/")
            assert came == []

    async def test_a_socket_of_this_machine_is_not_called(self) -> None:
        with pytest.raises(Refused):
            await GuardedNetwork(Allowed()).connect_unix_socket("/var/run/docker.sock")


class TestAllowed:
    @pytest.mark.parametrize("entry", ["127.0.0.0/8", "127.0.0.1", "hooks.internal", "HOOKS.internal."])
    async def test_a_host_an_address_or_a_network_is_called(self, entry: str) -> None:
        async with (
            server("127.0.0.1", answer(b"hello")) as (port, _),
            guarded_client([entry], resolve=names(hooks=["127.0.0.1"])) as client,
        ):
            assert (await client.get(f"http://hooks.internal:{port}/")).text == "hello"

    @pytest.mark.parametrize("entry", ["127.0.0.2", "internal", "hooks.internal.example", "10.0.0.0/8"])
    async def test_what_is_like_it_is_not(self, entry: str) -> None:
        async with guarded_client([entry], resolve=names(hooks=["127.0.0.1"])) as client:
            with pytest.raises(Refused):
                await client.get("http://hooks.internal:80/")


class TestConnecting:
    async def test_goes_to_the_address_that_was_judged_though_the_name_answers_differently_the_next_time(self) -> None:
        """DNS rebinding: the first look-up is harmless, every later one leads to a machine that trusts us."""
        looked_up = 0

        async def rebinding(host: str, port: int) -> Sequence[str]:
            nonlocal looked_up
            looked_up += 1
            return ["127.0.0.2"] if looked_up == 1 else ["127.0.0.1"]

        async with (
            server("127.0.0.2", answer(b"harmless")) as (port, outside),
            server("127.0.0.1", answer(b"secret"), port) as (_, inside),
        ):
            async with guarded_client(["127.0.0.2"], resolve=rebinding) as client:
                assert (await client.get(f"http://rebound.example:{port}/")).text == "harmless"
                assert looked_up == 1
                with pytest.raises(Refused):
                    await client.get(f"http://rebound.example:{port}/")
            assert outside == ["GET / HTTP/1.1"]
            assert inside == []

    async def test_leaves_out_internal_addresses_among_others(self) -> None:
        async with (
            server("127.0.0.2", answer(b"outside")) as (port, _),
            server("127.0.0.1", answer(b"inside"), port) as (_, inside),
        ):
            both = names(both=["127.0.0.1", "127.0.0.2"])
            async with guarded_client(["127.0.0.2"], resolve=both) as client:
                assert (await client.get(f"http://both.example:{port}/")).text == "outside"
            assert inside == []

    async def test_tries_the_next_address_where_one_does_not_answer(self) -> None:
        async with server("127.0.0.2", answer(b"second")) as (port, _):
            resolve = names(two=["127.0.0.3", "127.0.0.2"])
            async with guarded_client(["127.0.0.0/8"], resolve=resolve) as client:
                assert (await client.get(f"http://two.example:{port}/")).text == "second"

    async def test_a_name_that_is_not_known_is_an_error_of_the_connection(self) -> None:
        async def unknown(host: str, port: int) -> Sequence[str]:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")

        async with guarded_client(resolve=unknown) as client:
            with pytest.raises(httpx2.ConnectError):
                await client.get("http://nowhere.example/")

    async def test_a_name_service_that_hangs_is_waited_for_a_while(self) -> None:
        async def slow(host: str, port: int) -> Sequence[str]:
            await forever()
            return []

        with pytest.raises(httpcore2.ConnectTimeout):
            await GuardedNetwork(Allowed(), slow).connect_tcp("slow.example", 80, timeout=0.05)

    async def test_a_proxy_of_the_environment_is_not_used(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async with server("127.0.0.1", answer()) as (port, came):
            for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
                monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
            async with guarded_client(resolve=names(shop=["127.0.0.1"])) as client:
                with pytest.raises(Refused):
                    await client.get("http://shop.example/")
            assert came == []


class TestRedirects:
    async def test_are_not_followed_unless_asked(self) -> None:
        there = answer(b"", "302 Found", "Location: http://127.0.0.1:1/")
        async with server("127.0.0.2", there) as (port, _), guarded_client(["127.0.0.2"]) as client:
            assert (await client.get(f"http://127.0.0.2:{port}/")).status_code == 302

    @pytest.mark.parametrize("location", ["http://127.0.0.1:{port}/", "http://localhost:{port}/", "//[::1]:{port}/"])
    async def test_into_our_own_network_are_refused(self, location: str) -> None:
        async with server("127.0.0.1", answer(b"secret")) as (inner, inside):
            there = answer(b"", "307 Temporary Redirect", "Location: " + location.format(port=inner))
            async with server("127.0.0.2", there) as (port, _), guarded_client(["127.0.0.2"], redirects=3) as client:
                with pytest.raises(Refused):
                    await client.post(f"http://127.0.0.2:{port}/", content=b"x")
            assert inside == []

    async def test_to_another_scheme_are_refused(self) -> None:
        there = answer(b"", "302 Found", "Location: file:///etc/passwd")
        async with server("127.0.0.2", there) as (port, _), guarded_client(["127.0.0.2"], redirects=3) as client:
            with pytest.raises((Refused, httpx2.UnsupportedProtocol)):
                await client.get(f"http://127.0.0.2:{port}/")

    async def test_end(self) -> None:
        there = answer(b"", "302 Found", "Location: /again")
        async with server("127.0.0.2", there) as (port, came), guarded_client(["127.0.0.2"], redirects=3) as client:
            with pytest.raises(httpx2.TooManyRedirects):
                await client.get(f"http://127.0.0.2:{port}/")
        assert len(came) == 4


class TestLimits:
    async def test_a_large_answer_is_not_read_to_its_end(self) -> None:
        async with (
            server("127.0.0.1", answer(b"x" * 5_000)) as (port, _),
            guarded_client(["127.0.0.1"], most=1_000) as client,
        ):
            with pytest.raises(TooLarge):
                await client.get(f"http://127.0.0.1:{port}/")

    async def test_nor_is_an_endless_one(self) -> None:
        async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            while not writer.is_closing():
                writer.write(b"400\r\n" + b"x" * 1024 + b"\r\n")
                await writer.drain()

        async with server("127.0.0.1", endless) as (port, _), guarded_client(["127.0.0.1"], most=10_000) as client:
            with pytest.raises(TooLarge):
                await client.get(f"http://127.0.0.1:{port}/")

    async def test_a_small_answer_is_not_unpacked_into_a_huge_one(self) -> None:
        bomb = gzip.compress(b"0" * 10_000_000)
        async with (
            server("127.0.0.1", answer(bomb, "200 OK", "Content-Encoding: gzip")) as (port, _),
            guarded_client(["127.0.0.1"], most=50_000) as client,
        ):
            assert (await client.get(f"http://127.0.0.1:{port}/")).content == bomb

    async def test_an_answer_that_drips_is_cut_off(self) -> None:
        """Each byte comes in time, the whole never."""

        async def dripping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            while not writer.is_closing():
                writer.write(b"x")
                await writer.drain()
                await let_pass(0.02, "each byte comes in time")

        async with server("127.0.0.1", dripping) as (port, _), guarded_client(["127.0.0.1"], seconds=0.3) as client:
            with pytest.raises(TooSlow):
                await client.get(f"http://127.0.0.1:{port}/")

    async def test_one_that_never_begins_is_a_time_out(self) -> None:
        async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()

        async with server("127.0.0.1", silent) as (port, _), guarded_client(["127.0.0.1"], seconds=0.2) as client:
            with pytest.raises(httpx2.TimeoutException):
                await client.get(f"http://127.0.0.1:{port}/")

    async def test_a_connection_that_breaks_is_told_in_the_clients_words(self) -> None:
        async with (
            server("127.0.0.1", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf") as (port, _),
            guarded_client(["127.0.0.1"]) as client,
        ):
            with pytest.raises(httpx2.RemoteProtocolError):
                await client.get(f"http://127.0.0.1:{port}/")
