"""A worker is asked to end while commits of its runs fail: it ends in its time, and another one goes on from there."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import pytest

from tests.examples import some
from tests.live.crowd import JOURNEY
from tests.live.installation import Installation
from tests.waiting import until

CUSTOMERS = 30
GRACE = 5.0
"""Seconds that activities under way have (``workflows.worker``)."""
ROOM = 3.0
"""Seconds beyond, for closing connections, on a machine that others use."""
HELD = """
select count(*) from pg_stat_activity where application_name = 'sojourn worker' and wait_event_type = 'Lock'
"""
IMPATIENT = """
do $$ begin execute format('alter database %I set lock_timeout = 300', current_database()); end $$
"""
RECONNECT = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'sojourn worker'"


@asynccontextmanager
async def locked(dsn: str) -> AsyncIterator[None]:
    """No commit of a run can be carried out meanwhile."""
    async with await psycopg.AsyncConnection.connect(dsn) as db:
        await db.execute("lock table transitions in access exclusive mode")
        yield
        await db.rollback()


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("commits", some(["fail", "wait"], 2))
async def test_within_its_grace_period(installation: Installation, commits: str) -> None:
    """Whether its commits wait for a lock, or fail for it again and again."""
    await installation.publish(JOURNEY)
    worker = installation._process("worker")
    if commits == "fail":
        async with await psycopg.AsyncConnection.connect(installation.settings.database_dsn) as db:
            await db.execute(IMPATIENT)
            await db.execute(RECONNECT)
    async with locked(installation.settings.database_dsn):
        for n in range(CUSTOMERS):
            await installation.track(f"u-{n}", "Cart Updated", f"m-{n}", cart_id=f"c-{n}")
        await until(lambda: are_stuck(installation, commits), f"commits {commits}")
        began = time.monotonic()
        worker.ask_to_stop()
        await until(lambda: not worker.running(), "the worker ends", GRACE + ROOM + 20, 0.05)
        took = time.monotonic() - began
    assert took < GRACE + ROOM, took
    assert worker.exit_code() == 0, "by itself"
    installation.restart("worker")
    await until(lambda: all_go_on(installation), "every run goes on", 150, 0.5)


async def are_stuck(installation: Installation, commits: str) -> bool:
    if commits == "wait":
        return bool(await installation.one(HELD) >= 10)
    return bool(installation.log("worker").count("LockNotAvailable") + await installation.one(HELD) >= 10)


async def all_go_on(installation: Installation) -> bool:
    return bool(await installation.one("select count(distinct run_id) from transitions") == CUSTOMERS)
