"""A run that was, over HTTP: how things stood at each line, as a test run, and as a scenario without personal data."""

from uuid import UUID

import pytest
from httpx2 import AsyncClient

from orchestrator.core.scenarios.document import read_scenario_file
from orchestrator.files.yaml_text import load_plain_yaml
from tests.api.conftest import Rows
from tests.core.recordings.lives import PERSONAL, recorded
from tests.core.recordings.stored import store
from tests.core.recordings.test_recorded_scenario import LIVES
from tests.core.scenarios.shop import JOURNEY


@pytest.fixture
async def run(admin: AsyncClient, database_url: str, rows: Rows) -> UUID:
    """Somebody who answered the survey."""
    await rows("insert into workspace (id, time_zone, locale, settings) values (1, 'Asia/Seoul', 'ko', %s)", SENDING)
    assert (await admin.post("/api/journeys", json={"name": "Shop", "document": JOURNEY})).status_code == 201
    return await store(database_url, recorded(*LIVES["answers the survey"]))


SENDING = '{"sending": {"policy": "KR"}}'


async def test_how_things_stood_is_told_of_every_line(admin: AsyncClient, run: UUID) -> None:
    path = (await admin.get(f"/api/runs/{run}/path")).json()
    answer = await admin.get(f"/api/runs/{run}/snapshots")
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["differs"] is None
    assert [one["seq"] for one in told["snapshots"]] == [line["seq"] for line in path["transitions"]]
    first, last = told["snapshots"][0], told["snapshots"][-1]
    assert "1 hour" in first["waits_for"]["en"] or "11:00" in first["waits_for"]["en"]
    assert (first["variables"], last["variables"]["balance"]) == ({"balance": 0}, 7)
    assert [one["stage"] for one in told["customers"]] == ["intake", "retention"]
    assert told["customers"][0]["attributes"] == {"first_name": "하늘"}  # nothing looks at their street


async def test_it_becomes_a_test_run_of_somebody_made_up(admin: AsyncClient, run: UUID) -> None:
    told = (await admin.get(f"/api/runs/{run}/test-script")).json()
    assert [event["name"] for event in told["script"]["events"]] == ["Cart Updated", "Survey Answered"]
    assert [one["en"] for one in told["left_out"]] == ["What providers, other systems and coupon pools answered."]
    assert not told["same"]
    played = await admin.post("/api/journeys/test-run", json={"document": JOURNEY, **told["script"]})
    assert played.status_code == 200, played.text
    [one] = played.json()["runs"]
    assert one["ended"]["reason"] == "good"
    for word in PERSONAL:
        assert word not in str(told)


async def test_the_download_is_a_scenario_and_is_kept_in_the_audit_log(
    admin: AsyncClient, run: UUID, rows: Rows
) -> None:
    answer = await admin.get(f"/api/runs/{run}/scenario", headers={"accept-language": "en"})
    assert answer.status_code == 200, answer.text
    assert answer.text.startswith("# Version 1 of the journey “shop”.\n")
    assert 'filename="shop-' in answer.headers["content-disposition"]
    file, problems = read_scenario_file(load_plain_yaml(answer.text.encode()))
    assert not problems
    assert file is not None
    for word in PERSONAL:
        assert word not in answer.text
    [entry] = await rows("select what, subject from audit_log where what = 'run.recorded'")
    assert entry["subject"] == str(run)


@pytest.mark.parametrize("what", ["snapshots", "test-script", "scenario"])
async def test_of_an_unknown_run_nothing_is_told(admin: AsyncClient, what: str) -> None:
    answer = await admin.get(f"/api/runs/{UUID(int=7)}/{what}")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_run")


async def test_in_a_test_run_each_line_and_each_decision_say_what_they_saw(admin: AsyncClient) -> None:
    script = {
        "document": JOURNEY,
        "customer": {"attributes": {"first_name": "지우", "shoe": 42}, "consents": {}, "contacts": {"email": "a@b.kr"}},
        "start": "2026-03-02T01:00:00Z",
        "until": "2026-03-03T01:00:00Z",
        "events": [{"at": "2026-03-02T01:00:00Z", "name": "Cart Updated", "properties": {"cart_id": "c1"}}],
    }
    answer = (await admin.post("/api/journeys/test-run", json=script)).json()
    [one] = answer["runs"]
    assert all(line["snapshot"]["customer"] < len(answer["customers"]) for line in one["transitions"])
    assert one["transitions"][0]["snapshot"]["waiting_until"] == "2026-03-02T02:00:00Z"
    assert answer["customers"][0]["attributes"] == {"first_name": "지우"}
    letter = one["sends"][0]
    inputs = {told["label"]["en"]: told["value"]["en"] for told in letter["inputs"]}
    assert inputs["Advertising by app push"].startswith("not agreed")
    assert inputs["e-mail address"] == "there is one"
    assert inputs["Rules of sending"]
