"""What a back-test does in processes of its own: read customers, and walk them. Imports only what that needs.

Each process keeps one connection to the database for as long as it lives, which is one back-test.
"""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncEngine

from api.backtests.said import as_json
from orchestrator.core.backtest.estimate import StratumTotals, Totals
from orchestrator.core.backtest.figures import figures_of
from orchestrator.core.backtest.walk import Backtest, walk_customers
from orchestrator.core.text import Text
from orchestrator.store.backtest.people import load_walked
from orchestrator.store.backtest.strata import CustomerStrata, stratify, uuids
from orchestrator.store.database import create_engine

T = TypeVar("T")
MOST_LISTED = 50
"""Customers whose ways differ that one chunk names, of each kind."""


@dataclass
class WalkedChunk:
    """What some customers of a stratum came to."""

    totals: StratumTotals = field(default_factory=StratumTotals)
    differing: dict[str, list[str]] = field(default_factory=dict)
    """Ids of customers, by kind of difference: the first few."""


def stratify_customers(database_url: str, asked: Backtest) -> CustomerStrata:
    """All customers by stratum."""
    wanted = asked.triggers, asked.lead_in, asked.now
    return _run(stratify(_engine(database_url), *wanted, everybody_may=asked.comes_due))


def walk_chunk(database_url: str, asked: Backtest, ids: bytes) -> WalkedChunk:
    """Walk customers, given by their packed ids. Raises ``EndlessJourney``, and what SQLAlchemy raises."""
    found = WalkedChunk()
    for outcome in walk_customers(asked, _run(load_walked(_engine(database_url), asked, uuids(ids)))):
        found.totals.add(outcome, compared=asked.live is not None)
        for kind in outcome.differs:
            listed = found.differing.setdefault(kind, [])
            if len(listed) < MOST_LISTED:
                listed.append(outcome.id)
    return found


def told_figures(asked: Backtest, totals: Totals) -> dict[str, Any]:
    """All figures so far, with their words in every language."""
    return as_json(asked, figures_of(asked, totals), totals, Text.by_locale)


@cache
def _runner() -> asyncio.Runner:
    return asyncio.Runner()


@cache
def _engine(database_url: str) -> AsyncEngine:
    return create_engine(database_url, application="sojourn backtest", pool_size=1, max_overflow=0)


def _run(work: Coroutine[Any, Any, T]) -> T:
    return _runner().run(work)
