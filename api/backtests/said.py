"""A back-test's figures as JSON."""

from collections.abc import Callable
from typing import Any

from orchestrator.core.backtest.estimate import SHARE, Estimate, Totals
from orchestrator.core.backtest.figures import SECTIONS, Figure, Figures
from orchestrator.core.backtest.walk import Backtest
from orchestrator.core.text import Text

Words = Callable[[Text], Any]


def as_json(asked: Backtest, figures: Figures, totals: Totals, words: Words) -> dict[str, Any]:
    """All that is known so far; ``words`` puts a text in the language asked for, or in all."""
    return {
        "days": asked.days,
        "since": asked.since.isoformat(),
        "until": asked.now.isoformat(),
        "time_zone": asked.time_zone,
        "walked": totals.walked,
        "of": totals.of,
        "exact": totals.complete,
        "share": SHARE,
        "compared": asked.live is not None,
        "totals": [_figure(one, words) for one in figures.totals],
        "sections": [
            {"code": kind, "text": words(SECTIONS[kind]), "figures": [_figure(one, words) for one in found]}
            for kind, found in figures.sections.items()
        ],
        "messages_by_day": [
            {"day": one.day, "channel": one.channel, "draft": _estimate(one.draft), "live": _estimate(one.live)}
            for one in figures.days
        ],
        "differs": [
            {"code": one.code[0], "text": words(one.text), "customers": _estimate(one.draft)} for one in figures.differs
        ],
    }


def _figure(one: Figure, words: Words) -> dict[str, Any]:
    return {
        "code": ".".join(one.code),
        "text": words(one.text),
        "draft": _estimate(one.draft),
        "live": _estimate(one.live),
        "difference": _estimate(one.difference),
    }


def _estimate(one: Estimate | None) -> dict[str, float] | None:
    if one is None:
        return None
    return {"value": round(one.value, 1), "low": round(one.low, 1), "high": round(one.high, 1)}
