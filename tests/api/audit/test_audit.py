"""Every change is kept, by whom and when; the chain says where somebody tampered with it."""

import asyncio
import csv
import io

import orjson
import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from sqlalchemy import text
from typer.testing import CliRunner

from api.app import ROUTERS
from api.audit.changes import BY_THEMSELVES, CHANGES, CUSTOMERS_OWN, NOT_KEPT
from api.audit.command import app as command
from api.pages.words import Words
from orchestrator.store.audit.chain import By, Change, first_broken, record_alone
from tests.routes import found_in

KIM = By("Kim", "session")


def test_every_address_that_may_change_something_is_decided_about() -> None:
    addresses = {
        f"{method} {route.path}"
        for router in ROUTERS
        for route in found_in(router.routes)
        for method in (route.methods or set()) - {"GET", "HEAD", "OPTIONS"}
    }
    ours = {one for one in addresses if not one.startswith(CUSTOMERS_OWN)}
    lists = [set(CHANGES), set(BY_THEMSELVES), set(NOT_KEPT)]
    assert sum(map(len, lists)) == len(set().union(*lists)), "an address stands in two lists"
    assert ours == set().union(*lists)


@pytest.mark.parametrize("locale", ["en", "ko"])
def test_every_change_has_its_words(locale: str) -> None:
    words = Words(locale, "Asia/Seoul")
    assert [what for what in CHANGES.values() if words.of("audit", what) == what] == []
    areas = {what.partition(".")[0] for what in CHANGES.values()}
    assert [area for area in areas if words.of("audit_area", area) == area] == []


async def test_what_is_changed_is_kept_and_what_is_refused_is_not(admin: AsyncClient) -> None:
    journey = {"name": {"en": "One"}, "key": "one"}
    assert (await admin.post("/api/journeys", json=journey)).status_code == 201
    assert (await admin.post("/api/journeys", json=journey)).status_code == 409
    assert (await admin.get("/api/journeys/one")).status_code == 200
    assert (await admin.delete("/api/journeys/one")).status_code == 204
    kept = (await admin.get("/api/audit")).json()["items"]
    told = [(one["what"], one["subject"], one["who"], one["via"]) for one in kept]
    assert told == [
        ("journey.deleted", "one", "SOJOURN_ADMIN_TOKEN", "setting"),
        ("journey.made", "", "SOJOURN_ADMIN_TOKEN", "setting"),
    ]
    assert (await admin.get("/api/audit/verify")).json() == {"holds": True, "broken_at": None}
    assert (await admin.get("/api/audit?what=journey.made")).json()["items"] == kept[1:]
    assert (await admin.get("/api/audit?who=nobody")).json()["items"] == []


async def fill(app: FastAPI) -> None:
    for n in range(5):
        change = Change("journey.published", f"journey-{n}", {"version": n, "share": 0.1}, {"version": n + 1}, "=why")
        await record_alone(app.state.resources.engine, KIM, change)


@pytest.mark.parametrize(
    ("tampering", "broken"),
    [
        ("update audit_log set who = 'Lee' where seq = 2", 2),
        ("update audit_log set after = '{\"version\": 9}' where seq = 4", 4),
        ("update audit_log set at = at + interval '1 microsecond' where seq = 1", 1),
        ("delete from audit_log where seq = 3", 3),
        ("delete from audit_log where seq = 1", 1),
        ("update audit_log set seq = case seq when 2 then 30 else 2 end where seq in (2, 3)", 2),
        ("update audit_log set why = why", None),
    ],
)
async def test_tampering_is_found_where_it_was_done(app: FastAPI, tampering: str, broken: int | None) -> None:
    await fill(app)
    engine = app.state.resources.engine
    assert await first_broken(engine) is None
    async with engine.begin() as db:
        await db.execute(text(tampering))
    assert await first_broken(engine) == broken


async def test_the_export_is_whole_and_harmless_to_a_spreadsheet(app: FastAPI, admin: AsyncClient) -> None:
    await fill(app)
    lines = (await admin.get("/api/audit/export")).content.splitlines()
    assert [orjson.loads(line)["seq"] for line in lines] == [1, 2, 3, 4, 5]
    table = list(csv.DictReader(io.StringIO((await admin.get("/api/audit/export?format=csv")).text)))
    assert [row["subject"] for row in table] == [f"journey-{n}" for n in range(5)]
    assert {row["why"] for row in table} == {"'=why"}
    assert orjson.loads(table[0]["before"]) == {"version": 0, "share": 0.1}


async def test_two_at_once_stand_one_after_the_other(app: FastAPI) -> None:
    await asyncio.gather(*(fill(app) for _ in range(4)))
    assert await first_broken(app.state.resources.engine) is None


def test_the_command_line_exports_and_verifies(monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    monkeypatch.setenv("SOJOURN_DATABASE_URL", database_url)
    assert "as it was written" in CliRunner().invoke(command, ["verify"]).output
    assert CliRunner().invoke(command, ["export", "--format", "csv"]).output.startswith("seq,id,at,who")
