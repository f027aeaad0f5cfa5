"""What journeys brought beyond their holdouts, as an answer."""

import asyncio
from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from api.experiments.reports import Asked
from orchestrator.core.experiments.incremental import incremental
from orchestrator.core.experiments.sums import ArmSums
from orchestrator.store.experiments.holdouts import (
    HoldoutSums,
    journeys_with_holdout,
    load_journey_holdout,
    load_workspace_holdout,
)

BEFORE = timedelta(days=90)
"""How long before the first decision a customer's orders are looked at, to take out what differed already."""


async def told_holdouts(engine: AsyncEngine, asked: Asked, within: timedelta) -> list[dict[str, Any]]:
    """The workspace's holdout, and each journey's; those that keep nobody out are left out."""
    whole = await load_workspace_holdout(engine, asked.orders, asked.now, within, BEFORE)
    found: list[tuple[str | None, dict[str, str] | None, HoldoutSums]] = [(None, None, whole)]
    for journey, name in (await journeys_with_holdout(engine)).items():
        sums = await load_journey_holdout(engine, journey, asked.orders, asked.now, within, BEFORE)
        found.append((journey, name, sums))
    return [
        {
            "journey": journey,
            "journey_name": name,
            "since": sums.since,
            "customers": sums.people,
            "effects": await asyncio.to_thread(_effects, sums),
        }
        for journey, name, sums in found
        if all(arm.n for arm in sums.orders)
    ]


def _effects(sums: HoldoutSums) -> list[dict[str, Any]]:
    shares = None if sums.intended is None else (sums.people - sums.intended, sums.intended)
    revenue = [_effect("revenue", currency, both, shares) for currency, both in sums.revenue.items()]
    return [_effect("orders", "", sums.orders, shares), *revenue]


def _effect(
    measure: str, currency: str, both: tuple[ArmSums, ArmSums], shares: tuple[float, float] | None
) -> dict[str, Any]:
    treated, held_out = both
    found = incremental(treated, held_out, proportion=measure == "orders", shares=shares)
    ratio = found.analysis.sample_ratio
    return {
        "measure": measure,
        "currency": currency,
        "treated": {"customers": treated.n, "total": treated.y, "mean": treated.mean},
        "held_out": {"customers": held_out.n, "total": held_out.y, "mean": held_out.mean},
        "per_customer": found.per_customer,
        "low": found.low,
        "high": found.high,
        "total": found.total,
        "total_low": found.total_low,
        "total_high": found.total_high,
        "sample_ratio_blocks": bool(ratio and ratio.blocks),
    }
