"""Reports over HTTP: listed, counted, told as files; a filter that means nothing is refused with its field."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import duckdb
import pytest
from httpx2 import AsyncClient
from psycopg.types.json import Jsonb

from activities.measures.write_columns import ColumnActivities
from orchestrator.core.timing import Clock
from orchestrator.settings import Settings
from orchestrator.store.database import create_engine
from tests.api.conftest import Rows

_EVENT = """
insert into events (message_id, customer_id, kind, name, properties, occurred_at, received_at, routed_at)
values (%s, %s, 'track', 'Order Completed', %s, %s, %s, now())
"""
YEAR = {"since": "2026-01-01", "until": "2027-01-01", "zone": "Asia/Seoul"}


async def add_orders(rows: Rows) -> None:
    first, second = uuid4(), uuid4()
    for number, (who, at, properties) in enumerate(
        (
            (first, datetime(2026, 1, 31, 16, tzinfo=UTC), {"revenue": 10_000}),  # 1 February in Korea
            (first, datetime(2026, 2, 10, tzinfo=UTC), {"total": "5,000.50", "currency": "krw"}),
            (second, datetime(2026, 2, 11, tzinfo=UTC), {"revenue": True, "value": 9.5, "currency": "USD"}),
            (second, datetime(2026, 2, 12, tzinfo=UTC), {"revenue": "free"}),
        )
    ):
        await rows(_EVENT, f"order {number}", who, Jsonb(properties), at, at)


async def test_orders_by_month_are_told_in_both_languages(admin: AsyncClient, rows: Rows) -> None:
    await add_orders(rows)
    answer = await admin.get("/api/measures/orders_by_month", params=YEAR)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["rows"] == [
        ["2026-02-01", "KRW", 3, 2, "15000.50", 2, "7500.25"],
        ["2026-02-01", "USD", 1, 1, "9.50", 1, "9.50"],
    ]
    assert (told["engine"], told["empty"]) == ("database", None)
    assert told["columns"][0] == {
        "name": "month",
        "title": "Month",
        "unit": "month",
        "of": "",
        "numerator": "",
        "currency": "",
    }
    korean = await admin.get("/api/measures/orders_by_month", params=YEAR, headers={"Accept-Language": "ko"})
    assert korean.json()["columns"][0]["title"] == "월"
    narrow = await admin.get(
        "/api/measures/orders_by_month",
        params={**YEAR, "currency": "USD", "since": "2026-02-01", "compare": "previous"},
    )
    assert narrow.json()["rows"] == [["2026-02-01", "USD", 1, 1, "9.50", 1, "9.50"]]
    assert narrow.json()["previous"]["rows"] == []
    assert narrow.json()["previous"]["filters"]["until"] == "2026-02-01"


async def test_a_report_is_a_table_for_spreadsheets(admin: AsyncClient, rows: Rows) -> None:
    await add_orders(rows)
    answer = await admin.get("/api/measures/orders_by_month.csv", params=YEAR)
    assert answer.content.decode("utf-8-sig").splitlines() == [
        "month,currency,orders,buyers,revenue,valued,mean_value",
        "2026-02-01,KRW,3,2,15000.50,2,7500.25",
        "2026-02-01,USD,1,1,9.50,1,9.50",
    ]


async def test_a_report_is_a_file_with_types(admin: AsyncClient, rows: Rows, tmp_path: Path) -> None:
    await add_orders(rows)
    answer = await admin.get("/api/measures/orders_by_month.parquet", params=YEAR)
    assert answer.status_code == 200, answer.text
    (tmp_path / "told.parquet").write_bytes(answer.content)
    with duckdb.connect() as db:
        found = db.execute(f"select month, currency, orders, revenue from '{tmp_path}/told.parquet'").fetchall()
    assert found == [
        (date(2026, 2, 1), "KRW", 3, Decimal("15000.50")),
        (date(2026, 2, 1), "USD", 1, Decimal("9.50")),
    ]


async def test_an_answer_serves_for_a_minute_unless_it_is_to_be_counted_now(admin: AsyncClient, rows: Rows) -> None:
    await add_orders(rows)
    first = (await admin.get("/api/measures/orders_by_month", params=YEAR)).json()
    await rows("delete from events")
    kept = (await admin.get("/api/measures/orders_by_month", params=YEAR)).json()
    assert (kept["rows"], kept["as_of"]) == (first["rows"], first["as_of"])
    assert (await admin.get("/api/measures/orders_by_month", params={**YEAR, "fresh": "true"})).json()["rows"] == []


async def test_columns_answer_where_they_were_written(admin: AsyncClient, rows: Rows, api_settings: Settings) -> None:
    """Also for what came after them, and in words for the values that have some."""
    await add_orders(rows)
    engine = create_engine(api_settings.database_url)
    activities = ColumnActivities(engine, api_settings)
    told = await activities.once(Clock())
    assert told["written"] > 0
    assert told["reports"] > 2
    at = datetime(2026, 3, 1, tzinfo=UTC)
    await rows(_EVENT, "later", uuid4(), Jsonb({"revenue": 1}), at, at)
    answer = (await admin.get("/api/measures/orders_by_month", params=YEAR)).json()
    assert answer["engine"] == "columns"
    assert [row[:3] for row in answer["rows"]] == [
        ["2026-02-01", "KRW", 3],
        ["2026-02-01", "USD", 1],
        ["2026-03-01", "KRW", 1],
    ]
    await rows(
        "insert into customers (id, stage, created_at, updated_at) values (%s, 'retention', now(), now())", uuid4()
    )
    stages = await admin.get("/api/measures/stages", params={"fresh": "true"}, headers={"Accept-Language": "ko"})
    assert stages.json()["labels"]["stage"]["retention"] == "유지/확장"
    await engine.dispose()


async def test_what_is_missing_is_said(admin: AsyncClient, rows: Rows) -> None:
    empty = (await admin.get("/api/measures/orders_by_month")).json()["empty"]
    assert empty["code"] == "no_orders"
    assert "Traits" in empty["text"]
    await add_orders(rows)
    past = await admin.get("/api/measures/orders_by_month", params={"since": "2020-01-01", "until": "2020-02-01"})
    assert past.json()["empty"]["code"] == "nothing_in_period"


async def test_every_report_is_listed(admin: AsyncClient) -> None:
    items = (await admin.get("/api/measures")).json()["items"]
    assert "orders_by_month" in [one["name"] for one in items]
    assert all(one["title"] and one["meaning"] and one["formula"] for one in items)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"since": "yesterday"}, "since"),
        ({"since": "2026-02-01", "until": "2026-02-01"}, "until"),
        ({"since": "2010-01-01", "until": "2026-02-01"}, "until"),
        ({"until": "0001-01-02"}, "until"),
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"segment": "nobody-knows"}, "segment"),
        ({"stage": "asleep"}, "stage"),
        ({"journey": "nowhere"}, "journey"),
        ({"channel": "pigeon"}, "channel"),
        ({"attribute": "city"}, "attribute"),
    ],
)
async def test_a_filter_that_means_nothing_is_refused(admin: AsyncClient, given: dict[str, str], field: str) -> None:
    answer = await admin.get("/api/measures/orders_by_month", params=given)
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (422, "report_filter", field)


async def test_an_unknown_report_is_not_found(admin: AsyncClient) -> None:
    answer = await admin.get("/api/measures/nothing")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_report")
