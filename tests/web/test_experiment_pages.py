"""The pages of experiments: how to begin, the library, what one says in a sentence, what journeys brought."""

from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from orchestrator.settings import DEV_ADMIN_TOKEN
from orchestrator.store.workspace import load_clock
from tests.store.experiments.exposed_people import DOCUMENT, EXPERIMENT, People, crowd_in, publish_experiment
from tests.web.people import csrf_of

PAGE = f"/experiments/{EXPERIMENT}"
API = f"/api/experiments/{EXPERIMENT}"
ENGLISH = {"accept-language": "en"}
TOKEN = {"authorization": f"Bearer {DEV_ADMIN_TOKEN}"}


async def began(app: FastAPI, days: float) -> Any:
    async with app.state.resources.sessions() as session:
        return (await load_clock(session)).now() - timedelta(days=days)


@pytest.fixture
async def run(app: FastAPI) -> None:
    """An experiment of 1,200 customers over 17 days."""
    engine = app.state.resources.engine
    await publish_experiment(engine)
    await crowd_in(engine, 1_200, await began(app, 25))


async def test_the_empty_pages_say_how_to_begin(browser: AsyncClient) -> None:
    assert "여정에 실험 단계를 추가하고 게시하세요" in (await browser.get("/experiments")).text
    assert "제외 그룹 비율을 정하면" in (await browser.get("/experiments/holdouts")).text
    assert (await browser.get(PAGE)).status_code == 404
    assert (await browser.get(API, headers=TOKEN)).json()["code"] == "unknown_experiment"


async def test_before_anybody_came_the_page_says_so(app: FastAPI, browser: AsyncClient) -> None:
    await publish_experiment(app.state.resources.engine)
    assert "아직 배정된 고객이 없습니다" in (await browser.get(PAGE)).text
    assert (await browser.get(API, headers=TOKEN)).json()["figures"] == []
    assert "No experiment yet" not in (await browser.get("/experiments", headers=ENGLISH)).text


@pytest.mark.usefixtures("run")
async def test_one_says_what_it_shows_in_a_sentence_and_in_figures(browser: AsyncClient) -> None:
    page = (await browser.get(PAGE)).text
    assert "“이름 넣어”가 “이름 없이”보다 좋습니다." in page
    assert "50.00%" in page
    english = (await browser.get(PAGE, headers=ENGLISH)).text
    assert "“With name” is better than “Without name”: +400" in english
    body = (await browser.get(API, headers=TOKEN)).json()
    [figures] = body["figures"]
    arms = {one["arm"]: one for one in figures["arms"]}
    assert (arms["a"]["exposed"], arms["a"]["total"]) == (600, 60)
    assert (arms["b"]["exposed"], arms["b"]["total"], arms["b"]["mean"]) == (600, 300, 0.5)
    assert (figures["verdict"], figures["verdict_arm"]) == ("better", "b")
    assert arms["b"]["low"] > 0.3
    assert arms["b"]["best"] > 0.999
    assert figures["course"][-1]["difference"] == pytest.approx(arms["b"]["difference"])
    assert {one["metric"] for one in figures["guards"]} == {"unsubscribed", "complained"}
    assert not figures["sample_ratio_blocks"]
    revenue = (await browser.get(API, headers=TOKEN, params={"metric": "revenue", "within": 30})).json()
    assert [one["currency"] for one in revenue["figures"]] == ["KRW"]
    assert revenue["figures"][0]["arms"][0]["exposed"] == 600
    power = (await browser.get(f"{API}/power", headers=TOKEN, params={"lift": 0.5})).json()
    assert power["customers"] > power["exposed"] / 4
    assert power["a_day"] == pytest.approx(72, abs=6)
    assert (await browser.get(API, headers=TOKEN, params={"metric": "speed"})).json()["code"] == "invalid_parameter"
    assert (await browser.get(f"{API}/power", headers=TOKEN, params={"lift": 0})).status_code == 400


@pytest.mark.usefixtures("run")
async def test_arms_without_their_share_of_customers_conclude_nothing(app: FastAPI, browser: AsyncClient) -> None:
    people = People(app.state.resources.engine)
    for n in range(250):
        people.exposed("b", n / 100)
    await people.save()
    page = (await browser.get(PAGE, headers=ENGLISH)).text
    assert "no figure can be trusted" in page
    assert "is better than" not in page
    assert "Counted: Without name 600, With name 850" in page
    assert (await browser.get(API, headers=TOKEN)).json()["figures"][0]["verdict"] == "sample_ratio"


@pytest.mark.usefixtures("run")
async def test_what_was_learned_stays_in_the_library_and_is_found_there(browser: AsyncClient) -> None:
    given = {"csrf": await csrf_of(browser), "learned": "Names in subject lines sell.\r\nTry it in texts."}
    answer = await browser.post(f"{PAGE}/learned", data=given)
    assert answer.headers["location"].startswith(f"{PAGE}?done=experiment_learned")
    library = (await browser.get("/experiments")).text
    assert "Names in subject lines sell." in library
    assert "1,200" in library
    assert PAGE in (await browser.get("/experiments", params={"q": "SUBJECT lines sell"})).text
    assert PAGE in (await browser.get("/experiments", params={"q": "이름 넣기", "show": "running"})).text
    for query in ({"q": "something else"}, {"show": "past"}):
        found = (await browser.get("/experiments", params=query)).text
        assert PAGE not in found
        assert "찾는 실험이 없습니다" in found
    [listed] = (await browser.get("/api/experiments", headers=TOKEN)).json()["experiments"]
    assert listed["learned"] == "Names in subject lines sell.\nTry it in texts."
    changed = await browser.put(f"{API}/conclusion", headers=TOKEN, json={"learned": "By the API."})
    assert changed.json()["learned"] == "By the API."
    assert (await browser.put(f"{API}/conclusion", headers=TOKEN, json={"learned": "x" * 10_001})).status_code == 400


async def test_what_journeys_brought_is_told_against_their_holdout(app: FastAPI, browser: AsyncClient) -> None:
    document = {"entry": {"triggers": [{"kind": "event", "event": "Visited"}], "holdout": 20}}
    await publish_experiment(app.state.resources.engine, {**DOCUMENT, **document})
    people = People(app.state.resources.engine)
    for n in range(1_000):
        held = n % 5 == 0
        who = people.decided("holdout" if held else "admitted", n / 100)
        if n % 10 < (1 if held else 4):
            people.order(who, n / 100 + 1, 10_000)
    await people.save()
    page = (await browser.get("/experiments/holdouts", headers=ENGLISH)).text
    assert "Cart reminder" in page
    [one] = (await browser.get("/api/experiments/holdouts", headers=TOKEN)).json()["holdouts"]
    orders, revenue = one["effects"]
    assert (orders["treated"], orders["held_out"]["total"]) == ({"customers": 800, "total": 300, "mean": 0.375}, 100)
    assert not orders["sample_ratio_blocks"]
    assert revenue["currency"] == "KRW"
