"""Broadcasts: looked at before, launched, watched, paused, recalled and made up for."""

from collections.abc import Mapping
from datetime import datetime, time
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import RedirectResponse, Response, StreamingResponse

from api.broadcasts import changes
from api.broadcasts.answers import Told, as_table, tell
from api.http.problems import ApiProblem
from api.pages.access import NothingHere, PageAccess, Reader
from api.pages.console_route import ConsoleRoute
from api.pages.view import View
from orchestrator.core.channels.registry import channel_titles
from orchestrator.core.run.broadcasts import FEWEST_PER_MINUTE, MOST_PER_MINUTE, OUTCOMES, Broadcast
from orchestrator.core.run.routing import REASONS
from orchestrator.core.timing import resolve
from orchestrator.store.audit.chain import Change, record_alone
from orchestrator.store.operations.broadcasts.outcomes import list_became
from orchestrator.store.operations.progress import OperationRow, list_operations, load_operation
from orchestrator.store.runs.live_plans import of_this_process
from orchestrator.store.segments.documents import list_segments

router = APIRouter(route_class=ConsoleRoute)
Operator = Annotated[View, Depends(PageAccess("operate"))]
ON_A_PAGE = 50
WHY = 500
SHARES = (5, 10, 20, 50)
"""Percent that the page offers to go first."""


@router.get("/broadcasts")
async def broadcasts(view: Reader, before: str = "") -> Response:
    """Every broadcast, the newest first."""
    page = await list_operations(view.engine, None, before, act="broadcast")
    told = [await tell(view.engine, one) for one in page.rows]
    return view.render(
        "broadcasts.html", page=page, told=told, names=await view.journey_names(), **await _segments(view)
    )


@router.get("/broadcasts/new")
async def new(view: Operator) -> Response:
    """Whom it is for; then how many they are, whom the journey can reach, and when it is whose turn."""
    return await _form(view, view.request.query_params)


@router.post("/broadcasts")
async def launch(view: Operator) -> Response:
    """Begin it."""
    try:
        wanted = changes.NewBroadcast(_read(view, view.form), view.form.get("why", "").strip()[:WHY], _pace(view.form))
        identity = await changes.launch(view.request, wanted, view.by)
    except ApiProblem as problem:
        return await _form(view, view.form, problem)
    return RedirectResponse(f"/broadcasts/{identity}?done=broadcast_launched", 303)


@router.get("/broadcasts/{identity}")
async def broadcast(view: Reader, identity: UUID, became: str = "", after: int = 0, done: str = "") -> Response:
    """How far it is, and what became of each."""
    return await _page(view, identity, became=became, after=after, done=done)


