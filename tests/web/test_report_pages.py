"""Pages of reports: every one opens with or without data, holds its filters in its address, and says what is wrong."""

import json
import re
from html import unescape
from typing import Any

from fastapi import FastAPI
from httpx2 import AsyncClient
from sqlalchemy import text

from orchestrator.core.measures.registry import reports
from tests.web import shop, shop_in_figures

TOLD = re.compile(r'<script type="application/json" id="told-(\w+)">(.*?)</script>', re.S)
FILES = re.compile(r'href="(/api/measures/[^"]+)" download')


def figures_of(page: str) -> dict[str, Any]:
    """What a page tells its script, by report."""
    return {name: json.loads(told) for name, told in TOLD.findall(page)}


async def test_a_new_workspace_is_shown_the_guide_and_no_empty_tile(browser: AsyncClient) -> None:
    page = (await browser.get("/")).text
    assert 'class="guide"' in page
    assert "data-fetch" not in page
    answer = await browser.get("/figures")
    assert answer.status_code == 200
    assert "figures-head" in answer.text


async def test_without_data_every_report_says_what_is_missing_and_where_to_go(browser: AsyncClient) -> None:
    for name, report in reports().items():
        answer = await browser.get(f"/reports/{name}")
        assert answer.status_code == 200, name
        found = re.search(r'<div class="empty">.*?</div>', answer.text, re.S)
        assert (found is not None) != bool(figures_of(answer.text)), name
        if found and report.needs:
            assert 'class="button"' in found[0], f"{name} leads nowhere"


async def test_a_filter_that_cannot_be_is_marked_and_nothing_is_counted(browser: AsyncClient) -> None:
    for query, field in (
        ("from=2026-12-03&to=2026-11-01", "from"),
        ("from=yesterday", "from"),
        ("from=0001-01-01&to=2026-11-01", "from"),
        ("from=1999-01-01", "from"),
        ("period=ever", "period"),
        ("segment=nobody", "segment"),
        ("stage=asleep", "stage"),
        ("currency=%F0%9F%92%B0", "currency"),
        ("currency=KRWX", "currency"),
    ):
        answer = await browser.get(f"/reports/orders_by_month?{query}")
        assert answer.status_code == 400, query
        assert f'id="w-{field}"' in answer.text, query
        assert not figures_of(answer.text), query
        assert "/api/measures/" not in answer.text, query


async def test_a_report_is_drawn_and_leads_to_its_file_with_the_same_filters(
    app: FastAPI, browser: AsyncClient
) -> None:
    await shop_in_figures.fill(app.state.resources.engine)
    page = (
        await browser.get("/reports/orders_by_month?from=2026-10-01&to=2026-10-31&currency=krw&compare=previous")
    ).text
    told = figures_of(page)["orders_by_month"]
    rows = told["rows"]
    assert isinstance(rows, list)
    assert [row[:2] for row in rows] == [["2026-10-01", "KRW"]]
    assert told["previous"], "the period before is drawn as well"
    assert told["labels"]["month"]["2026-10-01"] == "2026년 10월"
    files = [unescape(one) for one in FILES.findall(page)]
    assert [one.partition("?")[0].rpartition(".")[2] for one in files] == ["csv", "parquet"]
    csv = await browser.get(files[0])
    assert csv.status_code == 200
    assert [line.split(",")[:3] for line in csv.text.split()[1:]] == [[str(one) for one in rows[0][:3]]]


async def test_the_overview_fetches_its_figures_and_the_five_measures_say_what_they_are_made_of(
    app: FastAPI, browser: AsyncClient
) -> None:
    await shop_in_figures.fill(app.state.resources.engine)
    home = (await browser.get("/?period=90d")).text
    address = re.search(r'data-fetch="([^"]+)"', home)
    assert address is not None
    page = (await browser.get(unescape(address[1]))).text
    assert re.findall(r'id="tip-(\w+)"', page) == [
        "clv",
        "churn_rate",
        "repeat_purchase_rate",
        "conversion_rate",
        "retention_rate",
    ]
    assert len(re.findall(r'class="tile-of">[\d,]+ 중 [\d,]+<', page)) == 4, "parts and wholes"
    assert re.search(r'class="tile-of">₩[\d,]+ × [\d.]+ × [\d.]+<', page), "factors of the lifetime value"
    assert {"stages", "stage_flow", "sends_by_day", "holdout_revenue"} <= set(figures_of(page))


async def test_a_journeys_report_is_reached_from_where_journeys_are_and_names_steps_by_their_titles(
    app: FastAPI, browser: AsyncClient
) -> None:
    await shop_in_figures.fill(app.state.resources.engine)
    for place in ("/journeys", "/journeys/lifecycle/figures"):
        assert 'href="/journeys/lifecycle/report"' in (await browser.get(place)).text, place
    assert (await browser.get("/journeys/no-such/report")).status_code == 404
    page = (await browser.get("/journeys/lifecycle/report?attribution=linear&window_days=14")).text
    told = figures_of(page)
    assert {"journey_funnel", "journey_flow", "journey_steps", "journey_messages", "journey_goals"} <= set(told)
    assert told["journey_steps"]["labels"]["step"]["welcome"] == "가입 환영"
    assert "모든 메시지에 똑같이" in page
    assert "journey=lifecycle" in page


async def test_what_somebody_called_a_journey_never_ends_the_script_that_tells_of_it(
    app: FastAPI, browser: AsyncClient
) -> None:
    engine = app.state.resources.engine
    await shop.fill(engine)
    async with engine.begin() as db:
        await db.execute(text("update journeys set name = :name"), {"name": json.dumps({"ko": "</script><b>x"})})
    page = (await browser.get("/reports/journey_goals?period=12m")).text
    assert "</script><b>" not in page
    labels = figures_of(page)["journey_goals"]["labels"]
    assert "</script><b>x" in json.dumps(labels, ensure_ascii=False)


async def test_reports_are_found_by_what_they_mean_and_by_the_search_over_everything(browser: AsyncClient) -> None:
    everything = re.findall(r'href="/reports/(\w+)"', (await browser.get("/reports")).text)
    assert set(everything) == set(reports())
    title = reports()["retention"].title.to("ko")
    assert "retention" in re.findall(
        r'href="/reports/(\w+)"', (await browser.get("/reports", params={"q": title})).text
    )
    assert re.findall(r'href="/reports/(\w+)"', (await browser.get("/reports?q=zzzz")).text) == []
    found = (await browser.get("/api/search", params={"q": title}, headers={"accept-language": "ko"})).json()["items"]
    assert "/reports/retention" in [one["href"] for one in found]
