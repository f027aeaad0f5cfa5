"""Suggestions over HTTP: counted as plainly as can be, drawn into the draft of this moment, put aside, brought back."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from httpx2 import AsyncClient
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.settings import Settings
from orchestrator.store.database import create_engine
from tests.api.conftest import Rows
from tests.web import shop

ADDRESS = "/api/suggestions/lifecycle/nudge/email/opened"
_SENDS = text("""
insert into sends (id, run_id, journey_key, step, occurrence, customer_id, message_class, status, reason, channel,
    created_at, sent_at, opened_at, delivery, attempts)
select gen_random_uuid(), gen_random_uuid(), :journey, :step, 1, md5('who' || n)::uuid, 'advertising', 'sent', '',
    'email', :at, :at, case when n <= :opened then cast(:at as timestamptz) + interval '1 hour' end,
    case when n <= :of then 'delivered' end, 1
from generate_series(1, :sent) as n
""")
_OUT = text("""
insert into consent_log (customer_id, name, granted, source, evidence, at)
select customer_id, 'email', false, 'unsubscribe', jsonb_build_object('send', id), sent_at
from sends where step = :step and delivery = 'delivered' limit :people
""")
_BACK = text("""
insert into consent_log (customer_id, name, granted, source, evidence, at)
select customer_id, name, true, 'preferences', evidence, at + interval '1 hour' from consent_log where not granted
""")
_PUBLISHED = text("""
insert into journey_versions (journey_key, version, plan_hash, published_at, document)
select key, 2, (select plan_hash from journey_versions where journey_key = key and version = 1), :at, draft
from journeys where key = 'lifecycle'
""")


@pytest.fixture
async def engine(api_settings: Settings) -> AsyncIterator[AsyncEngine]:
    """A shop whose first-order reminder is opened by a tenth, its other advertising e-mails by a quarter."""
    engine = create_engine(api_settings.database_url)
    await shop.fill(engine)
    for journey, step, opened in (
        ("lifecycle", "nudge", 100),
        ("lifecycle", "related", 250),
        ("cart-recovery", "last-reminder", 240),
    ):
        await send(engine, journey, step, 1_200, 1_000, opened)
    yield engine
    await engine.dispose()


async def send(
    engine: AsyncEngine, journey: str, step: str, sent: int, of: int, opened: int, ago: timedelta = timedelta(days=3)
) -> None:
    """So many messages, of which ``of`` arrived and ``opened`` were opened."""
    given = {"journey": journey, "step": step, "sent": sent, "of": of, "opened": opened, "at": shop.NOW - ago}
    async with engine.begin() as db:
        await db.execute(_SENDS, given)


async def ask(admin: AsyncClient) -> list[dict[str, Any]]:
    answer = await admin.get("/api/suggestions")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def test_a_message_that_is_opened_less_is_told_with_its_figures(admin: AsyncClient, engine: AsyncEngine) -> None:
    await send(engine, "lifecycle", "nudge", 500, 500, 500, timedelta(days=40))  # longer ago than anybody looks back
    [found] = await ask(admin)
    assert (found["journey"], found["step"], found["channel"], found["metric"]) == (
        "lifecycle",
        "nudge",
        "email",
        "opened",
    )
    assert (found["state"], found["change"], found["others"]) == ("open", "best_hour", 2)
    assert found["now"] == {"people": 100, "of": 1_000, "rate": 0.1}, "of those it reached, not of those it was sent to"
    assert found["kind"] == {"people": 490, "of": 2_000, "rate": 0.245}
    assert found["difference"]["relative"] == pytest.approx(0.1 / 0.245 - 1)
    assert found["difference"]["high"] < 0


async def test_opt_outs_call_for_another_change(admin: AsyncClient, engine: AsyncEngine) -> None:
    async with engine.begin() as db:
        for step, people in (("related", 120), ("nudge", 20), ("last-reminder", 22)):
            await db.execute(_OUT, {"step": step, "people": people})
    found = {one["step"]: one for one in await ask(admin)}
    assert found["related"]["metric"] == "unsubscribed"
    assert found["related"]["change"] == "leave_out"
    assert found["related"]["now"] == {"people": 120, "of": 1_000, "rate": 0.12}
    assert found["nudge"]["metric"] == "opened"


async def test_an_opt_out_that_was_taken_back_is_none(admin: AsyncClient, engine: AsyncEngine) -> None:
    async with engine.begin() as db:
        for step, people in (("related", 120), ("nudge", 40), ("last-reminder", 40)):
            await db.execute(_OUT, {"step": step, "people": people})
        await db.execute(_BACK)
    assert [one["metric"] for one in await ask(admin)] == ["opened"]


async def test_drawing_changes_the_draft_of_this_moment_and_nothing_that_is_live(
    admin: AsyncClient, engine: AsyncEngine, rows: Rows
) -> None:
    [before] = await rows("select draft, revision, live_version from journeys where key = 'lifecycle'")
    answer = await admin.post(f"{ADDRESS}/draw")
    assert answer.status_code == 200, answer.text
    experiment = answer.json()["experiment"]
    [after] = await rows("select draft, revision, live_version from journeys where key = 'lifecycle'")
    assert after["revision"] == before["revision"] + 1
    assert after["live_version"] == before["live_version"]
    assert experiment in {step["id"] for step in after["draft"]["steps"]}
    [found] = await ask(admin)
    assert (found["state"], found["experiment"]) == ("drawn", experiment)
    again = await admin.post(f"{ADDRESS}/draw")
    assert (again.status_code, again.json()["code"]) == (409, "no_suggestion"), "not drawn twice"
    [audited] = await rows("select what from audit_log where starts_with(what, 'suggestion.')")
    assert audited["what"] == "suggestion.drawn"


async def test_what_is_live_is_told_with_before_and_since(admin: AsyncClient, engine: AsyncEngine) -> None:
    await admin.post(f"{ADDRESS}/draw")
    [drawn] = await ask(admin)
    async with engine.begin() as db:
        at = (await db.execute(text("select decided_at + interval '1 second' from suggestion_decisions"))).scalar_one()
        await db.execute(_PUBLISHED, {"at": at})
    [live] = await ask(admin)
    assert (drawn["state"], live["state"], live["before_after"]) == ("drawn", "live", None)
    await send(engine, "lifecycle", "nudge", 1_000, 1_000, 300, -timedelta(minutes=1))
    async with engine.begin() as db:
        await db.execute(text("update sends set sent_at = :at where sent_at > :now"), {"at": at, "now": shop.NOW})
    [live] = await ask(admin)
    told = live["before_after"]
    assert told["before"] == {"people": 100, "of": 1_000, "rate": 0.1}
    assert told["after"] == {"people": 300, "of": 1_000, "rate": 0.3}
    assert told["difference"]["relative"] == pytest.approx(2)
    assert told["difference"]["low"] > 0


async def test_what_is_put_aside_comes_back_when_it_is_asked_for(admin: AsyncClient, engine: AsyncEngine) -> None:
    assert (await admin.post(f"{ADDRESS}/dismiss")).status_code == 204
    assert [one["state"] for one in await ask(admin)] == ["dismissed"]
    assert (await admin.post(f"{ADDRESS}/restore")).status_code == 204
    assert [one["state"] for one in await ask(admin)] == ["open"]
    assert (await admin.post(f"{ADDRESS}/restore")).json()["code"] == "no_suggestion"
    async with engine.begin() as db:
        await admin.post(f"{ADDRESS}/dismiss")
        await db.execute(text("update suggestion_decisions set decided_at = decided_at - interval '91 days'"))
    assert [one["state"] for one in await ask(admin)] == ["open"], "after 90 days, if the figures still say so"


async def test_a_step_that_the_draft_has_lost_is_not_drawn(admin: AsyncClient, engine: AsyncEngine, rows: Rows) -> None:
    async with engine.begin() as db:
        await db.execute(text("update journeys set draft = draft || '{\"steps\": []}' where key = 'lifecycle'"))
    answer = await admin.post(f"{ADDRESS}/draw")
    assert (answer.status_code, answer.json()["code"]) == (409, "suggestion_outdated")
    assert not await rows("select 1 from suggestion_decisions"), "nothing is half done"


@pytest.mark.parametrize("address", ["lifecycle/nudge/email/sent", "lifecycle/nudge/email/clicked", "x/y/z/opened"])
async def test_what_the_figures_do_not_say_is_refused(admin: AsyncClient, engine: AsyncEngine, address: str) -> None:
    answer = await admin.post(f"/api/suggestions/{address}/draw")
    assert answer.status_code in (400, 409), answer.text
    assert answer.json()["code"]