@router.get("/broadcasts/{identity}/customers.csv")
async def export(view: Operator, identity: UUID) -> StreamingResponse:
    """Everybody and what became of them, as a table."""
    found = await _known(view, identity)
    await record_alone(view.engine, view.by, Change("broadcast.exported", str(found.id), {}, {}))
    headers = {"content-disposition": f'attachment; filename="broadcast-{found.id}.csv"'}
    return StreamingResponse(as_table(view.engine, found.id), media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/broadcasts/{identity}/act")
async def act(view: Operator, identity: UUID) -> Response:
    """Pause it, resume it, go on with the rest, try again, take it back, make up for it."""
    found, wanted, leads_to = await _known(view, identity), view.form.get("act", ""), identity
    acts = {"pause": changes.pause, "resume": changes.resume, "rest": changes.go_on, "retry": changes.retry}
    why = view.form.get("why", "").strip()[:WHY]
    try:
        if wanted in acts:
            await acts[wanted](view.request, found, view.by)
        elif wanted == "recall":
            await changes.take_back(view.request, found, why, view.by)
        elif wanted == "compensate":
            other = changes.NewBroadcast(Broadcast(journey=view.form.get("journey", "")), why, found.per_second * 60)
            leads_to = await changes.make_up_for(view.request, found, other, view.by)
        else:
            raise NothingHere
    except ApiProblem as problem:
        return await _page(view, identity, problem=problem)
    return RedirectResponse(f"/broadcasts/{leads_to}?done=broadcast_{wanted}", 303)


async def _known(view: View, identity: UUID) -> OperationRow:
    found = await load_operation(view.engine, identity)
    if found is None or found.act != "broadcast":
        raise NothingHere
    return found


async def _page(
    view: View,
    identity: UUID,
    *,
    became: str = "",
    after: int = 0,
    done: str = "",
    problem: ApiProblem | None = None,
) -> Response:
    told = await tell(view.engine, await _known(view, identity))
    wanted = became if became in OUTCOMES else None
    rows = await list_became(view.engine, identity, wanted, max(after, 0), ON_A_PAGE + 1)
    return view.render(
        "broadcast.html",
        status=409 if problem else 200,
        told=told,
        broadcast=Broadcast.of(told.row.chosen),
        outcomes=[one for one in OUTCOMES if told.outcomes.get(one)],
        entered=_entered(told),
        rows=rows[:ON_A_PAGE],
        following=rows[ON_A_PAGE - 1].position if len(rows) > ON_A_PAGE else None,
        became=wanted or "",
        reasons=_reasons(view, told),
        names=await view.journey_names(),
        journeys=await _journeys(view),
        problem=problem.rendered(view.locale)["message"] if problem else "",
        done=done,
        **await _segments(view),
    )


def _entered(told: Told) -> int:
    """Whose turn has come."""
    return told.row.total - told.outcomes.get("waiting", 0) - told.outcomes.get("not_entered", 0)


def _reasons(view: View, told: Told) -> dict[str, str]:
    return {code: REASONS[code].to(view.locale) for code in REASONS} | {
        code: view.words.of("outcome", code) for code in told.refused if code not in REASONS
    }


async def _form(view: View, given: Mapping[str, str], problem: ApiProblem | None = None) -> Response:
    audience, ways = None, channel_titles()
    if given.get("journey") and problem is None:
        try:
            audience = await changes.preview(view.request, _read(view, given))
        except ApiProblem as found:
            problem = found
    return view.render(
        "new_broadcast.html",
        status=422 if problem and view.form else 200,
        given=dict(given),
        audience=audience,
        channels={name: title.to(view.locale) for name, title in ways.items()},
        journeys=await _journeys(view),
        shares=SHARES,
        fewest=int(FEWEST_PER_MINUTE),
        most=int(MOST_PER_MINUTE),
        pace=int(changes.PER_MINUTE),
        problem=problem.rendered(view.locale)["message"] if problem else "",
        **await _segments(view),
    )


async def _journeys(view: View) -> dict[str, str]:
    """Those that take requests, by key."""
    async with view.request.app.state.resources.sessions() as session:
        plans, _ = await of_this_process.load(session)
    names = await view.journey_names()
    return {
        one.plan.key: names.get(one.plan.key, one.plan.key) for one in plans if one.plan.journey.entry.takes_requests
    }


async def _segments(view: View) -> dict[str, Any]:
    """Those in use, by key."""
    found = [one for one in await list_segments(view.engine) if one.archived_at is None]
    return {"segments": {one.key: view.name(one.document.name, one.key) for one in found}}


def _read(view: View, given: Mapping[str, str]) -> Broadcast:
    """What the form says. What cannot be read is told by a problem."""
    hour, share = given.get("time_of_day", "").strip(), given.get("share", "")
    try:
        return Broadcast(
            journey=given.get("journey", ""),
            segment=given.get("segment") or None,
            without=given.get("without") or None,
            start_at=_start(view, given.get("start_at", "").strip()),
            time_of_day=time.fromisoformat(hour) if hour else None,
            late="tomorrow" if given.get("late") == "tomorrow" else "now",
            share=int(share) if share else None,
        )
    except ValueError:
        raise ApiProblem("broadcast_unreadable") from None


def _start(view: View, given: str) -> datetime | None:
    """By the clock of the workspace."""
    if not given:
        return None
    local = datetime.fromisoformat(given).replace(tzinfo=None)
    return resolve(local.date(), local.time(), view.words.zone)


def _pace(given: Mapping[str, str]) -> float:
    try:
        return float(given.get("per_minute") or changes.PER_MINUTE)
    except ValueError:
        raise ApiProblem("broadcast_unreadable") from None
