"""Every page that there is, in every language: no machine's spelling, no id where there is a name, no foreign word.

The pages are those of :mod:`tests.reading.addresses`.
"""

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

from orchestrator.core.text import LOCALES
from tests.examples import some
from tests.reading import world
from tests.reading.addresses import addresses
from tests.reading.pages import read
from tests.reading.strange import strange


@pytest.fixture(params=some(reversed(LOCALES), 2))
async def reader(request: pytest.FixtureRequest, app: FastAPI) -> AsyncIterator[tuple[AsyncClient, str]]:
    transport = ASGITransport(app, client=("127.0.0.1", 50000))
    headers = {"accept-language": request.param}
    async with AsyncClient(transport=transport, base_url="http://localhost:8000", headers=headers) as client:
        yield client, request.param


async def test_every_page_is_for_people_in_their_own_language(
    app: FastAPI, everything: None, reader: tuple[AsyncClient, str]
) -> None:
    client, language = reader
    written = world.data()
    wrong: dict[str, set[str]] = {}
    known: set[tuple[str, bool]] = set()
    pages = 0
    for address in addresses(app):
        answer = await client.get(address, follow_redirects=True)
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        pages += 1
        if answer.status_code >= 500:
            wrong.setdefault("a server error", set()).add(address)
        for text, tooltip in read(answer.text):
            if (text, tooltip) in known:
                continue
            known.add((text, tooltip))
            for fault in strange(text, language, written, tooltip=tooltip):
                wrong.setdefault(f"{fault} in {text[:100]!r}", set()).add(address)
    assert pages > 80
    assert not wrong, "\n".join(f"{fault} ({', '.join(sorted(places)[:3])})" for fault, places in sorted(wrong.items()))
