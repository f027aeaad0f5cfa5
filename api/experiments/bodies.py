"""Experiments and their figures as answers."""

from typing import Any

from orchestrator.core.experiments.metrics import Metric
from orchestrator.core.experiments.sentences import verdict_text
from orchestrator.core.text import Text, verbatim
from orchestrator.store.experiments.library import KnownExperiment
from orchestrator.store.experiments.report import Figures, Report


def arm_names(known: KnownExperiment) -> dict[str, Text]:
    """What the arms are called; those that are no more by their id."""
    own = {port.name: port.label for port in known.step.ports()}
    return {arm: own.get(arm) or verbatim(arm) for arm in known.arms}


def listed(known: KnownExperiment) -> dict[str, Any]:
    """One line of the list."""
    return {
        "id": known.id,
        "journey": known.journey,
        "journey_name": dict(known.journey_name),
        "name": known.name,
        "step": known.step.id,
        "running": known.running,
        "began": known.began,
        "exposed": known.people,
        "arms": list(known.arms),
        "control": known.step.settings.control,
        "metric": None if known.metric is None else str(known.metric),
        "learned": known.learned,
        "learned_at": known.learned_at,
        "learned_by": known.learned_by,
        "decided_at": known.decided_at,
        "decision": known.decision,
        "allocation": known.allocation,
    }


def reported(known: KnownExperiment, report: Report | None, at: Any, locale: Any) -> dict[str, Any]:
    """One experiment with its figures; None: there is nothing to measure by."""
    metric: Metric | None = report.metric if report else None
    return {
        **listed(known),
        "at": at,
        "measured": None if metric is None else str(metric),
        "within_days": metric.within.days if metric and metric.within else 0,
        "left_out": known.left_out,
        "weights_changed": known.weights_changed,
        "a_day": report.a_day if report else 0.0,
        "figures": [_figures(known, report, one, locale) for one in report.figures] if report else [],
    }


def _figures(known: KnownExperiment, report: Report, figures: Figures, locale: Any) -> dict[str, Any]:
    analysis, names = figures.analysis, arm_names(known)
    ratio = analysis.sample_ratio
    return {
        "currency": figures.currency,
        "verdict": analysis.verdict.code,
        "verdict_arm": analysis.verdict.arm,
        "sentence": verdict_text(analysis, names, analysis.proportion).to(locale),
        "sample_ratio_p": ratio.p if ratio else None,
        "sample_ratio_blocks": bool(ratio and ratio.blocks),
        "arms": [_arm(figures, one, names[one.arm]) for one in analysis.arms],
        "guards": [
            {"metric": one.metric, "arm": one.arm, "harm": one.harm, "at_least": one.at_least, "broken": one.broken}
            for one in analysis.guards
        ],
        "course": [
            {"day": one.day, "arm": arm, "difference": one.difference, "low": one.low, "high": one.high}
            for arm, days in figures.course.items()
            for one in days
        ],
    }


def _arm(figures: Figures, one: Any, label: Text) -> dict[str, Any]:
    found, ratio = one.comparison, figures.analysis.sample_ratio
    names = ("difference", "low", "high", "relative", "relative_low", "relative_high")
    return {
        "arm": one.arm,
        "label": label.by_locale(),
        "exposed": one.exposed,
        "expected": ratio.expected.get(one.arm) if ratio else None,
        "total": one.total,
        "mean": one.mean,
        "adjusted": one.adjusted,
        **{name: getattr(found, name) if found else None for name in names},
        "best": one.chance.best if one.chance else None,
        "expected_loss": one.chance.loss if one.chance else None,
        "finding": one.finding,
    }
