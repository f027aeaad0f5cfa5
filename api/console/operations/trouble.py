"""Trouble: runs that cannot go on, by journey, step and cause, with what frees them."""

from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from api.operations.temporal_links import trouble_link
from api.pages.access import Reader
from api.pages.console_route import ConsoleRoute
from api.pages.view import View
from orchestrator.core.run.pause_reasons import why_paused
from orchestrator.core.run.trouble import ADVICE_PAUSED, OVERDUE, acts_on, advise
from orchestrator.store.operations.pauses import pauses
from orchestrator.store.runs.trouble_groups import TroubleGroup, group_trouble

router = APIRouter(route_class=ConsoleRoute)


@dataclass(frozen=True)
class TroubleLine:
    """A group with its words. ``temporal``: where Temporal lists its runs, where it does.

    ``paused_for``: what is paused for them, and to be resumed.
    """

    group: TroubleGroup
    journey: str
    step: str
    words: str
    what_to_do: str
    acts: tuple[str, ...]
    temporal: str | None
    paused_for: str | None


@router.get("/trouble")
async def trouble(view: Reader, journey: str = "") -> Response:
    """Everything that cannot go on, the most frequent first."""
    groups = await group_trouble(view.engine, journey or None)
    names = await view.journey_names()
    lines = await trouble_lines(view, groups, names)
    return view.render("trouble.html", lines=lines, names=names, runs=sum(one.runs for one in groups))


async def trouble_lines(view: View, groups: list[TroubleGroup], names: dict[str, str]) -> list[TroubleLine]:
    """The groups with their words."""
    plans, called = await view.plans([one.plan_hash for one in groups]), await view.names()
    stand = {one.what: one for one in await pauses(view.engine)} if any(one.paused_for for one in groups) else {}
    lines = []
    for group in groups:
        plan = plans.get(group.plan_hash)
        known = plan is not None and group.step in plan.steps
        pause = stand.get(group.paused_for or "")
        step = plan.label(group.step, view.locale, called) if plan and known else group.step
        lines.append(
            TroubleLine(
                group,
                names.get(group.journey_key, group.journey_key),
                step,
                why_paused(pause.reason, view.words.zone).to(view.locale)
                if pause and pause.reason
                else view.problem(group.problem),
                (ADVICE_PAUSED if pause else advise(group.problem)).to(view.locale),
                acts_on(group.problem, group.paused_for is not None),
                trouble_link(view.settings, group.journey_key, group.problem) if group.cause != OVERDUE else None,
                group.paused_for,
            )
        )
    return lines
