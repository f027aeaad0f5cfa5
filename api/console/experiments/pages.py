"""The library of experiments, one of them with what it says, and what journeys brought beyond their holdouts."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import RedirectResponse, Response

from api.console.experiments.charts import course, whiskers
from api.experiments.bodies import arm_names
from api.experiments.holdouts import told_holdouts
from api.experiments.reports import asked_of, report_of
from api.experiments.schemas import MOST_LEARNED
from api.pages.access import NothingHere, PageAccess, Reader
from api.pages.console_route import ConsoleRoute
from api.pages.view import View
from orchestrator.core.experiments.analysis import Finding
from orchestrator.core.experiments.metrics import METRIC_TEXT, MOST_DAYS, NAMED, Metric, metric_of
from orchestrator.core.experiments.sentences import DECIDED_TEXT, lift_text, verdict_text
from orchestrator.core.experiments.winners import WINNER_TEXT
from orchestrator.core.text import Text, verbatim
from orchestrator.store.experiments.library import KnownExperiment, learn, list_experiments, load_experiment
from orchestrator.store.experiments.report import Figures, Report, outlook

router = APIRouter(route_class=ConsoleRoute)
Marketer = Annotated[View, Depends(PageAccess("draw"))]
WINDOWS = (1, 7, 14, 30, 60, 90)
LIFT = 0.1
TONES = {Finding.BETTER: "good", Finding.WORSE: "bad", Finding.SAMPLE_RATIO: "bad", Finding.GUARD_BROKEN: "bad"}


@router.get("/experiments")
async def experiments(view: Reader, q: str = "", show: str = "") -> Response:
    """Running and past, with what was learned; found by words of the name, the journey and what was learned."""
    known = await list_experiments(view.engine)
    wanted = q.strip().casefold()
    rows = [
        one
        for one in known
        if (show != "running" or one.running) and (show != "past" or not one.running) and wanted in _searched(one)
    ]
    names = {one.id: {arm: text.to(view.locale) for arm, text in arm_names(one).items()} for one in rows}
    return view.render(
        "experiments.html",
        rows=rows,
        names=names,
        some=bool(known),
        q=q,
        show=show,
        metrics={one.id: _metric_words(view, one, one.metric) for one in rows},
        decided={code: text.to(view.locale) for code, text in DECIDED_TEXT.items()},
    )


@router.get("/experiments/holdouts")
async def holdouts(view: Reader, within: int = 30) -> Response:
    """What journeys brought beyond what would have come by itself."""
    days = within if within in WINDOWS else 30
    asked = await asked_of(view.request)
    found = await told_holdouts(view.engine, asked, timedelta(days=days))
    return view.render("holdouts.html", holdouts=found, within=days, windows=WINDOWS)


@router.get("/experiments/{identity}")
async def experiment(view: Reader, identity: UUID, metric: str = "", within: int = 0, done: str = "") -> Response:
    """What it says, in a sentence and in figures."""
    known = await _known(view, identity)
    chosen = _chosen(known, metric, within)
    report = None
    if chosen is not None:
        report = await report_of(view.request, known, chosen, await asked_of(view.request))
    names = {arm: text.to(view.locale) for arm, text in arm_names(known).items()}
    return view.render(
        "experiment.html",
        known=known,
        names=names,
        metric=chosen,
        within=chosen.within.days if chosen and chosen.within else 0,
        windows=WINDOWS,
        choices=_choices(view, known),
        measured=_metric_words(view, known, chosen),
        parts=[_part(view, known, report, one) for one in report.figures] if report else [],
        report=report,
        sentence=verdict_text(None, {}, True).to(view.locale),
        look=outlook(report, LIFT) if report and report.figures else None,
        lift=LIFT,
        decided={code: text.to(view.locale) for code, text in DECIDED_TEXT.items()},
        winner=WINNER_TEXT[known.step.settings.winner].to(view.locale),
        most=MOST_LEARNED,
        done=done,
    )


@router.post("/experiments/{identity}/learned")
async def learned(view: Marketer, identity: UUID) -> Response:
    """Keep what was learned."""
    known = await _known(view, identity)
    words = view.form.get("learned", "").replace("\r\n", "\n").strip()[:MOST_LEARNED]
    await learn(view.engine, known, words, view.who, view.now)
    return RedirectResponse(f"/experiments/{identity}?done=experiment_learned#learned", 303)


def _searched(known: KnownExperiment) -> str:
    named = (*known.step.label.values(), *known.journey_name.values())
    return " ".join((known.name, known.learned, known.journey, *named)).casefold()


async def _known(view: View, identity: UUID) -> KnownExperiment:
    found = await load_experiment(view.engine, identity)
    if found is None:
        raise NothingHere
    return found


def _chosen(known: KnownExperiment, spelled: str, within: int) -> Metric | None:
    days = within if 0 < within <= MOST_DAYS else known.step.settings.within_days
    found = metric_of(spelled, timedelta(days=days)) if spelled else None
    own = known.metric
    return found or (own and Metric(own.kind, own.name, timedelta(days=days)))


def _choices(view: View, known: KnownExperiment) -> list[tuple[str, str]]:
    """Each metric that one may look at, as it is spelled, and in words."""
    own = known.metric
    goals = [Metric("goal", goal) for goal in known.goals]
    others = [Metric(kind) for kind in METRIC_TEXT if kind not in NAMED]
    found = [*([own] if own and own.kind == "event" else []), *goals, *others]
    return [(str(one), _metric_words(view, known, one)) for one in found]


def _metric_words(view: View, known: KnownExperiment, metric: Metric | None) -> str:
    if metric is None:
        return ""
    kind = METRIC_TEXT[metric.kind].to(view.locale)
    if metric.kind == "goal":
        return f"{kind}: {verbatim(known.goals.get(metric.name, {}), metric.name).to(view.locale)}"
    return f"{kind}: {metric.name}" if metric.name else kind


def _part(view: View, known: KnownExperiment, report: Report, figures: Figures) -> dict[str, Any]:
    """The figures in one currency, for the page."""
    analysis, texts = figures.analysis, arm_names(known)
    drawn = whiskers(analysis)
    rows = [
        {
            "one": one,
            "lift": lift_text(one.comparison, analysis.proportion).to(view.locale) if one.comparison else "",
            "whisker": drawn.get(one.arm),
            "tone": TONES.get(one.finding, "") if one.finding else "",
            "expected": analysis.sample_ratio.expected.get(one.arm) if analysis.sample_ratio else None,
        }
        for one in analysis.arms
    ]
    return {
        "currency": figures.currency,
        "analysis": analysis,
        "sentence": verdict_text(analysis, texts, analysis.proportion).to(view.locale),
        "tone": TONES.get(analysis.verdict.code, ""),
        "rows": rows,
        "courses": [(arm, course(days), days) for arm, days in figures.course.items()],
        "ratio": analysis.sample_ratio,
        "counted": _counts(view, texts, analysis.sample_ratio.exposed) if analysis.sample_ratio else "",
        "promised": _counts(view, texts, analysis.sample_ratio.expected) if analysis.sample_ratio else "",
        "guards": [
            {"arm": one.arm, "metric": METRIC_TEXT[_kind(one.metric)].to(view.locale), "one": one}
            for one in analysis.guards
        ],
    }


def _counts(view: View, names: Mapping[str, Text], counts: Mapping[str, float]) -> str:
    """Customers by arm, in a line."""
    return ", ".join(f"{names[arm].to(view.locale)} {view.words.number(round(n))}" for arm, n in counts.items())


def _kind(name: str) -> Any:
    return name
