"""Surveys and complaints in the console: made, worded, asked, read, resolved."""

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from api.console.surveys.report import drawn
from api.http.spreadsheet import harmless
from orchestrator.core.surveys.form import as_form, read_form
from orchestrator.core.surveys.invitations import READY, new_document
from orchestrator.core.surveys.questionnaire import SurveyDocument, SurveyKind
from orchestrator.store.surveys.reports import every_answer
from tests.survey_shop import NOW, Asked

KINDS: tuple[SurveyKind, ...] = ("nps", "csat", "choice", "multiple", "text")


def csrf_of(page: Any) -> str:
    found = re.search(r'name="csrf-token" content="(\w+)"', page.text)
    assert found is not None
    return found[1]


async def send(browser: AsyncClient, path: str, **form: str) -> Any:
    page = await browser.get("/surveys")
    return await browser.post(path, data={"csrf": csrf_of(page), **form})


def asked_of(app: FastAPI, kind: Any = "nps", **more: Any) -> Asked:
    resources = app.state.resources
    return Asked(resources.engine, resources.settings, kind, **more)


async def answered(browser: AsyncClient, asked: Asked, *scores: int, words: str = "") -> None:
    for n, score in enumerate(scores):
        assert (await browser.post(asked.path(n), data={"answer": str(score)})).status_code == 303
        if words:
            await browser.post(asked.path(n), data={"comment": f"{words} {n}"})


@pytest.mark.parametrize("kind", KINDS)
async def test_a_survey_is_made_from_ready_words_and_found_in_the_list(browser: AsyncClient, kind: SurveyKind) -> None:
    page = await browser.get(f"/surveys/new?kind={kind}")
    assert page.status_code == 200
    form = as_form(SurveyDocument.model_validate(new_document(kind)))
    made = await send(browser, "/surveys/new", key=f"first-{kind}", **form)
    assert made.headers["location"] == f"/surveys/first-{kind}/edit?done=survey_made"
    editor = await browser.get(made.headers["location"])
    assert editor.status_code == 200
    assert f"first-{kind}" in (await browser.get("/surveys")).text
    empty = await browser.get(f"/surveys/first-{kind}")
    assert "이 기간에는 응답이 없습니다" in empty.text


@pytest.mark.parametrize("kind", KINDS)
def test_a_document_survives_its_form(kind: SurveyKind) -> None:
    document = SurveyDocument.model_validate(new_document(kind))
    read, problems = read_form(kind, as_form(document))
    assert (read, problems) == (document, ())


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"question.en": "", "question.ko": " "}, "question"),
        ({"scale": "many"}, "scale"),
        ({"scale": "99"}, "scale"),
        ({"high_from": "2"}, "high_from"),
        ({"open_days": "soon"}, "open_days"),
        ({"open_days": "0"}, "open_for"),
    ],
)
def test_what_a_form_cannot_say_is_told_at_its_field(changed: dict[str, str], where: str) -> None:
    form = as_form(SurveyDocument.model_validate(new_document("csat"))) | changed
    _, problems = read_form("csat", form)
    assert [problem.field for problem in problems] == [where]


async def test_a_mistake_is_said_beside_its_field_and_nothing_is_lost(browser: AsyncClient) -> None:
    form = as_form(SurveyDocument.model_validate(new_document("choice"))) | {"options": "Bad Key | 하나 | One"}
    page = await send(browser, "/surveys/new", key="UPPER", **form)
    assert page.status_code == 400
    assert page.text.count('aria-invalid="true"') == 2
    assert "Bad Key | 하나 | One" in page.text


async def test_two_people_who_save_at_once_do_not_overwrite_each_other(browser: AsyncClient) -> None:
    form = as_form(READY["satisfaction"])
    first = await send(browser, "/surveys/satisfaction/edit", revision="0", **(form | {"name.ko": "첫째"}))
    assert first.status_code == 303
    second = await send(browser, "/surveys/satisfaction/edit", revision="0", **(form | {"name.ko": "둘째"}))
    assert second.status_code == 400
    assert "그사이 다른 사람이" in second.text
    page = await browser.get("/surveys/satisfaction/edit")
    assert "첫째" in page.text


async def test_what_was_asked_keeps_its_groups_and_may_be_reworded(app: FastAPI, browser: AsyncClient) -> None:
    asked = await asked_of(app, "choice").open()
    page = await browser.get(f"/surveys/{asked.key}/edit")
    assert "이미 보낸 설문이라" in page.text
    assert "/journeys/feedback#step-ask" in page.text
    form = as_form(asked.document) | {"revision": "1"}
    reworded = await send(browser, f"/surveys/{asked.key}/edit", **(form | {"question.ko": "어디서 보셨나요?"}))
    assert reworded.status_code == 303
    more = form["options"] + "\nnews | 뉴스 | News"
    refused = await send(browser, f"/surveys/{asked.key}/edit", **(form | {"revision": "2", "options": more}))
    assert refused.status_code == 400
    assert "이미 보낸 설문이라 응답 그룹을" in refused.text
    assert "어디서 보셨나요?" in (await browser.get(asked.path())).text


async def test_the_preview_is_the_customers_page_and_stores_nothing(browser: AsyncClient) -> None:
    form = as_form(READY["satisfaction"]) | {"question.ko": "<b>새</b> 질문", "preview_locale": "ko"}
    page = await send(browser, "/surveys/preview", **form)
    assert "&lt;b&gt;새&lt;/b&gt; 질문" in page.text
    assert "frame-ancestors 'self'" in page.headers["content-security-policy"]
    after = await send(browser, "/surveys/preview", **(form | {"preview_state": "detractor", "preview_locale": "en"}))
    assert "What went wrong?" in after.text


