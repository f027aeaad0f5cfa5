"""From the steps of one version to those of another: where runs go that stand at each, as proposed and as chosen.

A step goes to the one of its id, if that is of its kind. One that is gone goes to the nearest step after it that there
still is: whoever stood there has done what came before. One whose kind has changed is for somebody to decide.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from orchestrator.core.events.run_events import TimerRule
from orchestrator.core.journey.plan import Plan
from orchestrator.core.journey.variable_flow import needed_by_step
from orchestrator.core.steps import Step


@dataclass(frozen=True, slots=True)
class Place:
    """A step to stand at, and what becomes of the wait."""

    to: str
    timer: TimerRule = "kept"


StepMapping = Mapping[str, Place]
"""By the id of the step before. A step that is left out goes to the one of its own id, its timer kept."""

Why = Literal["same", "gone", "changed", "nowhere"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """Where runs at a step would go. ``place``: None where somebody has to choose.

    ``why``: ``same``: the step is there; ``gone``: it is not, and this is the nearest one after it; ``changed``: it is
    of another kind by now; ``nowhere``: no step after it is left.
    """

    step: str
    place: Place | None
    why: Why


def propose(before: Plan, plan: Plan) -> Mapping[str, Proposal]:
    """For every step at which runs may stand."""
    return {step.id: _proposal(before, plan, step) for step in before.journey.steps if step.holds_runs}


def complete(before: Plan, plan: Plan, chosen: StepMapping) -> tuple[StepMapping, tuple[str, ...]]:
    """What was chosen, and for the rest what is proposed, without what goes without saying; and the steps for which
    somebody has yet to choose."""
    found, open_steps = dict(chosen), []
    for step, proposal in propose(before, plan).items():
        if step in chosen:
            continue
        if proposal.place is None:
            open_steps.append(step)
        elif proposal.why != "same":
            found[step] = proposal.place
    return found, tuple(open_steps)


def inverse(plan: Plan, origin: Plan, mapping: StepMapping) -> StepMapping:
    """The way back from ``plan`` to ``origin``, for runs that came by ``mapping``.

    A step to which only one other was mapped goes back to that; a wait that was counted anew, or ended, is counted
    again by the settings that it had. What is said of none is left to :func:`complete`.
    """
    came: dict[str, list[str]] = {}
    for step in origin.journey.steps:
        place = mapping.get(step.id, Place(step.id))
        if step.holds_runs and place.to in plan.steps:
            came.setdefault(place.to, []).append(step.id)
    found: dict[str, Place] = {}
    for step_id, origins in came.items():
        back = step_id if step_id in origins else origins[0]
        if back == step_id or len(origins) == 1:
            timer = mapping.get(back, Place(back)).timer
            kept = timer == "kept" or (timer == "restarted" and back == step_id)
            found[step_id] = Place(back, "kept" if kept else "recomputed")
    return {step: place for step, place in found.items() if place != Place(step)}


def _proposal(before: Plan, plan: Plan, step: Step) -> Proposal:
    there = plan.steps.get(step.id)
    if there is not None:
        return (
            Proposal(step.id, Place(step.id), "same") if there.continues(step) else Proposal(step.id, None, "changed")
        )
    for following in _after(before, step.id):
        there = plan.steps.get(following)
        if there is not None and there.kind == before.steps[following].kind:
            return Proposal(step.id, Place(following, "restarted"), "gone")
    return Proposal(step.id, None, "nowhere")


def _after(plan: Plan, step: str) -> Iterator[str]:
    """The steps that come after one, the nearest first; of two as near, by the order of the ways out."""
    known, ahead = {step}, deque([step])
    while ahead:
        for target in _next(plan, ahead.popleft()):
            if target not in known:
                known.add(target)
                ahead.append(target)
                yield target


def _next(plan: Plan, step: str) -> Iterator[str]:
    node = plan.steps[step]
    for port in node.ports():
        yield plan.target(step, port.name)
    yield from node.targets()


def sends_at_once(before: Plan, plan: Plan, step: str, place: Place) -> tuple[str, ...]:
    """The steps at which runs that are moved so may hand something over before they wait anywhere: those whose
    deadline is past by then, or who wait for none."""
    here, there = before.steps.get(step), plan.steps[place.to]
    if place.timer == "restarted" or here is None or not there.continues(here):
        return tuple(_hands_over(plan, [place.to]))
    if place.timer == "kept":
        return ()
    return tuple(_hands_over(plan, [*([place.to] if there.HANDS_OVER else ()), *_next(plan, place.to)]))


def _hands_over(plan: Plan, ahead: list[str]) -> Iterator[str]:
    """Steps that hand something over, of those that are reached from these without a wait."""
    known: set[str] = set()
    while ahead:
        step = ahead.pop(0)
        if step in known:
            continue
        known.add(step)
        node = plan.steps[step]
        if node.HANDS_OVER:
            yield step
        elif not node.holds_runs:
            ahead += _next(plan, step)


def empty_variables(before: Plan, plan: Plan, place: Place) -> tuple[str, ...]:
    """Variables that steps from this one on need, and that nothing has filled for a run of the plan before: neither
    version gives them a value, no step before sets them, and none from here on does."""
    steps = [plan.steps[place.to], *(plan.steps[one] for one in _after(plan, place.to))]
    given = {name for one in (before, plan) for name, value in one.variables.items() if value not in (None, "")}
    filled = {name for step in (*before.journey.steps, *steps) for name in step.sets()}
    needed = dict.fromkeys(name for step in steps for name in needed_by_step(step))
    return tuple(name for name in needed if name not in given and name not in filled)


def as_json(mapping: StepMapping) -> dict[str, Any]:
    """As an operation keeps it."""
    return {step: {"to": place.to, "timer": place.timer} for step, place in mapping.items()}


def from_json(data: Mapping[str, Any]) -> StepMapping:
    """The inverse of :func:`as_json`."""
    return {step: Place(one["to"], one["timer"]) for step, one in data.items()}
