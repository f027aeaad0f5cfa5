"""Back-tests over all cores: every customer once, the first figures soon, and an end at once when it is cancelled."""

from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from api.backtests.running import run_backtest
from orchestrator.core.backtest.estimate import Totals
from orchestrator.core.backtest.walk import Backtest, EndlessJourney, walk_customer
from orchestrator.core.journey.plan import Plan
from orchestrator.core.sending.policies import rules_of
from orchestrator.core.zone_settings import DEFAULT_ZONE
from orchestrator.store.backtest.people import load_walked
from orchestrator.store.backtest.strata import STRATA, stratify, uuids
from orchestrator.store.database import create_engine, plain_dsn
from tests.api.backtests import shop
from tests.core.run.driver import delay, journey, message, planned, step, straight
from tests.waiting import until

NOW = datetime(2026, 3, 31, 3, tzinfo=UTC)
CUSTOMERS = 300
KEYS = [
    ("draft", "entries"),
    ("draft", "sent"),
    ("live", "sent"),
    ("difference", "sent"),
    ("differs", "other_messages"),
]


def cart(wait: str, **more: Any) -> Plan:
    entry = {"triggers": [{"kind": "event", "event": "Cart Updated"}]}
    exits = [{"id": "bought", "event": "Order Completed"}]
    mail = message("m", **{"class": "advertising"})
    steps = straight(delay("d", wait), mail, entry=entry, exits=exits, reentry={"mode": "after_end"}, **more)
    return planned(steps)


def asked(draft: Plan, live: Plan | None = None) -> Backtest:
    return Backtest(draft, live, NOW, 30, DEFAULT_ZONE, rules_of(None))


@pytest.fixture
def filled(database_url: str) -> str:
    shop.fill(database_url, CUSTOMERS, NOW)
    return database_url


async def test_everybody_is_walked_once_and_the_figures_are_exact(filled: str) -> None:
    wanted = asked(cart("1h"), cart("2d"))
    progress = [one async for one in run_backtest(filled, wanted, at_once=2)][-1]
    assert progress.done
    assert (progress.totals.walked, progress.totals.complete) == (CUSTOMERS, True)
    engine = create_engine(filled)
    strata = await stratify(engine, wanted.triggers, wanted.lead_in, NOW, everybody_may=False)
    by_hand = Totals(strata.sizes)
    for name, ids in strata.ids.items():
        for one in await load_walked(engine, wanted, uuids(ids)):
            by_hand.strata[name].add(walk_customer(wanted, one), compared=True)
    await engine.dispose()
    assert all(size > 0 for size in strata.sizes.values())
    for key in KEYS:
        assert progress.totals.estimate(key) == by_hand.estimate(key)
        assert progress.totals.estimate(key).exact
    assert progress.totals.estimate(("draft", "sent")).value > 100
    assert len(progress.differing["other_messages"]) == progress.totals.estimate(("differs", "other_messages")).value


async def test_the_first_figures_come_from_few_and_narrow(filled: str) -> None:
    widths, walked = [], []
    async for progress in run_backtest(filled, asked(cart("1h")), at_once=1):
        if progress.totals.ready:
            told = progress.totals.estimate(("draft", "sent"))
            widths.append(told.high - told.low)
            walked.append(progress.totals.walked)
    assert walked[0] <= CUSTOMERS / 4
    assert widths[0] > widths[len(widths) // 2] > widths[-1] == 0


async def test_a_sample_is_walked_where_no_more_is_asked_for(filled: str) -> None:
    progress = [one async for one in run_backtest(filled, asked(cart("1h")), most=80, at_once=1)][-1]
    assert (progress.done, progress.totals.walked, progress.totals.complete) == (True, 80, False)
    assert not progress.totals.estimate(("draft", "sent")).exact


def connections(database_url: str) -> int:
    """Of back-tests, to this database."""
    with psycopg.connect(plain_dsn(database_url)) as db:
        asked = "select count(*) from pg_stat_activity where application_name = %s and datname = current_database()"
        [[count]] = db.execute(asked, ("sojourn backtest",)).fetchall()
        return int(count)


async def test_it_ends_at_once_with_its_processes_when_nobody_listens_any_more(filled: str) -> None:
    async with aclosing(run_backtest(filled, asked(cart("1h")), at_once=2)) as found:
        progress = await anext(found)
        assert not progress.totals.complete
        assert connections(filled) >= 1
    await until(lambda: connections(filled) == 0, "its processes are gone")


async def test_a_journey_without_end_is_told(filled: str) -> None:
    entry = {"triggers": [{"kind": "event", "event": "Cart Updated"}]}
    round_and_round = journey(
        delay("d", "1m"),
        step("g", "go_to", target="d"),
        edges="entry > d, d > g",
        exits=[{"id": "x", "event": "Bye"}],
        entry=entry,
    )
    with pytest.raises(EndlessJourney):
        async for _ in run_backtest(filled, asked(planned(round_and_round)), at_once=1):
            pass


async def test_nobody_to_walk_is_no_trouble(database_url: str) -> None:
    told = [progress async for progress in run_backtest(database_url, asked(cart("1h")), at_once=1)]
    assert (told[-1].done, told[-1].totals.of) == (True, 0)


async def test_strata_are_by_what_lets_in_and_in_the_same_order_each_time(filled: str) -> None:
    engine = create_engine(filled)
    wanted = asked(cart("1h"))
    one = await stratify(engine, wanted.triggers, wanted.lead_in, NOW, everybody_may=False)
    other = await stratify(engine, wanted.triggers, wanted.lead_in, NOW, everybody_may=False)
    due = await stratify(engine, frozenset(), wanted.lead_in, NOW, everybody_may=True)
    await engine.dispose()
    assert one == other
    assert sum(one.sizes.values()) == CUSTOMERS
    assert list(one.sizes) == list(STRATA)
    assert due.sizes == {"none": 0, "one": CUSTOMERS, "some": 0, "many": 0}
    assert uuids(one.ids["none"]) != sorted(uuids(one.ids["none"]))
