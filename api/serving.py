"""The API's web server: uvicorn, which ends the live streams when it is asked to stop: their readers never finish."""

import asyncio
import socket
import sys

import uvicorn
from fastapi import FastAPI

from orchestrator.settings import Settings

GRACE = 2
"""Seconds that requests under way have for finishing."""


class Server(uvicorn.Server):
    """Begins to load what drawing needs, and tells the live streams first when it ends: they are requests that never
    finish."""

    _warming: asyncio.Task[None] | None = None
    _resuming: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn does; meanwhile a process for bounded work starts, so that nobody waits for it, and
        imports go on that another process left alone."""
        await super().startup(sockets)
        work = getattr(getattr(self.config.app, "state", None), "bounded_work", None)
        if work is not None:
            self._warming = asyncio.ensure_future(work.warm())
        imports = getattr(getattr(self.config.app, "state", None), "imports", None)
        if imports is not None:
            imports.start()
        erasing = getattr(getattr(self.config.app, "state", None), "erasing", None)
        if erasing is not None:
            self._resuming = asyncio.ensure_future(erasing.resume())

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn does, after every stream was ended."""
        feeds = getattr(getattr(self.config.app, "state", None), "live_feeds", None)
        if feeds is not None:
            feeds.close()
        for task in (self._warming, self._resuming):
            if task is not None:
                task.cancel()
        await super().shutdown(sockets)


def _shared_socket(settings: Settings) -> socket.socket:
    """One of several sockets of one port: the system gives each a share of the connections."""
    shared = socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET)
    shared.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    shared.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    shared.bind((settings.host, settings.port))
    shared.set_inheritable(True)
    return shared


def serve(app: FastAPI, settings: Settings) -> None:
    """Serves until the process is asked to stop."""
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,  # logging is set up already
        access_log=False,
        server_header=False,
        proxy_headers=False,  # the front door believes SOJOURN_TRUSTED_PROXIES, and nobody else
        timeout_keep_alive=75,  # longer than clients and proxies keep theirs: who closes first cuts nobody off
        timeout_graceful_shutdown=GRACE,
    )
    server = Server(config)
    try:
        server.run([_shared_socket(settings)] if settings.share_port else None)
    except KeyboardInterrupt:
        return
    if not server.started:
        sys.exit(3)
