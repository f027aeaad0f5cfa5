"""Lets browsers reach a local page server by this machine's own names only.

The Temporal Web UI has no sign-in and answers to any host's name: a page in the operator's browser could read it by
pointing a name of its own at this machine (DNS rebinding). It therefore listens where nobody looks, and this stands
before it: one request a connection, handed on when its ``Host`` is this machine.
"""

import asyncio
import contextlib
import re
import secrets
import sys
import threading
from dataclasses import dataclass, field

from orchestrator.addresses import is_loopback

LONGEST_HEAD = 64 * 1024
PATIENCE = 10.0
"""Seconds in which a request's head has to come, and in which the server behind has to take the connection."""
_HOST = re.compile(rb"\r\nhost:[ \t]*([^\r\n]*)", re.IGNORECASE)
_CONNECTION = re.compile(rb"\r\nconnection:[^\r\n]*", re.IGNORECASE)
_REFUSAL = b"Open this page as localhost: it answers to this machine's own names only.\n"


def hidden_address() -> str:
    """An address of this machine that a page cannot guess, where the system answers on all of 127.0.0.0/8."""
    if not sys.platform.startswith("linux"):
        return "127.0.0.1"
    return f"127.{64 + secrets.randbelow(128)}.{secrets.randbelow(256)}.{1 + secrets.randbelow(254)}"


@dataclass
class HostGuard:
    """Listens on ``port`` of loopback, for the server at ``behind`` (host, port). Runs in a thread of its own."""

    port: int
    behind: tuple[str, int]
    _thread: threading.Thread | None = None
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _ready: threading.Event = field(default_factory=threading.Event)
    _problem: OSError | None = None

    def start(self) -> None:
        """Returns when it listens. ``OSError`` where it cannot."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="host-guard", daemon=True)
            self._thread.start()
            self._ready.wait()
        if self._problem is not None:
            raise self._problem

    def stop(self) -> None:
        """Listens no more; what is under way is cut."""
        if self._thread is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(timeout=5)
        self._thread = None

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            server = self._loop.run_until_complete(
                asyncio.start_server(self._serve, "127.0.0.1", self.port, limit=LONGEST_HEAD)
            )
        except OSError as problem:
            self._problem = problem
            return
        finally:
            self._ready.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._hand_on(reader, writer)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError):
            return  # gone, too slow, no request at all, or we stop
        finally:
            writer.close()

    async def _hand_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(PATIENCE):
            head = await reader.readuntil(b"\r\n\r\n")
            if not names_this_machine(head):
                writer.write(_refusal())
                await writer.drain()
                return
            upstream, onward = await asyncio.open_connection(*self.behind)
        onward.write(_CONNECTION.sub(b"", head[:-4]) + b"\r\nConnection: close\r\n\r\n")
        sending = asyncio.ensure_future(_pipe(reader, onward))
        try:
            await _pipe(upstream, writer)
        finally:
            sending.cancel()
            onward.close()


def names_this_machine(head: bytes) -> bool:
    """Whether the only ``Host`` in a request's head is one of this machine's own names."""
    hosts = _HOST.findall(head)
    if len(hosts) != 1:
        return False
    name = hosts[0].decode("latin-1").strip().lower()
    name = name.partition("]")[0].lstrip("[") if name.startswith("[") else name.partition(":")[0]
    return bool(name) and is_loopback(name.rstrip("."))


def _refusal() -> bytes:
    head = f"HTTP/1.1 421 Misdirected Request\r\nContent-Type: text/plain\r\nContent-Length: {len(_REFUSAL)}\r\n"
    return head.encode() + b"Connection: close\r\n\r\n" + _REFUSAL


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while chunk := await reader.read(65_536):
            writer.write(chunk)
            await writer.drain()
        writer.write_eof()
