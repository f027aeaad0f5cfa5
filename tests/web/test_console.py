"""The console's pages: full and empty, in both languages, for those who may look and for those who may not."""

import json
import re
from itertools import product

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from httpx2 import AsyncClient
from sqlalchemy import text

from api.console.customers import pages as customers
from api.console.journeys import pages as journeys
from api.console.runs import pages as lists
from api.pages import static
from tests.web.shop import HELD, HOSTILE, JIWOO, LETTER, MALLORY, PUSH

PAGES = ("/journeys", "/runs", "/customers", "/outbox", "/entries")
FIGURES = tuple(f"/journeys/{key}/figures" for key in ("lifecycle", "cart-recovery", "broken"))
FILLED = ("/", "/connect", "/sample-data", *PAGES, *FIGURES, "/journeys/lifecycle", f"/customers/{JIWOO}")


async def test_empty_pages_say_what_they_are(browser: AsyncClient) -> None:
    for path in PAGES:
        page = await browser.get(path)
        assert page.status_code == 200, path
        assert '<div class="empty">' in page.text, path


@pytest.mark.usefixtures("filled")
async def test_full_pages_render_and_escape(browser: AsyncClient) -> None:
    for path, language in product([*FILLED, f"/outbox/{LETTER}", f"/customers/{MALLORY}"], ["ko", "en"]):
        page = await browser.get(path, headers={"accept-language": language})
        assert page.status_code == 200, path
        assert f'<html lang="{language}">' in page.text
        assert HOSTILE not in page.text, path
        assert "None" not in re.sub(r"<[^>]*>", "", page.text), path
        assert "default-src 'self'" in page.headers["content-security-policy"]


@pytest.mark.usefixtures("filled")
async def test_the_picture_counts_who_is_where(browser: AsyncClient) -> None:
    page = (await browser.get("/journeys/lifecycle/figures")).text
    assert re.search(r'data-live="here-first-order-soon">현재<b>1</b>', page)
    assert re.search(r'data-live="in-welcome" data-quiet>진입<b>1</b>', page)
    assert page.count('class="card f-') == 33
    assert "데모 시계: 하루 = 20초" in page


@pytest.mark.usefixtures("filled")
async def test_a_draft_shows_its_problems(browser: AsyncClient) -> None:
    page = (await browser.get("/journeys/broken/figures")).text
    assert "이 단계에 생애주기 단계가 없습니다" in page


@pytest.mark.usefixtures("filled")
async def test_a_customers_page_answers_why(browser: AsyncClient) -> None:
    page = (await browser.get(f"/customers/{JIWOO}")).text
    told = " ".join(re.sub(r"<[^>]*>", " ", page).split())
    assert "‘고객 생애주기’ 여정 진입 Signed Up 이벤트로 진입" in told
    assert "‘장바구니 리마인드’ 여정에 진입하지 않음 이미 여정 진행 중" in told
    assert "발송 안 함: 첫 구매 안내 앱 푸시 광고 수신 동의 없음" in told
    assert "목표 ‘장바구니 회수’ 달성 18,000" in told
    assert "담기가 멈출 때까지 → 기간 내 미반응" in told
    assert "첫 구매 기다리기" in told
    assert "Order Completed 최대 3일 대기" in told


@pytest.mark.usefixtures("filled")
async def test_the_timeline_can_be_narrowed_and_paged(browser: AsyncClient) -> None:
    page = (await browser.get(f"/customers/{JIWOO}?show=messages")).text
    assert 'class="t-send"' in page
    assert 'class="t-event"' not in page
    earlier = (await browser.get(f"/customers/{JIWOO}?before=2026-12-02T00:00:00Z")).text
    assert "Signed Up" in earlier
    assert "Product Added" not in earlier


@pytest.mark.usefixtures("filled")
async def test_lists_can_be_filtered(browser: AsyncClient) -> None:
    assert "김지우" in (await browser.get("/customers?q=%EC%A7%80%EC%9A%B0")).text
    assert "김지우" not in (await browser.get("/customers?q=nobody")).text
    assert "김지우" not in (await browser.get("/customers?q=%25")).text, "a percent sign is no wildcard"
    assert "김지우" not in (await browser.get("/customers?stage=retention")).text
    assert "came-back" in (await browser.get("/journeys/cart-recovery/figures")).text
    runs = (await browser.get("/runs?journey=cart-recovery&step=came-back&status=live")).text
    assert runs.count("<tr data-id=") == 1
    assert (await browser.get("/runs?status=finished")).text.count("<tr data-id=") == 0
    assert (await browser.get("/outbox?channel=push")).text.count("<article") == 1
    assert (await browser.get("/entries?reason=refused")).text.count("<tr data-id=") == 1


