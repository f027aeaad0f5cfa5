"""Every page that there is, in every language: no machine's spelling, no id where there is a name, no foreign word.

The pages are those of the application's own routes: a new one is read by itself, and one with a part in its address
that nobody has given here a value fails.
"""

import re
from collections.abc import AsyncIterator
from uuid import uuid5

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

from orchestrator.core.text import LOCALES
from orchestrator.settings import Settings
from orchestrator.store.audit.chain import By, Change, record
from orchestrator.store.database import create_engine, session_factory
from orchestrator.store.operations.choice import Choice, freeze
from orchestrator.store.operations.pauses import pause
from orchestrator.store.operations.progress import NewOperation, add_operation, set_total
from tests.reading import world
from tests.reading.pages import read
from tests.reading.strange import strange
from tests.reading.workspace_rows import fill
from tests.routes import found_in

NOT_READ = (
    "/api",
    "/v1",
    "/docs",
    "/static",
    "/metrics",
    "/healthz",
    "/readyz",
    "/events/stream",
    "/sojourn",
    "/openapi",
    "/settings/brand/preview",  # an e-mail
)
PLACES: dict[str, list[str]] = {
    "/journeys/{key}": ["zq-lifecycle"],
    "/journeys/{key}/figures": [*(plan.key for plan in world.plans()), "zq-broken"],
    "/customers/{identity:id}": [str(world.KNOWN), str(world.NAMELESS)],
    "/customers/{identity:id}/journeys": [str(world.KNOWN), str(world.NAMELESS)],
    "/customers/{identity:id}/messages": [str(world.KNOWN), str(world.NAMELESS)],
    "/outbox/{identity}": [str(uuid5(world.SPACE, f"send{n}")) for n in range(5)],
    "/outbox/{identity}/mail": [],  # what a customer gets: words of whoever wrote it
    "/templates/{key}": [world.TEMPLATE],
    "/coupons/{key}": [world.POOL],
    "/coupons/{key}/edit": [world.POOL],
    "/surveys/{key}": [world.SURVEY],
    "/surveys/{key}/edit": [world.SURVEY],
    "/surveys/{key}/answers.csv": [],  # a table for programs
    "/channels/{name}": ["smtp", "solapi", "nhn", "fcm", "web_push", "outbox", "in_app"],
    "/journeys/{key}/labels": ["zq-lifecycle"],
    "/journeys/{key}/end": ["zq-lifecycle"],
    "/operations/{identity}": [str(uuid5(world.SPACE, "operation"))],
    "/media/{name}": [],  # a picture
    "/pictures/{identity}": [],  # likewise
    "/runs/{identity}/temporal": [],  # leads to another program
    "/templates/new/look/{identity}": [],  # what a customer gets
    "/welcome/{link}": ["nothing"],
    "/s/{token}": ["nothing"],
    "/a/{token}": ["nothing"],
    "/s/{token}/coupon": [],
    "/l/{token}": ["nothing"],
    "/o/{name}": [],
    "/u/{token}": ["nothing"],
    "/p/{token}": ["nothing"],
}
"""What stands for the parts of an address."""
MORE = {
    "/runs": ["?status=live", "?status=finished", "?status=problem"],
    "/operations/new": ["?act=retry", "?act=skip", "?act=end"],
    "/pauses/resume": ["?what=everything"],
    "/entries": ["?reason=refused"],
    "/complaints": ["?show=resolved"],
    "/surveys/new": [f"?kind={kind}" for kind in ("nps", "csat", "choice", "multiple", "text")],
    "/policies": ["?country=KR", "?country=*"],
    "/settings/people": ["?fault=taken"],
}


@pytest.fixture
async def everything(console_settings: Settings) -> None:
    engine = create_engine(console_settings.database_url)
    await fill(engine)
    mina, operation = By("Mina", "session"), uuid5(world.SPACE, "operation")
    async with session_factory(engine)() as session, session.begin():
        await pause(session, "everything", mina)
    async with engine.begin() as db:
        await add_operation(db, NewOperation(operation, "end", {"journey": "zq-lifecycle"}, "", 20, "Mina"))
        await set_total(db, operation, await freeze(db, operation, "end", Choice()))
        await record(db, mina, Change("operation.started", str(operation), {}, {"act": "end", "count": 3}))
        await record(db, mina, Change("journey.published", "zq-lifecycle", {"version": 1}, {"version": 2}))
        await record(db, mina, Change("run.retry", str(operation), {"problem": "zq:Temporary"}, {"answer": "asked"}))
    await engine.dispose()


@pytest.fixture(params=LOCALES)
async def reader(request: pytest.FixtureRequest, app: FastAPI) -> AsyncIterator[tuple[AsyncClient, str]]:
    transport = ASGITransport(app, client=("127.0.0.1", 50000))
    headers = {"accept-language": request.param}
    async with AsyncClient(transport=transport, base_url="http://localhost:8000", headers=headers) as client:
        yield client, request.param


def addresses(app: FastAPI) -> list[str]:
    found: list[str] = []
    for route in found_in(app.routes):
        path = route.path
        if "GET" in (route.methods or ()) and not path.startswith(NOT_READ):
            given = PLACES[path] if "{" in path else [""]
            plain = [re.sub(r"\{[^}]*\}", value, path) for value in given]
            found += [*plain, *(one + more for one in plain for more in MORE.get(path, ()))]
    return found


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
