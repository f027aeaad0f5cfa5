"""An application on a port of its own, as `sojourn api` serves it: in a thread, on a socket that is bound already."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI

from api.serving import Server
from tests.waiting import until


@asynccontextmanager
async def served(app: FastAPI, port: int = 0) -> AsyncIterator[str]:
    """Its address, while it is served; ``port``: 0 for any. Live streams that a page listens to are ended with it."""
    with socket.create_server(("127.0.0.1", port)) as listening:
        config = uvicorn.Config(app, log_config=None, lifespan="on", timeout_graceful_shutdown=2, timeout_keep_alive=75)
        server = Server(
            config
        )  # as the product's: a client that closes its connections after five seconds closes first
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        try:
            await until(lambda: server.started or not thread.is_alive(), "the application is served")
            assert server.started, "the application did not start"
            yield f"http://localhost:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            await asyncio.to_thread(thread.join, 20)
