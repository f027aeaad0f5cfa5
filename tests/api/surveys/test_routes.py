"""Complaints: opened and resolved by tickets and by the shop's events, once; and what is not sent meanwhile."""

from datetime import timedelta
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.store.events.unrouted import Unrouted
from orchestrator.store.surveys.complaints import apply_complaint_events, reference_of
from tests.api.conftest import Rows
from tests.survey_shop import NOW, Asked


@pytest.fixture
async def asked(app: FastAPI) -> Asked:
    resources = app.state.resources
    return await Asked(resources.engine, resources.settings).open(customers=3)


async def attribute(rows: Rows, customer: UUID) -> object:
    [row] = await rows("select attributes -> 'open_complaint' as it from customers where id = %s", customer)
    return row["it"]


async def names(rows: Rows, customer: UUID) -> list[str]:
    return [row["name"] for row in await rows("select name from events where customer_id = %s order by seq", customer)]


async def test_a_ticket_opens_one_complaint_however_often_it_is_told(
    asked: Asked, admin: AsyncClient, rows: Rows
) -> None:
    told = [
        await admin.post("/api/customers/c-0/complaints", json={"reference": "T-1", "reason": "늦은 배송"})
        for _ in range(2)
    ]
    assert [answer.status_code for answer in told] == [201, 201]
    assert told[0].json() == told[1].json()
    [one] = (await admin.get("/api/complaints")).json()["items"]
    assert (one["source"], one["reference"], one["detail"]["reason"]) == ("ticket", "T-1", "늦은 배송")
    assert await attribute(rows, asked.customer()) is True
    assert await names(rows, asked.customer()) == ["Complaint Opened", "Customer Updated"]


async def test_the_last_of_two_resolved_ends_it(asked: Asked, admin: AsyncClient, rows: Rows) -> None:
    for reference in ("T-1", "T-2"):
        await admin.post("/api/customers/c-0/complaints", json={"reference": reference})
    path = "/api/customers/c-0/complaints/resolve"
    assert (await admin.post(path, json={"reference": "T-1"})).json() == {"resolved": 1}
    assert await attribute(rows, asked.customer()) is True
    assert (await admin.post(path, json={})).json() == {"resolved": 1}
    assert (await admin.post(path, json={})).json() == {"resolved": 0}
    assert await attribute(rows, asked.customer()) is False
    assert (await names(rows, asked.customer())).count("Complaint Resolved") == 2
    # The same ticket told once more stays resolved.
    await admin.post("/api/customers/c-0/complaints", json={"reference": "T-1"})
    assert (await admin.get("/api/complaints", params={"customer": "c-0"})).json()["items"] == []
    assert len((await admin.get("/api/complaints", params={"state": "all"})).json()["items"]) == 2


async def test_a_viewer_resolves_nothing_and_nobody_unknown_complains(asked: Asked, admin: AsyncClient) -> None:
    assert (await admin.post("/api/customers/nobody/complaints", json={})).json()["code"] == "unknown_customer"
    long = await admin.post("/api/customers/c-0/complaints", json={"reason": "x" * 1_001})
    assert long.status_code == 400


def event(name: str, n: int = 0, customer: UUID | None = None, **properties: object) -> Unrouted:
    assert customer is not None
    return Unrouted(customer, CustomerEvent(f"m{n}", name, NOW + timedelta(minutes=n), dict(properties)))


async def test_events_of_the_shop_open_and_resolve_by_their_reference(asked: Asked, app: FastAPI, rows: Rows) -> None:
    engine, who = app.state.resources.engine, asked.customer()
    opened = [
        event("Support Ticket Opened", 1, who, ticket_id=71),
        event("Support Ticket Opened", 2, who, ticket_id=72),
        event("Product Viewed", 3, who, ticket_id=73),
    ]
    assert await apply_complaint_events(engine, opened) == 2
    assert await apply_complaint_events(engine, opened) == 2  # the router may offer a batch again
    found = await rows("select reference, opened_at from complaints order by reference")
    assert [(row["reference"], row["opened_at"]) for row in found] == [
        ("71", NOW + timedelta(minutes=1)),
        ("72", NOW + timedelta(minutes=2)),
    ]
    assert await apply_complaint_events(engine, [event("Support Ticket Closed", 4, who, ticket_id=71)]) == 1
    assert await attribute(rows, who) is True
    assert await apply_complaint_events(engine, [event("Complaint Resolved", 5, who)]) == 1
    assert await attribute(rows, who) is False


async def test_what_the_product_itself_told_of_a_complaint_is_no_news(
    asked: Asked, admin: AsyncClient, app: FastAPI, rows: Rows
) -> None:
    await admin.post("/api/customers/c-0/complaints", json={"reference": "T-1"})
    own = [
        Unrouted(asked.customer(), CustomerEvent(row["message_id"], row["name"], row["occurred_at"], row["properties"]))
        for row in await rows("select * from events where name = 'Complaint Opened'")
    ]
    assert len(own) == 1
    assert await apply_complaint_events(app.state.resources.engine, own) == 0
    assert len(await rows("select * from complaints")) == 1


async def test_the_workspace_names_its_own_events(asked: Asked, app: FastAPI, rows: Rows) -> None:
    await rows(
        """update workspace set settings = settings || '{"complaints": {"opened_by": ["Claim"], "resolved_by": []}}'"""
    )
    engine, who = app.state.resources.engine, asked.customer()
    assert await apply_complaint_events(engine, [event("Support Ticket Opened", 1, who), event("Claim", 2, who)]) == 1
    assert [row["reference"] for row in await rows("select reference from complaints")] == ["m2"]


@pytest.mark.parametrize(
    ("properties", "reference"),
    [
        ({}, ""),
        ({"reference": "a", "id": "b"}, "a"),
        ({"reference": "", "ticket_id": 7}, "7"),
        ({"id": {"x": 1}}, ""),
        ({"id": None}, ""),
        ({"id": "x" * 999}, "x" * 200),
    ],
)
def test_which_complaint_an_event_is_about(properties: dict[str, object], reference: str) -> None:
    assert reference_of(properties) == reference


async def test_the_report_can_be_read_by_programs(asked: Asked, app: FastAPI, admin: AsyncClient) -> None:
    assert (await admin.get("/api/surveys/none/report")).json()["code"] == "unknown_survey"
    transport = ASGITransport(app, client=("203.0.113.9", 50000))
    async with AsyncClient(transport=transport, base_url="http://localhost") as customer:
        for n, value in enumerate((9, 3)):
            await customer.post(asked.path(n), data={"answer": str(value)})
    report = (await admin.get(f"/api/surveys/{asked.key}/report")).json()
    assert (report["answers"], report["asked"], report["score"]) == (2, 3, 0)
    assert report["groups"] == {"detractor": 1, "passive": 0, "promoter": 1}
    assert report["distribution"] == {"9": 1, "3": 1}
    later = await admin.get(f"/api/surveys/{asked.key}/report", params={"since": "2027-01-01T00:00:00Z"})
    assert (later.json()["answers"], later.json()["score"]) == (0, None)
    listed = {one["key"]: one for one in (await admin.get("/api/surveys")).json()["items"]}
    assert listed[asked.key]["answers"] == 2
    assert "satisfaction" in listed
