"""Where a run stands once it is moved: what was wanted of its step, made into what its step function is told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from orchestrator.core.events.run_events import Moved, TimerRule
from orchestrator.core.journey.plan import Plan
from orchestrator.core.journey.step_mapping import Place, StepMapping


@dataclass(frozen=True)
class Move:
    """Runs are to go on in a version. ``at``: the journey's instant at which somebody wanted it; ``by``: what moves
    them, by its id; ``version``: its number, shown to operators."""

    by: str
    version: int
    at: datetime
    steps: StepMapping
    entry: Mapping[str, Any] = field(default_factory=dict)
    """Properties of the run's entry event that its version did not look at, and this one does."""

    def as_json(self) -> dict[str, Any]:
        """As a signal carries it. It does not look like an event of a customer, on purpose: a worker of a build that
        does not know it must not take it for one."""
        steps = {step: [place.to, place.timer] for step, place in self.steps.items()}
        told = {"by": self.by, "version": self.version, "wanted": self.at.isoformat()}
        return told | {name: value for name, value in {"steps": steps, "entry": self.entry}.items() if value}


def load_move(data: Mapping[str, Any]) -> Move:
    """The inverse of :meth:`Move.as_json`."""
    steps = {step: Place(to, timer) for step, (to, timer) in data.get("steps", {}).items()}
    wanted = datetime.fromisoformat(data["wanted"])
    return Move(data["by"], data["version"], wanted, steps, data.get("entry", {}))


def moved(before: Plan, plan: Plan, step: str, move: Move, now: datetime) -> Moved | None:
    """What the run is told that stands at ``step`` of the plan ``before``; None where it stays where it is: nothing is
    said of this step, and the plan is the same or has none of its kind."""
    if step not in move.steps and before.hash == plan.hash:
        return None
    place = move.steps.get(step, Place(step))
    there = plan.steps.get(place.to)
    here = before.steps.get(step)
    if there is None or (step not in move.steps and (here is None or not there.continues(here))):
        return None
    timer: TimerRule = place.timer if here is not None and there.continues(here) else "restarted"
    return Moved(now, plan.hash, before.hash, place.to, timer, move.by, move.entry)
