"""The page that sends a list to a journey says what stands in the way, and whether anything does."""

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from tests.api.journeys.test_drawing import CART
from tests.web.people import browsing, csrf_of, make_person, sign_in

BY_REQUEST = {**CART, "entry": {"triggers": [{"kind": "request"}]}}


async def publish(app: FastAPI, admin_page: AsyncClient, document: object) -> None:
    headers = {"X-CSRF-Token": await csrf_of(admin_page)}
    (await admin_page.put("/api/journeys/cart", json=document, headers=headers)).raise_for_status()
    (await admin_page.post("/api/journeys/cart/publish", headers=headers)).raise_for_status()


@pytest.mark.parametrize(
    ("document", "words"), [(BY_REQUEST, "data-enter-list"), (CART, "When another journey or the API asks")]
)
async def test_a_list_can_be_sent_where_the_journey_takes_requests(
    app: FastAPI, admin_page: AsyncClient, document: object, words: str
) -> None:
    await publish(app, admin_page, document)
    assert words in (await admin_page.get("/journeys/cart/list")).text
    assert "/journeys/cart/list" in (await admin_page.get("/journeys")).text


async def test_only_operators_see_it_and_only_of_what_was_published(app: FastAPI, admin_page: AsyncClient) -> None:
    assert (await admin_page.get("/journeys/cart/list")).status_code == 404
    await publish(app, admin_page, BY_REQUEST)
    await make_person(app, "marketer", "m@example.com")
    async with browsing(app) as marketer:
        await sign_in(marketer, "m@example.com")
        assert (await marketer.get("/journeys/cart/list")).status_code == 403
        assert "/journeys/cart/list" not in (await marketer.get("/journeys")).text
