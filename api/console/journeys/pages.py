"""Journeys: the picture of one, with its figures."""

import asyncio

from fastapi import APIRouter
from starlette.responses import Response

from api.bounded_work.pool import bounded
from api.console.journeys import ending, entering, gallery, listing, moving
from api.console.journeys.picture import draw
from api.pages.access import NothingHere, Reader
from api.pages.console_route import ConsoleRoute
from api.pages.view import View
from orchestrator.core.journey.diff import titles
from orchestrator.core.journey.drawing import trigger_words
from orchestrator.core.journey.graph import EventTrigger, RequestTrigger, Trigger
from orchestrator.core.journey.plan import Plan, compile_journey
from orchestrator.core.steps import Step
from orchestrator.core.text import Names
from orchestrator.store.database import session_factory
from orchestrator.store.journeys.live_counts import load_ends, load_flow, load_goals, load_journey
from orchestrator.store.journeys.sending_steps import steps_that_send
from orchestrator.store.operations.pauses import pauses
from orchestrator.store.paused import step_at

router = APIRouter(route_class=ConsoleRoute)
router.include_router(listing.router)
router.include_router(gallery.router)
router.include_router(ending.router)
router.include_router(moving.router)
router.include_router(entering.router)


@router.get("/journeys/{key}/figures")
async def figures(view: Reader, key: str) -> Response:
    """One journey: its picture with counts at every step; of a draft, what is wrong with it."""
    found = await load_journey(view.engine, key)
    if found is None:
        raise NothingHere
    compiled = await bounded(view.request, compile_journey, found.draft) if found.draft else None
    plan = await view.plan(found.plan_hash) or (compiled.plan if compiled else None)
    names = await view.names()
    sending, stand = await _sending_steps(view, key, names), {one.what for one in await pauses(view.engine)}
    return view.render(
        "journey.html",
        sending=sending,
        paused={step for step in sending if f"step:{step_at(key, step)}" in stand},
        journey=found,
        plan=plan,
        picture=await asyncio.to_thread(draw, plan.journey, view.locale) if plan else None,
        problems=compiled.problems if compiled else (),
        titles={step: called.naming(names).to(view.locale) for step, called in titles(found.draft or {}).items()},
        triggers=triggers(view, plan, names) if plan else [],
        says={step.id: says(view, plan, step, names) for step in plan.journey.steps} if plan else {},
        flow=await load_flow(view.engine, key),
        goals=await load_goals(view.engine, key),
        ends=await load_ends(view.engine, key),
    )


async def _sending_steps(view: View, key: str, names: Names) -> dict[str, str]:
    """The steps that can be paused one by one, by id, with what they are called."""
    async with session_factory(view.engine)() as session:
        found = await steps_that_send(session, key)
    return {step: plan.label(step, view.locale, names) for step, plan in found.items()}


def triggers(view: View, plan: Plan, names: Names) -> list[str]:
    """What lets people in, in words."""
    return [_trigger(view, trigger, names) for trigger in plan.journey.entry.triggers]


def _trigger(view: View, trigger: Trigger, names: Names) -> str:
    if isinstance(trigger, EventTrigger):
        return trigger.event
    if isinstance(trigger, RequestTrigger):
        return view.words("journey.trigger_request")
    return trigger_words(trigger).naming(names).to(view.locale).replace("*", "")


def says(view: View, plan: Plan, step: Step, names: Names) -> str:
    """One line that says in words what a step does; a jump names the step it leads to, and not its id."""
    return plan.says(step.id, names).to(view.locale)
