"""The search over everything: what is found by which letters, for whom, and at what price."""

from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from sqlalchemy import insert, text

from api.search.routes import ACTIONS, EACH
from orchestrator.store.search.find import _CUSTOMERS
from orchestrator.store.tables import METADATA
from tests.web import shop
from tests.web.people import browsing, make_person, sign_in
from tests.web.shop import NOW


@pytest.fixture
async def filled(app: FastAPI) -> None:
    await shop.fill(app.state.resources.engine)


async def asked(client: AsyncClient, q: str, language: str = "en") -> list[dict[str, Any]]:
    answer = await client.get("/api/search", params={"q": q}, headers={"accept-language": language})
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


@pytest.mark.usefixtures("filled")
async def test_journeys_are_found_by_a_part_of_their_name_in_any_language(admin: AsyncClient) -> None:
    for q, language, title in [
        ("recov", "en", "Cart recovery"),
        ("장바구니", "en", "Cart recovery"),
        ("RECOV", "ko", "장바구니 리마인드"),
    ]:
        found = [one for one in await asked(admin, q, language) if one["href"] == "/journeys/cart-recovery"]
        assert [one["title"] for one in found] == [title]
        assert found[0]["detail"] == ("운영 중" if language == "ko" else "Live")


@pytest.mark.usefixtures("filled")
async def test_customers_are_found_by_a_whole_id_or_address_alone(admin: AsyncClient) -> None:
    for whole in ("shop-1", "jiwoo@example.com", "JIWOO@example.com", str(shop.JIWOO)):
        assert f"/customers/{shop.JIWOO}" in [one["href"] for one in await asked(admin, whole)], whole
    for part in ("shop", "jiwoo@", "example.com", str(shop.JIWOO)[:8]):
        hrefs = [one["href"] for one in await asked(admin, part)]
        assert f"/customers/{shop.JIWOO}" not in hrefs, part
        assert hrefs[-1].startswith("/customers?q="), "their own list looks for parts"


@pytest.mark.usefixtures("filled")
async def test_looking_for_a_customer_reads_no_table_of_customers_through(app: FastAPI) -> None:
    async with app.state.resources.engine.begin() as db:
        await db.execute(text("set local enable_seqscan = off"))
        explained = text(f"explain {_CUSTOMERS.text}")
        plan = await db.execute(explained, {"exact": "shop-1", "id": str(shop.JIWOO), "limit": EACH})
        assert "Seq Scan" not in "\n".join(row[0] for row in plan)


async def test_templates_surveys_and_pools_are_found(app: FastAPI, admin: AsyncClient) -> None:
    document = {"name": {"en": "Spring greeting", "ko": "봄 인사"}}
    async with app.state.resources.engine.begin() as db:
        for table in ("templates", "surveys", "coupon_pools"):
            row = {
                "key": f"spring-{table[:3]}",
                "document": document,
                "created_at": NOW,
                "updated_at": NOW,
                "revision": 1,
            }
            await db.execute(
                insert(METADATA.tables[table]).values({k: v for k, v in row.items() if k in METADATA.tables[table].c})
            )
        await db.execute(text("update surveys set archived_at = now()"))
    hrefs = [one["href"] for one in await asked(admin, "greet")]
    assert hrefs[:2] == ["/templates/spring-tem", "/coupons/spring-cou"], "and what is archived is not"


async def test_pages_and_actions_are_what_one_may_do(app: FastAPI) -> None:
    await make_person(app, "viewer", "viewer@example.com")
    async with browsing(app) as reader:
        await sign_in(reader, "viewer@example.com")
        assert "/settings/people" not in [one["href"] for one in await asked(reader, "people")]
        assert {one["href"] for one in await asked(reader, "")} == {
            href for _, href, _, needs in ACTIONS if needs == "read"
        }
    async with browsing(app) as reader:
        await sign_in(reader)
        assert "/settings/people" in [one["href"] for one in await asked(reader, "구성원", "ko")]


@pytest.mark.usefixtures("filled")
async def test_what_is_found_is_bounded_and_letters_mean_themselves(app: FastAPI, admin: AsyncClient) -> None:
    async with app.state.resources.engine.begin() as db:
        await db.execute(
            text("""insert into journeys (key, name, draft, created_at, updated_at, status)
            select 'many-' || n, '{"en": "Many"}', '{}', now(), now(), 'draft' from generate_series(1, 50) n""")
        )
    assert len([one for one in await asked(admin, "many") if one["href"].startswith("/journeys/many")]) == EACH
    assert not [one for one in await asked(admin, "m%y") if one["href"].startswith("/journeys/many")]
    assert (await admin.get("/api/search", params={"q": "x" * 101})).status_code == 400


async def test_nobody_searches_without_signing_in(app: FastAPI) -> None:
    async with browsing(app) as stranger:
        await make_person(app)
        assert (await stranger.get("/api/search")).status_code == 401
