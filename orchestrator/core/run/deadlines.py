"""Until when a run would wait at a step, as far as that is known without asking anything of its customer."""

from datetime import datetime
from uuid import UUID

from orchestrator.core.steps import Step
from orchestrator.core.steps.contract import Request, StepContext, Wait

NOBODY = str(UUID(int=0))


def deadline_counted_from(step: Step, reached: datetime) -> datetime | None:
    """The deadline of somebody who gets to the step at ``reached``; None: there is none, it is not known, or the step
    does not wait."""
    context = StepContext(step.id, 1, reached, reached, NOBODY, NOBODY, reached, None, None, {}, {})
    outcome = step.enter(context)
    if isinstance(outcome, Wait):
        return outcome.until
    end = outcome.memo.get("end") if isinstance(outcome, Request) else None
    return None if end is None else datetime.fromisoformat(end)
