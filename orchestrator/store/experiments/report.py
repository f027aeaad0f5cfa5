"""An experiment's figures as of an instant: each arm against the control, guards, its days, and what is to come."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.experiments.analysis import Analysis, analyse_periods
from orchestrator.core.experiments.guards import Guard, GuardResult, check_guard_by_period
from orchestrator.core.experiments.metrics import GUARDS, Metric, MetricKind
from orchestrator.core.experiments.periods import Period, wholes
from orchestrator.core.experiments.power import Design, Lift, Mean, Proportion, days_needed, least_sample, visible_lift
from orchestrator.core.experiments.sums import ArmSums
from orchestrator.core.traits.definition import Orders
from orchestrator.store.experiments.library import KnownExperiment
from orchestrator.store.experiments.outcomes import Outcomes, load_outcomes

RATE = 0.05
"""How often at most an experiment without any difference is ever told to have one."""
LATELY = 14
"""Days by which it is told how many customers come."""


@dataclass(frozen=True)
class DayOfArm:
    """The lift of an arm as of a day's end; bounds are None while there were too few to tell."""

    day: date
    difference: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Figures:
    """In one currency; in none, for what is counted by customers. ``course``: by arm but the control."""

    currency: str
    analysis: Analysis
    course: Mapping[str, Sequence[DayOfArm]]


@dataclass(frozen=True)
class Report:
    """All of it. ``figures`` is empty while nobody, or one arm alone, was exposed; guards are in the analyses."""

    known: KnownExperiment
    metric: Metric
    until: datetime
    control: str
    figures: tuple[Figures, ...]
    a_day: float
    """Customers who were exposed a day, lately."""
    sums: tuple[ArmSums, ...]
    """Of the first currency."""


async def load_report(
    engine: AsyncEngine, known: KnownExperiment, metric: Metric, orders: Orders, until: datetime, zone: str
) -> Report:
    """What is known of an experiment by an instant of journey time."""
    given = (engine, known.id, known.journey)
    found = await load_outcomes(*given, metric, orders, until, zone)
    guards = {
        kind: await load_outcomes(*given, replace(metric, kind=kind, name=""), orders, until, zone)
        for kind in GUARDS
        if kind != metric.kind
    }
    return await asyncio.to_thread(make_report, known, metric, until, found, guards, orders.currency)


def make_report(
    known: KnownExperiment,
    metric: Metric,
    until: datetime,
    found: Outcomes,
    guards: Mapping[MetricKind, Outcomes],
    own_currency: str = "",
) -> Report:
    """The figures of sums. The workspace's own currency comes first."""
    control = known.step.settings.control
    currencies: tuple[str, ...] = ("",)
    if metric.is_amount:
        others = [one for one in found.currencies if one != own_currency]
        currencies = (*([own_currency] if own_currency in found.currencies or not others else []), *others)
    sums = wholes(found.periods(currencies[0]))
    if len(sums) < 2 or all(one.arm != control for one in sums):
        return Report(known, metric, until, control, (), 0.0, ())
    broken = tuple(
        result
        for kind, outcomes in guards.items()
        for result in check_guard_by_period(outcomes.periods(), control, Guard(kind))
    )
    figures = tuple(_figures(found, known, currency, metric, broken) for currency in currencies)
    return Report(known, metric, until, control, figures, _a_day(found), tuple(sums))


def _figures(
    found: Outcomes, known: KnownExperiment, currency: str, metric: Metric, guards: Sequence[GuardResult]
) -> Figures:
    control = known.step.settings.control
    whole = _analysed(found.periods(currency), known, metric, guards)
    course: dict[str, list[DayOfArm]] = {one.arm: [] for one in whole.arms if one.arm != control}
    for day, periods in found.course(currency):
        if {control, *course} <= {one.arm for one in wholes(periods)}:
            seen = _analysed(periods, known, metric, (), with_chances=False)
            for arm, days in course.items():
                one = seen.arm(arm).comparison
                if one is not None:
                    days.append(DayOfArm(day, one.difference, one.low, one.high))
    return Figures(currency, whole, course)


def _analysed(
    periods: Sequence[Period],
    known: KnownExperiment,
    metric: Metric,
    guards: Sequence[GuardResult],
    with_chances: bool = True,
) -> Analysis:
    """Arms in the order of the step, compared within each set of weights."""
    ordered = [Period([one.get(arm) for arm in known.arms if arm in (one.shares or {})], one.shares) for one in periods]
    return analyse_periods(
        ordered,
        known.step.settings.control,
        rate=RATE,
        proportion=not metric.is_amount,
        guards=guards,
        with_chances=with_chances,
    )


def _a_day(found: Outcomes) -> float:
    """By the last days of which there are any, the first and the last perhaps not whole."""
    counts = {
        day: sum(numbers[0] for (_, _, currency), numbers in added.items() if currency is None)
        for day, added in found.days.items()
    }
    exposed = sorted(day for day, count in counts.items() if count)
    if not exposed:
        return 0.0
    last = exposed[-1]
    lately = [day for day in exposed if (last - day).days < LATELY]
    return sum(counts[day] for day in lately) / ((last - lately[0]).days + 1)


@dataclass(frozen=True)
class Outlook:
    """How long still. ``customers`` in all find a lift of ``lift`` (relative) in four of five such experiments;
    ``days`` from now, None: nobody comes, or the control has nothing yet. ``visible``: the least lift that the
    customers of now would show so."""

    lift: float
    customers: int | None
    days: int | None
    visible: Lift | None


def outlook(report: Report, lift: float = 0.1) -> Outlook:
    """What is to come if all goes on as it does.

    Raises:
        ValueError: the lift cannot be.
    """
    shares = {arm: share for arm, share in report.known.shares.items() if share}
    base = next((one for one in report.sums if one.arm == report.control), None)
    if base is None or not (base.mean and base.variance) or len(shares) < 2 or report.control not in shares:
        return Outlook(lift, None, None, None)
    now = sum(one.n for one in report.sums)
    measured = Mean(base.mean, base.variance**0.5) if report.metric.is_amount else Proportion(base.mean)
    design = Design(shares, report.control, rate=RATE)
    try:
        needed = least_sample(measured, design, relative=lift).total
    except ValueError:  # more than all customers, or of more customers than there are
        return Outlook(lift, None, None, visible_lift(measured, design, now))
    left = max(0, needed - now)
    days = days_needed(left, report.a_day, 0.0) if report.a_day else None
    return Outlook(lift, needed, days, visible_lift(measured, design, now))
