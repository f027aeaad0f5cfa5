"""The bar on the left: what a reader may open and nothing else, marked where they are, as they left it."""

import re

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from api.pages.navigation import GROUPS, current, navigation, pages_for
from orchestrator.core.roles import MAY, ROLES, Role
from tests.web.people import browsing, make_person, sign_in

LINKS = re.compile(r'<li><a href="([^"]+)" data-name')
HERE = re.compile(r'<a href="([^"]+)" data-name="[^"]*" aria-current="page"')

PLACES = {
    "/": "/",
    "/runs?status=live": "/runs",
    "/journeys/new": "/journeys",
    "/events/names": "/events",
    "/consents/log": "/consents",
    "/settings/people": "/settings/people",
    "/settings": "/settings",
}
"""Addresses, and the page of the bar that is lit on them."""


@pytest.mark.parametrize("role", ROLES)
async def test_every_link_leads_somewhere_that_its_reader_may_see(app: FastAPI, role: Role) -> None:
    await make_person(app, role, f"{role}@example.com")
    async with browsing(app) as reader:
        await sign_in(reader, f"{role}@example.com")
        shown = LINKS.findall((await reader.get("/settings")).text)
        assert shown == [page.href for _, page in pages_for(MAY[role])]
        for href in shown:
            assert (await reader.get(href)).status_code == 200, href


async def test_the_bar_says_where_one_is(browser: AsyncClient) -> None:
    for path, page in PLACES.items():
        assert HERE.findall((await browser.get(path)).text) == [page], path


def test_a_page_below_two_others_is_of_the_nearest() -> None:
    below = {"/settings/keys/x": "/settings/keys", "/settings/x": "/settings", "/customers/1/messages": "/customers"}
    for path, href in {**below, "/runsandmore": None, "/nowhere": None}.items():
        found = current(path, MAY["admin"])
        assert (found and found.href) == href, path


def test_settings_fold_out_only_within() -> None:
    shown = {one.group.name: one.open for one in navigation("/runs", MAY["admin"])}
    assert [name for name, is_open in shown.items() if not is_open] == ["settings"]
    assert all(one.open for one in navigation("/settings/keys", MAY["admin"]))


def test_who_may_open_nothing_sees_nothing() -> None:
    assert navigation("/", frozenset()) == ()
    shown = {page.href for _, page in pages_for(MAY["viewer"])}
    assert shown < {page.href for group in GROUPS for page in group.pages}


@pytest.mark.usefixtures("filled")
async def test_the_canvas_keeps_its_room(browser: AsyncClient) -> None:
    assert 'data-bar="over"' in (await browser.get("/journeys/lifecycle")).text


async def test_a_page_comes_as_its_reader_left_the_one_before(browser: AsyncClient) -> None:
    assert 'data-bar="wide"' in (await browser.get("/runs")).text
    page = (await browser.get("/runs", headers={"cookie": "sojourn_bar=narrow; sojourn_folded=results.journeys"})).text
    assert 'data-bar="narrow"' in page
    assert re.findall(r'class="nav-group folded" data-group="(\w+)"', page) == ["results"], "where one is stays open"
