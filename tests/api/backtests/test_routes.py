"""A back-test over HTTP: started, watched, cancelled; and from the command line."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from typer.testing import CliRunner

from api import command_line
from api.backtests import command, kept
from orchestrator.settings import Settings
from orchestrator.store.workspace import clock_of
from tests.api.backtests import shop
from tests.api.journeys.test_review import REMINDER
from tests.api.journeys.test_versions import publish
from tests.waiting import until

CUSTOMERS = 120


@pytest.fixture
def filled(database_url: str) -> None:
    shop.fill(database_url, CUSTOMERS, clock_of(None).now())


async def begin(admin: AsyncClient, **body: Any) -> str:
    answer = await admin.post("/api/journeys/cart/backtest", json=body)
    assert answer.status_code == 202, answer.text
    assert answer.json()["state"] == "waiting"
    return str(answer.json()["id"])


async def look(admin: AsyncClient, identity: str) -> dict[str, Any]:
    answer = await admin.get(f"/api/journeys/cart/backtest/{identity}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def done(admin: AsyncClient, identity: str) -> dict[str, Any]:
    async def over() -> dict[str, Any] | None:
        told = await look(admin, identity)
        return told if told["state"] in ("done", "failed", "cancelled") else None

    return dict(await until(over, "the back-test is over", seconds=90))


def total(told: dict[str, Any], code: str) -> dict[str, Any]:
    return dict(next(one for one in told["figures"]["totals"] if one["code"] == code))


async def test_a_draft_beside_the_live_version_to_the_last_customer(admin: AsyncClient, filled: None) -> None:
    await publish(admin, REMINDER)
    slower = {**REMINDER["steps"][0], "settings": {"mode": "duration", "duration": "2d"}}
    await admin.put("/api/journeys/cart", json={**REMINDER, "steps": [slower, *REMINDER["steps"][1:]]})
    identity = await begin(admin, days=30)
    told = await done(admin, identity)
    assert (told["state"], told["problem"], told["live_version"]) == ("done", None, 1)
    figures = told["figures"]
    assert (figures["walked"], figures["of"], figures["exact"], figures["compared"]) == (
        CUSTOMERS,
        CUSTOMERS,
        True,
        True,
    )
    sent = total(told, "sent")
    assert sent["draft"]["low"] == sent["draft"]["value"] == sent["draft"]["high"] > 0
    assert sent["difference"]["value"] == sent["draft"]["value"] - sent["live"]["value"] < 0
    assert sum(one["draft"]["value"] for one in figures["messages_by_day"]) == sent["draft"]["value"]
    [by_channel] = next(one for one in figures["sections"] if one["code"] == "sent_by")["figures"]
    assert by_channel["text"]["en"] == "E-mail, informational"
    listed = (await admin.get(f"/api/journeys/cart/backtest/{identity}/customers")).json()["items"]
    others = next(one for one in figures["differs"] if one["code"] == "other_messages")
    assert len(listed["other_messages"]) == others["customers"]["value"] > 0


async def test_a_sample_has_intervals_and_no_live_version_is_told_of(admin: AsyncClient, filled: None) -> None:
    await admin.put("/api/journeys/cart", json=REMINDER)
    told = await done(admin, await begin(admin, sample=60))
    assert (told["figures"]["walked"], told["figures"]["exact"], told["live_version"]) == (60, False, None)
    entries = total(told, "entries")
    assert entries["draft"]["low"] < entries["draft"]["value"] < entries["draft"]["high"]
    assert (entries["live"], told["figures"]["differs"]) == (None, [])


async def test_one_that_is_cancelled_or_replaced_ends(admin: AsyncClient, filled: None) -> None:
    await admin.put("/api/journeys/cart", json=REMINDER)
    first = await begin(admin)
    second = await begin(admin)
    assert (await look(admin, first))["state"] == "cancelled"
    answer = await admin.delete(f"/api/journeys/cart/backtest/{second}")
    assert answer.status_code == 204
    assert (await look(admin, second))["state"] == "cancelled"


async def test_one_whose_process_is_gone_was_interrupted(
    admin: AsyncClient, app: FastAPI, filled: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    await admin.put("/api/journeys/cart", json=REMINDER)
    identity = await begin(admin)
    await admin.delete(f"/api/journeys/cart/backtest/{identity}")
    runner = app.state.backtests
    [[_, (record, _)]] = runner.kept._own.items()
    await runner.kept.keep(UUID(identity), {**record, "state": "walking"}, {})
    runner.kept._own.clear()
    assert (await look(admin, identity))["state"] == "walking"
    monkeypatch.setattr(kept, "SILENT", -kept.SILENT)
    told = await look(admin, identity)
    assert (told["state"], told["problem"]["en"]) == ("failed", "The server was restarted meanwhile. Start again.")


async def test_what_cannot_be_walked_is_told(admin: AsyncClient, filled: None) -> None:
    await admin.put("/api/journeys/cart", json={**REMINDER, "edges": []})
    answer = await admin.post("/api/journeys/cart/backtest", json={})
    assert (answer.status_code, answer.json()["code"]) == (409, "journey_has_errors")
    for body, field in (({"days": 91}, "days"), ({"sample": 0}, "sample"), ({"what": 1}, "what")):
        answer = await admin.post("/api/journeys/cart/backtest", json=body)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_parameter"), answer.text
        assert answer.json()["field"].endswith(field)
    nobody = "00000000-0000-4000-8000-000000000000"
    for method in ("GET", "DELETE"):
        answer = await admin.request(method, f"/api/journeys/cart/backtest/{nobody}")
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_backtest")
    assert (await admin.post("/api/journeys/nothing/backtest", json={})).status_code == 404


async def test_a_journey_that_goes_round_is_told(admin: AsyncClient, filled: None) -> None:
    breath = {**REMINDER["steps"][0], "settings": {"mode": "duration", "duration": "1m"}}
    again = {"id": "again", "kind": "go_to", "stage": "intake", "settings": {"target": "wait"}}
    edges = [{"from": "entry", "to": "wait"}, {"from": "wait", "to": "again"}]
    await admin.put("/api/journeys/cart", json={**REMINDER, "steps": [breath, again], "edges": edges})
    told = await done(admin, await begin(admin))
    assert told["state"] == "failed"
    assert "without waiting" in told["problem"]["en"]


def test_on_the_command_line(
    filled: None, api_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command_line, "load_settings", lambda: api_settings)
    file = tmp_path / "cart.json"
    file.write_text(json.dumps(REMINDER))
    result = CliRunner().invoke(command.app, [str(file), "--days", "60", "--json", "--lang", "en"])
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert (told["walked"], told["exact"], told["days"]) == (CUSTOMERS, True, 60)
    shown = CliRunner().invoke(command.app, [str(file), "--sample", "60", "--lang", "ko"])
    assert shown.exit_code == 0, shown.output
    assert f"고객 {CUSTOMERS}명 중 60명" in shown.stdout
    assert "일별 메시지" in shown.stdout
    missing = CliRunner().invoke(command.app, ["nothing"])
    assert (missing.exit_code, "neither a file nor a journey" in missing.output) == (2, True)
    file.write_text(json.dumps({**REMINDER, "edges": []}))
    wrong = CliRunner().invoke(command.app, [str(file), "--lang", "en"])
    assert (wrong.exit_code, "no_entry_edge" in wrong.output) == (1, True)
