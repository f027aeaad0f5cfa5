"""The page of a survey: opened by its link alone, answered by POST alone, once."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient, Response

from api.public import survey as survey_page
from orchestrator.core.surveys.questionnaire import MOST_COMMENT
from tests.api.conftest import Rows
from tests.survey_shop import NOW, Asked

OPENING = {"accept-language": "ko-KR,ko;q=0.9"}


@pytest.fixture
async def customer(app: FastAPI) -> AsyncIterator[AsyncClient]:
    """Somebody with a link, from somewhere."""
    transport = ASGITransport(app, client=("203.0.113.9", 50000))
    async with AsyncClient(transport=transport, base_url="http://localhost", headers=OPENING) as client:
        yield client


def asked_of(app: FastAPI, kind: Any = "nps", **more: Any) -> Asked:
    resources = app.state.resources
    return Asked(resources.engine, resources.settings, kind, **more)


def state_of(answer: Response) -> str:
    found = re.search(r'data-state="(\w+)"', answer.text)
    assert found is not None, answer.text[:500]
    return found[1]


async def test_the_question_is_asked_in_the_language_of_the_message_and_can_be_read_in_the_other(
    app: FastAPI, customer: AsyncClient
) -> None:
    asked = await asked_of(app).open()
    page = await customer.get(asked.path(), headers={"accept-language": "en"})
    assert page.status_code == 200
    assert "추천하실 마음" in page.text
    assert "오늘찻집" in page.text
    english = await customer.get(asked.path() + "?lang=en")
    assert "How likely are you" in english.text
    assert 'lang="en"' in english.text
    assert english.headers["referrer-policy"] == "no-referrer"
    assert english.headers["cache-control"] == "no-store"
    assert "set-cookie" not in english.headers


async def test_looking_answers_nothing_whoever_looks(app: FastAPI, customer: AsyncClient, rows: Rows) -> None:
    asked = await asked_of(app).open()
    for path in (asked.path(), asked.path() + "?a=9", asked.answer_path("9")):
        page = await customer.get(path, follow_redirects=True)
        assert state_of(page) == "open"
        await customer.head(path)
    assert await rows("select * from survey_responses") == []


@pytest.mark.parametrize("by", ["query", "signed"])
async def test_a_link_of_an_answer_shows_it_chosen(app: FastAPI, customer: AsyncClient, by: str) -> None:
    asked = await asked_of(app).open()
    path = asked.path() + "?a=9" if by == "query" else asked.answer_path("9")
    page = await customer.get(path, follow_redirects=True)
    assert re.findall(r'value="(\d+)" required checked', page.text) == ["9"]


async def test_a_form_without_a_script_answers(app: FastAPI, customer: AsyncClient, rows: Rows) -> None:
    asked = await asked_of(app).open()
    sent = await customer.post(asked.path(), data={"answer": "9", "lang": "ko"})
    assert sent.status_code == 303
    thanks = await customer.get(sent.headers["location"])
    assert state_of(thanks) == "answered"
    assert "보내 주신 응답은" in thanks.text
    assert "이유를 들려주세요" in thanks.text  # the question after it
    [stored] = await rows("select * from survey_responses")
    assert {
        name: stored[name] for name in ("survey_key", "score", "answer_group", "journey_key", "step", "channel")
    } == {
        "survey_key": "my-nps",
        "score": 9,
        "answer_group": "promoter",
        "journey_key": "feedback",
        "step": "ask",
        "channel": "sms",
    }
    assert stored["id"] == asked.send()
    assert stored["locale"] == "ko"
    [event] = await rows("select * from events where name = 'Survey Answered'")
    assert event["kind"] == "system"
    assert event["routed_at"] is None
    assert event["properties"] == {
        "journey": "feedback",
        "step": "ask",
        "run": str(asked.run()),
        "occurrence": 1,
        "channel": "sms",
        "message": str(asked.send()),
        "survey": "my-nps",
        "kind": "nps",
        "group": "promoter",
        "score": 9,
    }
    [known] = await rows("select attributes from customers")
    assert known["attributes"]["last_nps"] == 9
    assert len(await rows("select * from events where name = 'Customer Updated'")) == 1
    assert await rows("select * from complaints") == []


async def test_words_can_be_added_once(app: FastAPI, customer: AsyncClient, rows: Rows) -> None:
    asked = await asked_of(app).open()
    await customer.post(asked.path(), data={"answer": "3"})
    for words in ("  ", "배송이 늦었어요", "again"):
        await customer.post(asked.path(), data={"comment": words})
    [stored] = await rows("select comment from survey_responses")
    assert stored["comment"] == "배송이 늦었어요"
    page = await customer.get(asked.path() + "?done=1")
    assert "textarea" not in page.text


async def test_the_first_of_two_answers_at_once_is_the_answer(app: FastAPI, customer: AsyncClient, rows: Rows) -> None:
    asked = await asked_of(app).open()
    values = [str(n) for n in range(11)] * 2
    answers = await asyncio.gather(*(customer.post(asked.path(), data={"answer": value}) for value in values))
    assert {answer.status_code for answer in answers} == {303}
    assert sum("done=1" in answer.headers["location"] for answer in answers) == 1
    assert len(await rows("select * from survey_responses")) == 1
    [event] = await rows("select * from events where name = 'Survey Answered'")
    [stored] = await rows("select score from survey_responses")
    assert event["properties"]["score"] == stored["score"]


async def test_an_answered_survey_says_so(app: FastAPI, customer: AsyncClient) -> None:
    asked = await asked_of(app).open()
    await customer.post(asked.path(), data={"answer": "9"})
    again = await customer.get(asked.path() + "?a=2")
    assert state_of(again) == "answered"
    assert "이미 응답하셨습니다" in again.text
    assert 'name="answer"' not in again.text


async def test_after_its_time_a_survey_takes_no_answer(app: FastAPI, customer: AsyncClient, rows: Rows) -> None:
    asked = await asked_of(app).open(clock=NOW + timedelta(days=31))
    assert (await customer.get(asked.path())).status_code == 410
    late = await customer.post(asked.path(), data={"answer": "9"})
    assert (late.status_code, state_of(late)) == (410, "over")
    assert await rows("select * from survey_responses") == []


async def test_an_answer_in_the_last_moment_counts(app: FastAPI, customer: AsyncClient) -> None:
    asked = await asked_of(app, open_for=timedelta(days=2)).open(clock=NOW + timedelta(hours=46, minutes=59))
    assert (await customer.post(asked.path(), data={"answer": "9"})).status_code == 303


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"answer": ""},
        {"answer": "11"},
        {"answer": "-1"},
        {"answer": "9.5"},
        {"answer": "٩"},
        {"answer": "9" * 500},
        {"answer": "<script>"},
        {"text": "only words"},
        {"comment": "before the answer"},
    ],
)
async def test_what_answers_nothing_is_asked_again(
    app: FastAPI, customer: AsyncClient, rows: Rows, form: dict[str, str]
) -> None:
    asked = await asked_of(app).open()
    page = await customer.post(asked.path(), data=form)
    assert (page.status_code, state_of(page)) == (422, "open")
    assert 'role="alert"' in page.text
    assert "<script>" not in page.text.replace("<script src", "")
    assert await rows("select * from survey_responses") == []


async def test_a_form_larger_than_any_answer_is_none(app: FastAPI, customer: AsyncClient, rows: Rows) -> None:
    asked = await asked_of(app, "text").open()
    huge = await customer.post(asked.path(), data={"text": "x" * survey_page.MOST_FORM})
    assert huge.status_code == 422
    long = await customer.post(asked.path(), data={"text": "x" * (MOST_COMMENT + 1)})
    assert (long.status_code, state_of(long)) == (422, "open")
    assert "4,000" in long.text
    assert (await customer.post(asked.path(), data={"text": "가" * MOST_COMMENT})).status_code == 303
    assert len(await rows("select * from survey_responses")) == 1


async def test_several_choices_and_words_are_answers_too(app: FastAPI, customer: AsyncClient, rows: Rows) -> None:
    asked = await asked_of(app, "multiple").open()
    page = await customer.get(asked.path() + "?a=sale&a=tips")
    assert page.text.count("checked") == 2
    await customer.post(asked.path(), data={"answer": ["tips", "sale"]})
    [stored] = await rows("select * from survey_responses")
    assert (stored["choices"], stored["answer_group"]) == (["sale", "tips"], "sale")


async def test_free_text_is_kept_as_it_was_written(app: FastAPI, customer: AsyncClient, rows: Rows) -> None:
    asked = await asked_of(app, "text").open()
    words = "  <b>좋아요</b>\r\n\0다음에도 & 또  "
    await customer.post(asked.path(), data={"text": words})
    [stored] = await rows("select * from survey_responses")
    assert stored["comment"] == "<b>좋아요</b>\n다음에도 & 또"
    [event] = await rows("select properties from events where name = 'Survey Answered'")
    assert event["properties"]["comment"] == stored["comment"]


@pytest.mark.parametrize(
    "path",
    ["/s/x", "/s/" + "A" * 5000, "/s/..%2F..%2Fetc", "/s/%00", "/a/x", "/s/x?a=" + "9" * 3000, "/s/✉", "/s/x/coupon"],
)
async def test_what_is_no_link_of_ours_opens_nothing(app: FastAPI, customer: AsyncClient, path: str) -> None:
    await asked_of(app).open()
    for answer in (await customer.get(path), await customer.post(path, data={"answer": "9"})):
        assert answer.status_code in (404, 405)


async def test_a_token_of_another_purpose_or_installation_opens_nothing(app: FastAPI, customer: AsyncClient) -> None:
    asked = await asked_of(app).open()
    own = asked.path().rpartition("/")[2]
    other = asked.links.unsubscribe(asked.send(), "email").rpartition("/")[2]
    for token in (other, own[:-2], own + "A", own.swapcase(), own.replace(".", "")):
        page = await customer.get(f"/s/{token}")
        assert (page.status_code, state_of(page)) == (404, "gone")


@pytest.mark.parametrize("status", ["held", "skipped", "failed"])
async def test_who_was_not_asked_cannot_answer(app: FastAPI, customer: AsyncClient, rows: Rows, status: str) -> None:
    asked = await asked_of(app).open()
    await rows("update sends set status = %s", status)
    assert (await customer.post(asked.path(), data={"answer": "9"})).status_code == 404


async def test_a_customer_who_was_merged_meanwhile_answers_as_whom_they_became(
    app: FastAPI, customer: AsyncClient, rows: Rows
) -> None:
    asked = await asked_of(app).open(customers=2)
    await rows("update customers set merged_into = %s where id = %s", asked.customer(1), asked.customer(0))
    await customer.post(asked.path(), data={"answer": "9"})
    [stored] = await rows("select customer_id from survey_responses")
    assert stored["customer_id"] == asked.customer(1)
    assert len(await rows("select * from events where customer_id = %s", asked.customer(1))) == 2


async def test_a_low_score_opens_a_complaint_once(app: FastAPI, customer: AsyncClient, rows: Rows) -> None:
    asked = await asked_of(app).open()
    await customer.post(asked.path(), data={"answer": "2"})
    [complaint] = await rows("select * from complaints")
    assert (complaint["source"], complaint["reference"]) == ("survey", str(asked.send()))
    assert complaint["detail"] == {"survey": "my-nps", "score": 2, "group": "detractor"}
    [event] = await rows("select * from events where name = 'Complaint Opened'")
    assert event["properties"]["source"] == "survey"
    [known] = await rows("select attributes from customers")
    assert known["attributes"]["open_complaint"] is True


async def test_a_coupon_that_the_journey_gives_is_shown(app: FastAPI, customer: AsyncClient, rows: Rows) -> None:
    asked = await asked_of(app).open()
    assert (await customer.get(asked.path() + "/coupon")).status_code == 404
    await customer.post(asked.path(), data={"answer": "9"})
    assert (await customer.get(asked.path() + "/coupon")).json() == {}
    await rows(
        "insert into coupon_codes (pool_key, code, taken_by, run_id, taken_at, valid_until) values "
        "('old', 'BEFORE', 'a', %s, %s, null), ('thanks', 'THANKS-7', 'b', %s, %s, %s)",
        *(asked.run(), NOW - timedelta(days=1), asked.run(), NOW + timedelta(minutes=5), NOW + timedelta(days=30)),
    )
    assert (await customer.get(asked.path() + "/coupon")).json() == {
        "code": "THANKS-7",
        "until": "2027.01.02",
    }


async def test_too_many_answers_of_one_network_are_asked_to_wait(
    app: FastAPI, customer: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(survey_page, "MOST_POSTS", 2)
    asked = await asked_of(app).open(customers=3)
    answers = [await customer.post(asked.path(n), data={"answer": "9"}) for n in range(3)]
    assert [answer.status_code for answer in answers] == [303, 303, 429]
    assert state_of(answers[-1]) == "busy"
    assert answers[-1].headers["retry-after"]
    assert state_of(await customer.get(asked.path(2))) == "open"  # looking is free
