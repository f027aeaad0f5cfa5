"""The page of traits: what is computed, traits of one's own by form, and what the models foretold."""

from datetime import UTC, datetime

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from orchestrator.store.traits.nightly import keep_model
from tests.store.traits.people import set_traits
from tests.web.people import csrf_of


@pytest.fixture(autouse=True)
async def workspace(app: FastAPI) -> None:
    await set_traits(app.state.resources.engine, None)


async def post(admin_page: AsyncClient, path: str, **form: str) -> tuple[int, str]:
    answer = await admin_page.post(path, data={"csrf": await csrf_of(admin_page), **form})
    return answer.status_code, answer.text


ORDERS = {"event": "Purchased", "amount": "revenue, total", "currency_property": "currency", "currency": "krw"}


async def test_one_begins_adds_a_trait_and_takes_it_away(admin_page: AsyncClient) -> None:
    assert "Nothing is computed yet" in (await admin_page.get("/traits")).text
    assert (await post(admin_page, "/traits", **ORDERS))[0] == 303
    own = {"name": "관심 분야", "event": "Viewed", "measure": "most_frequent", "property": "category", "days": "90"}
    status, text = await post(admin_page, "/traits/own", **own, filter="sold_out", value="false")
    assert status == 303, text
    page = (await admin_page.get("/traits")).text
    assert "computed.gwansim_bunya" in page
    assert "last 90 days" in page
    assert (await admin_page.get("/api/traits")).json()["settings"]["traits"][0]["where"]["value"] is False
    assert (await post(admin_page, "/traits/own/gwansim_bunya/delete"))[0] == 303
    assert "gwansim_bunya" not in (await admin_page.get("/traits")).text
    assert (await post(admin_page, "/traits/stop"))[0] == 303
    assert (await admin_page.get("/api/traits")).json()["settings"] is None


async def test_what_is_wrong_is_said_beside_what_was_typed(admin_page: AsyncClient) -> None:
    await post(admin_page, "/traits", **ORDERS)
    status, text = await post(admin_page, "/traits/own", name="Spent", event="Viewed", measure="sum", days="x")
    assert status == 400
    assert "a duration such as" in text
    assert 'value="Spent"' in text
    status, text = await post(admin_page, "/traits/own", name="Spent", event="Viewed", measure="sum")
    assert status == 400
    assert "needs a property" in text
    assert (await post(admin_page, "/traits", **{**ORDERS, "currency": "won"}))[0] == 303  # as it may be typed
    assert (await post(admin_page, "/traits", **{**ORDERS, "currency": "₩"}))[0] == 400


async def test_models_are_shown_with_what_they_foretold(app: FastAPI, admin_page: AsyncClient) -> None:
    await post(admin_page, "/traits", **ORDERS)
    rows = [{"label": "0", "customers": 30, "actual": 0.2, "expected": 0.25}]
    report = {"bg_nbd": {"r": 0.243, "certain": True}, "holdout": rows, "holdout_days": 90, "drift": 0.051}
    await keep_model(app.state.resources.engine, 40, "", report, datetime(2026, 3, 1, tzinfo=UTC))
    page = (await admin_page.get("/traits")).text
    for words in ("0.243", "+5.1 %", "The last 90 days", "0.25"):
        assert words in page
    await keep_model(app.state.resources.engine, 4, "too_few_customers", {}, datetime(2026, 3, 2, tzinfo=UTC))
    assert "too few customers" in (await admin_page.get("/traits")).text
