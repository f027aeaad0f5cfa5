"""Every route says who may use it; a new one that says nothing fails here, and each role is held to the table."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from httpx2 import ASGITransport, AsyncClient

from api.console.accounts.sign_in import router as ways_in
from api.http.access import Require
from api.pages.access import PageAccess
from api.public import router as for_customers
from orchestrator.core.roles import MAY, ROLES, Permission, Role
from orchestrator.store.accounts.api_tokens import create_token
from tests.routes import found_in

OPEN = {
    *((method, route.path) for route in found_in(for_customers.routes) for method in route.methods or ()),
    *(
        (method, route.path)
        for route in ways_in.routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
    ),
    ("GET", "/static/{name:path}"),
    ("GET", "/media/{name}"),  # pictures of messages: mail programs do not sign in
    ("HEAD", "/media/{name}"),
    ("GET", "/static/console.css"),
    ("GET", "/static/words/{locale}.json"),
    ("POST", "/callbacks/{provider}"),  # who calls proves themselves in their own way
    # What a shop's pages load, and the demo shop itself.
    ("GET", "/sojourn.js"),
    ("GET", "/sojourn-sw.js"),
    ("GET", "/shop"),
    ("POST", "/shop/account"),  # its own forms alone, in a demo on this machine
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    # The page of a survey: its link is the key.
    ("GET", "/s/{token}"),
    ("POST", "/s/{token}"),
    ("GET", "/s/{token}/coupon"),
    ("GET", "/a/{token}"),
}
"""Ways in, what tells nothing, and what signed links alone open. Intake (``/v1``) takes write keys."""


def routes_of(app: FastAPI) -> Iterator[tuple[str, str, frozenset[Permission] | None]]:
    """Method, path and permissions of each route; None where it declares none."""
    for route in found_in(app.routes):
        for method in route.methods or ():
            if (method, route.path) not in OPEN and not route.path.startswith("/v1/"):
                yield method, route.path, needed(route)


def needed(route: APIRoute) -> frozenset[Permission] | None:
    """What a route requires: all that its router and itself do, and any of what one requirement names."""
    declared = [d.permissions for call in calls(route.dependant) if isinstance(d := call, Require | PageAccess)]
    narrowest = [one for one in declared if one != {"read"}] or declared
    return narrowest[0] if narrowest else None


def calls(dependant: Any) -> Iterator[Any]:
    yield dependant.call
    for part in dependant.dependencies:
        yield from calls(part)


@pytest.fixture
async def by_role(app: FastAPI) -> AsyncIterator[dict[Role, AsyncClient]]:
    clients: dict[Role, AsyncClient] = {}
    for role in ROLES:
        token = await create_token(app.state.resources.engine, name=role, role=role, by="test")
        headers = {"Authorization": f"Bearer {token}"}
        clients[role] = AsyncClient(
            transport=ASGITransport(app, client=("10.0.0.5", 50000)), base_url="http://localhost", headers=headers
        )
    yield clients
    for client in clients.values():
        await client.aclose()


def test_every_route_declares_its_permission(app: FastAPI) -> None:
    table = list(routes_of(app))
    assert len(table) > 30
    assert [(method, path) for method, path, permissions in table if permissions is None] == []


def test_what_changes_something_needs_more_than_looking(app: FastAPI) -> None:
    harmless = {
        *(path for method, path in OPEN if method == "POST"),
        "/settings/name",  # of oneself
        "/settings/password",
        "/settings/language",
        "/guide",
    }
    # What one says about a journey, and that one is here: of oneself as well, and no journey is another for it.
    harmless |= {path for _, path, _ in routes_of(app) if path.startswith("/api/journeys/{key}/comments")}
    harmless |= {"/api/journeys/{key}/presence", "/api/journeys/{key}/presence/{window}"}
    only_reading = {
        path
        for method, path, permissions in routes_of(app)
        if method not in ("GET", "HEAD") and permissions == frozenset({"read"}) and path not in harmless
    }
    # These take what is kept already, or what our own page holds, and store nothing.
    assert only_reading == {"/api/journeys/describe", "/templates/look"}


def test_what_takes_a_document_or_renders_one_needs_drawing(app: FastAPI) -> None:
    """Whoever may only look makes the API read, compile or render nothing of their own, and walk nobody."""
    described = app.openapi()
    found = set()
    for method, path, permissions in routes_of(app):
        told = described["paths"].get(path, {}).get(method.lower())
        if told is not None and (takes_a_document(told, described) or path.split("/")[-1] in RENDERING):
            found.add((method, path))
            # Whoever launches a broadcast says whom it is for, by a condition.
            wanted = "operate" if path.startswith("/api/broadcasts") else "draw"
            assert permissions == frozenset({wanted}) or path == "/api/journeys/describe", (method, path)
    assert {("GET", f"/api/{one}/{{key}}/preflight") for one in ("journeys", "message-templates")} <= found
    assert {path for _, path in found} >= {
        "/api/journeys",
        "/api/journeys/{key}",
        "/api/journeys/{key}/check",
        "/api/journeys/{key}/review",
        "/api/journeys/read",
        "/api/journeys/attack",
        "/api/journeys/test-run",
        "/api/message-templates/{key}",
        "/api/message-templates/{key}/test",
        "/api/previews/condition",
        "/api/previews/delay",
        "/api/previews/message",
        "/api/previews/template",
    }


RENDERING = {"attack", "check", "preflight", "review", "test", "test-run"}
"""Last parts of addresses that look through what is kept, at length."""
OF_DOCUMENTS = {"condition", "document", "settings"}
"""Fields that hold a document, or a part of one."""


def takes_a_document(told: Any, described: Any) -> bool:
    kinds = told.get("requestBody", {}).get("content", {})
    if "application/yaml" in kinds:
        return True
    schema = kinds.get("application/json", {}).get("schema", {})
    name = schema.get("$ref", "").rpartition("/")[2]
    whole = described["components"]["schemas"][name] if name else schema
    return bool(OF_DOCUMENTS & set(whole.get("properties", ()))) or whole.get("additionalProperties") is True


async def test_each_role_is_held_to_the_table(app: FastAPI, by_role: dict[Role, AsyncClient]) -> None:
    for method, path, permissions in routes_of(app):
        if not path.startswith("/api") or path.endswith("/stream"):
            continue
        assert permissions is not None
        for role, client in by_role.items():
            answer = await client.request(method, path.replace("{key}", "none").replace("{n}", "1"))
            refused = answer.status_code == 403 and answer.json()["code"] == "not_allowed"
            assert refused == (not permissions & MAY[role]), (method, path, role, answer.text[:200])


async def test_a_revoked_token_opens_nothing(app: FastAPI, by_role: dict[Role, AsyncClient], rows: Any) -> None:
    assert (await by_role["viewer"].get("/api/me")).json()["via"] == "token"
    assert all(row["used_at"] for row in await rows("select used_at from api_tokens where role = 'viewer'"))
    await rows("update api_tokens set revoked_at = now()")
    assert (await by_role["viewer"].get("/api/me")).status_code == 401


async def test_a_token_is_stored_as_its_hash(app: FastAPI, rows: Any) -> None:
    token = await create_token(app.state.resources.engine, name="ci", role="marketer", by="Mina")
    assert token.startswith("sjn_")
    stored = await rows("select * from api_tokens")
    assert token not in str(stored)
    assert token[4:] not in str(stored)
