"""Experiments over HTTP: the library, one with its figures, what is still to come, what was learned; holdouts."""

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from api.experiments.bodies import listed, reported
from api.experiments.holdouts import told_holdouts
from api.experiments.reports import asked_of, report_of
from api.experiments.schemas import ExperimentBody, ExperimentsBody, HoldoutsBody, Learned, PowerBody
from api.http.access import Require, actor_of
from api.http.body import BoundedBody
from api.http.lists import REFUSALS, resources_of
from api.http.problems import ApiProblem, json_response, language
from orchestrator.core.experiments.metrics import MOST_DAYS, Metric, metric_of
from orchestrator.store.experiments.library import KnownExperiment, learn, list_experiments, load_experiment
from orchestrator.store.experiments.report import outlook

router = APIRouter(
    prefix="/api/experiments",
    tags=["Experiments"],
    dependencies=[Depends(Require("read"))],
    responses=REFUSALS,
    route_class=BoundedBody,
)
_DRAW = [Depends(Require("draw"))]
Identity = Annotated[UUID, Path(alias="identity", description="An experiment's id.")]
Measured = Annotated[
    str | None,
    Query(max_length=300, description="`goal:ID`, `event:NAME`, `orders`, `revenue`, `opened`, `clicked`, "
          "`unsubscribed`, `complained`; left out: the experiment's own."),
]  # fmt: skip
Within = Annotated[
    int | None, Query(ge=1, le=MOST_DAYS, description="Days after the exposure; left out: the experiment's own.")
]


@router.get("", summary="List experiments", response_model=ExperimentsBody)
async def experiments(
    request: Request, journey: Annotated[str | None, Query(max_length=100, description="Of this one alone.")] = None
) -> Response:
    """Every experiment that was published, with how many customers were exposed and what was learned."""
    found = await list_experiments(resources_of(request).engine, journey)
    return json_response({"experiments": [listed(one) for one in found]})


@router.get("/holdouts", summary="What journeys brought", response_model=HoldoutsBody)
async def holdouts(
    request: Request, within: Annotated[int, Query(ge=1, le=MOST_DAYS, description="Days that count.")] = 30
) -> Response:
    """Orders and revenue of those who were let in, against the workspace's holdout and those of journeys."""
    asked = await asked_of(request)
    found = await told_holdouts(resources_of(request).engine, asked, timedelta(days=within))
    return json_response({"within_days": within, "holdouts": found})


@router.get("/{identity}", summary="One experiment", response_model=ExperimentBody)
async def experiment(request: Request, identity: Identity, metric: Measured = None, within: Within = None) -> Response:
    """Each arm against the control, with intervals that hold however often one looks; guards; the course by day.

    `sample_ratio` as a verdict means that no figure can be trusted. `figures` is empty while nobody was exposed, or
    there is nothing to measure by.
    """
    known, asked = await known_experiment(request, identity), await asked_of(request)
    chosen = metric_for(known, metric, within)
    report = None if chosen is None else await report_of(request, known, chosen, asked)
    return json_response(reported(known, report, asked.now, language(request)))


@router.get("/{identity}/power", summary="How long still", response_model=PowerBody)
async def power(
    request: Request,
    identity: Identity,
    lift: Annotated[float, Query(gt=0, le=10, description="Relative: 0.1 is a tenth more.")] = 0.1,
    metric: Measured = None,
    within: Within = None,
) -> Response:
    """How many customers, and days, it takes to find such a lift in four of five experiments like this one."""
    known, asked = await known_experiment(request, identity), await asked_of(request)
    chosen = metric_for(known, metric, within)
    if chosen is None:
        raise ApiProblem("invalid_parameter", "metric", reason="goal:ID")
    report = await report_of(request, known, chosen, asked)
    found = outlook(report, lift)
    answer: dict[str, Any] = {
        "lift": lift,
        "exposed": sum(one.n for one in report.sums),
        "a_day": report.a_day,
        "customers": found.customers,
        "days": found.days,
        "visible_lift": found.visible.relative if found.visible else None,
    }
    return json_response(answer)


@router.put(
    "/{identity}/conclusion", summary="Keep what was learned", response_model=ExperimentBody, dependencies=_DRAW
)
async def conclude(request: Request, identity: Identity, given: Learned) -> Response:
    """What people learned from it, in their words; it stays in the library. Empty: nothing."""
    known, asked = await known_experiment(request, identity), await asked_of(request)
    engine = resources_of(request).engine
    await learn(engine, known, given.learned.strip(), actor_of(request).name, asked.now)
    return json_response(reported(await known_experiment(request, identity), None, asked.now, language(request)))


async def known_experiment(request: Request, identity: UUID) -> KnownExperiment:
    """Raises ``ApiProblem``: there is none."""
    found = await load_experiment(resources_of(request).engine, identity)
    if found is None:
        raise ApiProblem("unknown_experiment", "identity")
    return found


def metric_for(known: KnownExperiment, spelled: str | None, within: int | None) -> Metric | None:
    """What is asked for; None: the experiment has nothing to be measured by. Raises ``ApiProblem``: no metric."""
    own = known.metric
    days = within or known.step.settings.within_days
    if spelled:
        found = metric_of(spelled, timedelta(days=days))
        if found is None:
            raise ApiProblem("invalid_parameter", "metric", reason="goal:ID, event:NAME, orders, revenue, clicked")
        return found
    return own and Metric(own.kind, own.name, timedelta(days=days))