@pytest.mark.usefixtures("filled")
async def test_a_message_is_shown_in_a_frame_that_may_do_nothing(browser: AsyncClient) -> None:
    page = (await browser.get(f"/outbox/{LETTER}")).text
    assert '<iframe class="frame" sandbox title=' in page
    assert f'src="/outbox/{LETTER}/mail"' in page
    mail = await browser.get(f"/outbox/{LETTER}/mail")
    policy = mail.headers["content-security-policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert "script-src" not in policy
    assert "img-src data: http://localhost:8000/media/;" in policy, "to look at it is not to open it"
    assert (await browser.get(f"/outbox/{PUSH}/mail")).status_code == 404


async def test_what_is_not_there_is_a_page_too(browser: AsyncClient) -> None:
    for path in (
        "/journeys/none",
        "/journeys/none/figures",
        f"/customers/{JIWOO}",
        f"/outbox/{JIWOO}",
        "/customers?q=%00",
        "/runs?step=a%00",
    ):
        page = await browser.get(path)
        assert page.status_code == 404
        assert "찾을 수 없습니다" in page.text


@pytest.mark.usefixtures("filled")
async def test_a_customers_journeys_and_messages_have_pages_of_their_own(browser: AsyncClient) -> None:
    journeys = (await browser.get(f"/customers/{JIWOO}/journeys")).text
    assert journeys.count("<tr data-id=") == 2
    assert "첫 구매 기다리기" in journeys
    page = (await browser.get(f"/customers/{JIWOO}/messages")).text
    assert page.count('class="event decision"') == 3
    told = " ".join(re.sub(r"<[^>]*>", " ", page).split())
    assert "첫 구매 안내 고객 생애주기 앱 푸시 광고 수신 동의 없음" in told
    assert f'href="/outbox/{LETTER}"' in page
    for part in ("journeys", "messages"):
        empty = (await browser.get(f"/customers/{MALLORY}/{part}")).text
        assert '<div class="empty">' in empty


async def test_what_the_decision_saw_is_told_in_words(browser: AsyncClient, filled: None, app: FastAPI) -> None:
    saw = {
        "local": "2026-12-03T21:10:00",
        "zone": "Asia/Seoul",
        "channels": ["sms"],
        "consents": {"sms": True, "sms:night": False},
        "contacts": {"phone": False},
        "journey": "live",
        "run_over": False,
        "wanted": None,
        "reason": {"code": "no_address", "contact": "phone"},
    }
    async with app.state.resources.engine.begin() as db:
        await db.execute(text("update sends set inputs = :saw where id = :id"), {"saw": json.dumps(saw), "id": HELD})
    told = " ".join(re.sub(r"<[^>]*>", " ", (await browser.get(f"/customers/{JIWOO}/messages")).text).split())
    assert "고객 현지 시각 2026.12.03 21:10 (Asia/Seoul) 여정 상태 운영 중" in told
    assert "문자 광고 수신 동의 · 야간 동의 없음 전화번호 없음" in told


async def test_an_address_that_nobody_knows_is_a_page_for_people_and_a_problem_for_programs(
    browser: AsyncClient,
) -> None:
    page = await browser.get("/nowhere", headers={"accept": "text/html"})
    assert (page.status_code, "찾을 수 없습니다" in page.text) == (404, True)
    for path, accept in (("/nowhere", "*/*"), ("/api/nowhere", "text/html")):
        problem = await browser.get(path, headers={"accept": accept})
        assert problem.status_code == 404
        assert problem.json()["code"] == "not_found"
    assert "찾을 수 없습니다" in (await browser.get("/customers/no-id", headers={"accept": "text/html"})).text


async def test_a_page_that_cannot_be_made_says_how_to_go_on(
    browser: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr("api.console.customers.listing.list_customers", refused)
    page = await browser.get("/customers?q=x")
    assert page.status_code == 503
    assert "데이터베이스에 연결할 수 없습니다" in page.text
    assert 'href="/customers?q=x"' in page.text
    monkeypatch.setattr("api.console.customers.listing.list_customers", lambda *_, **__: 1 / 0)
    assert (await browser.get("/customers")).status_code == 500


async def test_instants_are_written_as_the_language_writes_them(filled: None, browser: AsyncClient) -> None:
    path = f"/customers/{JIWOO}"
    assert "2026.12.03 (목)" in (await browser.get(path)).text
    english = (await browser.get(path, headers={"accept-language": "en"})).text
    assert "Thu, Dec 3, 2026" in english
    assert 'title="Dec 1, 2026 21:10:00 Asia/Seoul">Dec 1, 2026 21:10</time>' in english


async def test_damaged_cursors_begin_at_the_top(browser: AsyncClient) -> None:
    for path in ("/runs", "/customers", "/outbox", "/entries"):
        assert (await browser.get(path, params={"before": "x~y"})).status_code == 200


async def test_the_language_is_remembered(browser: AsyncClient) -> None:
    answer = await browser.post("/language", data={"language": "en", "next": "/runs"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/runs")
    assert '<html lang="en">' in (await browser.get("/runs")).text


async def test_a_form_never_leads_elsewhere(browser: AsyncClient) -> None:
    for elsewhere in ("https://evil.example/", "//evil.example", "/\\evil.example", "\n/x"):
        answer = await browser.post("/language", data={"language": "en", "next": elsewhere})
        assert answer.headers["location"] == "/", elsewhere


async def test_static_files_stay_in_their_folder(browser: AsyncClient) -> None:
    styles = await browser.get("/static/console/tokens.css?abc")
    assert styles.status_code == 200
    assert "immutable" in styles.headers["cache-control"]
    for path in ("/static/../page.py", "/static/..%2f..%2fpyproject.toml", "/static/nothing.css", "/static/fonts"):
        assert (await browser.get(path)).status_code == 404


def test_looking_changes_nothing() -> None:
    changing = {
        route.path
        for part in (customers, journeys, lists, static)
        for route in part.router.routes
        if isinstance(route, APIRoute) and route.methods != {"GET"}
    }
    assert changing == {"/runs/{identity}/act"}  # which frees one run