async def test_an_archived_survey_is_not_offered_and_still_answered(app: FastAPI, browser: AsyncClient) -> None:
    asked = await asked_of(app).open()
    await send(browser, f"/surveys/{asked.key}/archive")
    assert asked.key not in (await browser.get("/surveys")).text
    assert asked.key in (await browser.get("/surveys?show=archived")).text
    names = (await browser.get("/api/names")).json()
    assert asked.key not in [one["key"] for one in names["surveys"]]
    await answered(browser, asked, 9)
    await send(browser, f"/surveys/{asked.key}/restore")
    assert asked.key in (await browser.get("/surveys")).text


async def test_the_report_says_score_rate_distribution_and_words(app: FastAPI, browser: AsyncClient) -> None:
    asked = await asked_of(app).open(customers=6)
    await answered(browser, asked, 10, 9, 9, 7, 2, words="한마디")
    page = await browser.get(f"/surveys/{asked.key}")
    text = re.sub(r"\s+", " ", page.text)
    assert "+40</p>" in text  # 3 of 5 less 1 of 5
    assert "6명 중 83% 응답" in text
    assert 'title="3 / 5">60%' in text
    assert text.count("한마디 ") == 5 + text.count("한마디 <")
    assert 'role="img"' in text
    narrowed = await browser.get(f"/surveys/{asked.key}?channel=sms&group=detractor")
    assert "응답 2건" in narrowed.text
    assert "한마디 4" not in narrowed.text
    other = await browser.get(f"/surveys/{asked.key}?group=detractor")
    assert "한마디 4" in other.text
    assert "한마디 0" not in other.text


@pytest.mark.parametrize("kind", ["csat", "choice", "multiple", "text"])
async def test_every_kind_has_a_report(app: FastAPI, browser: AsyncClient, kind: str) -> None:
    asked = await asked_of(app, kind).open(customers=2)
    forms: dict[str, dict[str, Any]] = {
        "csat": {"answer": "5"},
        "choice": {"answer": "friend"},
        "multiple": {"answer": ["sale", "tips"]},
        "text": {"text": "더 빨리 와요"},
    }
    assert (await browser.post(asked.path(), data=forms[kind])).status_code == 303
    page = await browser.get(f"/surveys/{asked.key}?period=all")
    assert page.status_code == 200
    assert "응답 1건" in page.text
    assert ("100%" in page.text) or kind == "text"


async def test_answers_can_be_taken_away_as_a_file(app: FastAPI, browser: AsyncClient) -> None:
    asked = await asked_of(app).open(customers=2)
    await answered(browser, asked, 9, 3, words="=HYPERLINK(1)")
    file = await browser.get(f"/surveys/{asked.key}/answers.csv")
    assert file.headers["content-disposition"] == f'attachment; filename="{asked.key}.csv"'
    rows = list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert [(row["점수"], row["그룹"]) for row in rows] == [("9", "promoter"), ("3", "detractor")]
    assert rows[0]["의견"] == "'=HYPERLINK(1) 0"
    assert every_answer is not None


@pytest.mark.parametrize("cell", ["=1+1", "+a", "-a", "@x", "\tx"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"
    assert (harmless("9"), harmless("-9")) == ("9", "-9"), "a number computes nothing"


def test_a_trend_of_one_day_or_of_many_stays_in_its_picture() -> None:
    nps = READY["satisfaction"]
    for days in (1, 90):
        trend = {(NOW + timedelta(days=n)).date(): {"promoter": n % 3 + 1, "detractor": n % 2} for n in range(days)}
        found = drawn(nps, trend)
        assert len(found.points) == days
        for point in found.points:
            assert found.left <= point.x <= found.width
            assert 0 <= point.y <= found.foot
            assert 0 <= point.bar <= found.foot


async def test_complaints_are_seen_with_their_reason_and_resolved(app: FastAPI, browser: AsyncClient) -> None:
    asked = await asked_of(app).open(customers=2)
    assert "처리 중인 불만이 없습니다" in (await browser.get("/complaints")).text
    await answered(browser, asked, 2, words="느려요")
    page = await browser.get("/complaints")
    for word in ("고객 0", "2점", "느려요 0", "추천 의향"):
        assert word in page.text
    found = re.search(r"/complaints/([\w-]+)/resolve", page.text)
    assert found is not None
    done = await send(browser, f"/complaints/{found[1]}/resolve")
    assert done.status_code == 303
    assert "느려요 0" in (await browser.get("/complaints?show=resolved")).text
    assert "처리 중인 불만이 없습니다" in (await browser.get("/complaints")).text


async def test_a_complaint_is_opened_by_hand_on_the_customers_page(app: FastAPI, browser: AsyncClient) -> None:
    asked = await asked_of(app).open()
    own = f"/customers/{asked.customer()}"
    await send(browser, f"{own}/complaints", reason="전화로 항의 <script>")
    page = await browser.get(own)
    assert "전화로 항의 &lt;script&gt;" in page.text
    assert 'name="reason"' in page.text
    missing = await send(browser, "/customers/00000000-0000-0000-0000-000000000000/complaints", reason="x")
    assert missing.status_code == 404


async def test_the_names_of_events_that_open_complaints_can_be_changed(app: FastAPI, browser: AsyncClient) -> None:
    await asked_of(app).open()
    await send(browser, "/complaints/events", opened_by="Claim Filed\n\nClaim Filed", resolved_by="")
    page = await browser.get("/complaints")
    assert ">Claim Filed</textarea>" in page.text


async def test_a_customers_answers_stand_on_their_page(app: FastAPI, browser: AsyncClient) -> None:
    asked = await asked_of(app).open()
    await answered(browser, asked, 9, words="좋아요")
    page = await browser.get(f"/customers/{asked.customer()}")
    assert "설문 응답" in page.text
    assert "좋아요 0" in page.text
