"""``sojourn doctor`` and ``sojourn pauses`` from a terminal."""

from collections.abc import Callable

import orjson
import psycopg
import pytest
from typer.testing import CliRunner, Result

from api.doctor.command import app as doctor_app
from api.operations.pause_command import app as pauses_app
from orchestrator.settings import Settings
from orchestrator.store.database import plain_dsn
from orchestrator.store.workspace import prepare_workspace

Command = Callable[..., Result]


@pytest.fixture
async def prepared(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    await prepare_workspace(settings)
    for name in ("database_url", "redis_url", "temporal_address", "data_dir"):
        monkeypatch.setenv(f"SOJOURN_{name.upper()}", str(getattr(settings, name)))
    monkeypatch.setenv("SOJOURN_TASK_QUEUE", "nobodys-own")
    return settings


def test_it_names_what_is_wrong_and_says_so_to_programs(prepared: Settings) -> None:
    told = CliRunner().invoke(doctor_app, ["--json"])
    findings = {one["code"]: one for one in orjson.loads(told.output)["findings"]}
    assert told.exit_code == 1
    assert {code for code, one in findings.items() if one["level"] == "wrong"} == {"worker", "router"}
    assert {"database", "redis", "temporal", "clocks", "runs", "restored", "ledger"} <= findings.keys()

    with psycopg.connect(plain_dsn(prepared.database_url), autocommit=True) as db:
        db.execute(
            "insert into listening (customer_id, event_name, run_id, workflow_id) "
            "values (gen_random_uuid(), 'Visited', gen_random_uuid(), 'news/x')"
        )
    shown = CliRunner().invoke(doctor_app, [])
    assert "WRONG Runs that are over, or unknown, and listen for events still. (1)" in shown.output
    fixed = CliRunner().invoke(doctor_app, ["--fix"])
    assert "fixed listening: 1" in fixed.output
    assert "listen for events still" not in CliRunner().invoke(doctor_app, []).output

    with psycopg.connect(plain_dsn(prepared.database_url), autocommit=True) as db:
        db.execute("update alembic_version set version_num = '0001'")
    assert "run `sojourn migrate`" in CliRunner().invoke(doctor_app, []).output


def test_everything_is_held_by_hand_and_resumed(prepared: Settings) -> None:
    assert CliRunner().invoke(doctor_app, ["--hold"]).exit_code == 1
    listed = CliRunner().invoke(pauses_app, ["list"]).output
    assert "everything" in listed
    assert "command line" in listed
    assert CliRunner().invoke(pauses_app, ["begin", "everything"]).output == "It was paused already.\n"
    assert CliRunner().invoke(pauses_app, ["end", "everything"]).output == "Resumed.\n"
    assert CliRunner().invoke(pauses_app, ["list"]).output == "Nothing is paused.\n"
    refused = CliRunner().invoke(pauses_app, ["begin", "step:news/none"])
    assert refused.exit_code == 2
