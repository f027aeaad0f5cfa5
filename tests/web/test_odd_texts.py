"""Texts that look harmless, in every form of the console and on every page that shows them."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from api.pages.forms import MOST_FIELDS
from tests.examples import some
from tests.odd_texts import ODD_TEXTS
from tests.routes import found_in

ROOT = Path(__file__).parents[2]
LEAVING = {"/sign-out", "/settings/sign-out-everywhere"}


def fields() -> list[str]:
    """Every name that a form of ours has."""
    found: set[str] = set()
    for path in (ROOT / "web").rglob("*.html"):
        if "node_modules" not in path.parts:
            found |= set(re.findall(r'\bname="([a-z][a-z0-9_.-]*)"', path.read_text()))
    for path in (ROOT / "api").rglob("*.py"):
        found |= set(re.findall(r'form(?:\.get\(|\[)"([a-z_]+)"', path.read_text()))
    return sorted(found - {"csrf"})


def forms(app: FastAPI) -> Iterator[str]:
    """The addresses of forms, with what stands for a thing that there is, or is not."""
    for route in found_in(app.routes):
        if "POST" in (route.methods or ()) and not route.path.startswith(("/api/", "/v1/", "/callbacks/")):
            yield re.sub(r"\{[^}]*\}", "welcome", route.path)


@pytest.mark.parametrize("name", some(ODD_TEXTS, 24))
async def test_no_form_answers_with_a_server_error(app: FastAPI, browser: AsyncClient, filled: None, name: str) -> None:
    text = ODD_TEXTS[name][:2_000].encode("utf-8", "replace").decode()
    page = (await browser.get("/settings")).text
    token = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert token is not None
    names, room = fields(), MOST_FIELDS - 1
    assert 40 < len(names) < 2 * room
    ends = names[:room], names[-room:], names[:room]  # more names than one form may have
    for path in sorted(set(forms(app)) - LEAVING):
        for own, given in zip(ends, (text, f"kim{text}@example.com", f"1{text}"), strict=True):
            body = urlencode(dict.fromkeys(own, given) | {"csrf": token[1]})
            answer = await browser.post(
                path,
                content=body,
                headers={"content-type": "application/x-www-form-urlencoded", "origin": "http://localhost:8000"},
            )
            assert answer.status_code < 500, (path, given[:40], answer.text[:500])


@pytest.mark.parametrize("name", some(ODD_TEXTS, 24))
async def test_no_page_answers_with_a_server_error(app: FastAPI, browser: AsyncClient, name: str) -> None:
    plain = quote(ODD_TEXTS[name].encode("utf-8", "replace").decode()[:60], safe="")
    for route in found_in(app.routes):
        if "GET" in (route.methods or ()) and not route.path.startswith(("/v1/", "/docs", "/openapi")):
            if route.path.endswith("stream") or route.path in ("/readyz", "/events/stream"):
                continue
            path = re.sub(r"\{[^}]*\}", plain, route.path)
            query = "&".join(
                f"{one}={plain}" for one in ("q", "search", "customer", "cursor", "step", "journey", "name")
            )
            answer = await browser.get(f"{path}?{query}")
            assert answer.status_code < 500, (path, answer.text[:500])
