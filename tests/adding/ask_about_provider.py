"""Run in a copy of the sources, with the URLs of an empty database and Redis: what the product knows of ``loft``."""

import asyncio
import json
import sys
from typing import Any

from httpx2 import ASGITransport, AsyncClient

from activities.channels.registry import NotSetUp, find_kind, provider_kinds
from api.app import create_app
from orchestrator.settings import Settings
from orchestrator.store.workspace import prepare_workspace


async def pages(database_url: str, redis_url: str) -> dict[str, Any]:
    """How the console shows it."""
    settings = Settings(database_url=database_url, redis_url=redis_url, temporal_address="127.0.0.1:1")
    await prepare_workspace(settings)
    app = create_app(settings)
    transport = ASGITransport(app, client=("127.0.0.1", 50000))
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=transport, base_url="http://localhost:8000") as browser,
    ):
        listed, form = await browser.get("/channels"), await browser.get("/channels/loft")
        return {"listed": "Loft" in listed.text, "status": form.status_code, "form": 'name="loft"' in form.text}


def needs() -> list[str]:
    """What has to be filled in."""
    try:
        find_kind("loft").configured({}, Settings())
    except NotSetUp as missing:
        return sorted(missing.fields)
    return []


def main() -> None:
    """Prints it as JSON."""
    found = {
        "found": "loft" in provider_kinds(),
        "carries": sorted(find_kind("loft").carries),
        "needs": needs(),
        "pages": asyncio.run(pages(*sys.argv[1:])),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
