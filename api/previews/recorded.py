"""Runs that were: how things stood at each line, and each as a test run or a scenario without personal data."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.bounded_work.pool import bounded
from api.http.access import Require, actor_of, by_of
from api.http.lists import REFUSALS, ProblemBody, resources_of
from api.http.problems import ApiProblem, json_response, language
from api.previews.recorded_answers import scenario_text, snapshots_of, test_script_of
from api.previews.recorded_schemas import RunAsTest, RunSnapshots
from orchestrator.core.recordings.recorded_run import RecordedRun
from orchestrator.store.audit.chain import Change, record_alone
from orchestrator.store.recordings.recorded_runs import load_recorded_run

_UNKNOWN: dict[int | str, dict[str, Any]] = {404: {"model": ProblemBody, "description": "There is no such run."}}
router = APIRouter(
    prefix="/api/runs",
    tags=["Runs"],
    dependencies=[Depends(Require("read"))],
    responses={**REFUSALS, **_UNKNOWN},
)


@router.get("/{run}/snapshots", summary="How things stood in a run", response_model=RunSnapshots)
async def snapshots(request: Request, run: UUID) -> Response:
    """At each line of its trace: what the run waited for, its variables, its customer. No table keeps them: the run is
    played again with what happened to its customer. Where that goes another way, it says so and stops there."""
    return json_response(await bounded(request, snapshots_of, await _recorded(request, run)))


@router.get("/{run}/test-script", summary="A run as a test run", response_model=RunAsTest)
async def test_script(request: Request, run: UUID) -> Response:
    """What happened to its customer, as `POST /api/journeys/test-run` takes it, without personal data."""
    return json_response(await bounded(request, test_script_of, await _recorded(request, run)))


@router.get(
    "/{run}/scenario",
    summary="Download a run as a scenario",
    response_class=Response,
    responses={200: {"content": {"application/yaml": {}}, "description": "A scenario file."}},
)
async def scenario(request: Request, run: UUID) -> Response:
    """What happened to its customer and what came of it, without personal data; `sojourn test` plays it beside the
    journey's file. Kept in the audit log."""
    found = await _recorded(request, run)
    text = await bounded(request, scenario_text, found, language(request))
    by, told = by_of(actor_of(request)), {"journey": found.plan.key}
    await record_alone(resources_of(request).engine, by, Change("run.recorded", str(run), {}, told))
    name = f"{found.plan.key}-{run.hex[:8]}.scenario.yaml"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, headers=headers, media_type="application/yaml; charset=utf-8")


async def _recorded(request: Request, run: UUID) -> RecordedRun:
    resources = resources_of(request)
    found = await load_recorded_run(resources.engine, run, resources.settings)
    if found is None:
        raise ApiProblem("unknown_run", "run")
    return found
