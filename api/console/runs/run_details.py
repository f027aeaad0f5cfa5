"""Where runs stand, in words: at which step, waiting for what."""

from collections.abc import Sequence
from dataclasses import dataclass

from api.pages.view import View
from orchestrator.core.steps import Step
from orchestrator.core.text import in_locale
from orchestrator.store.runs.run_list import RunRow


@dataclass(frozen=True)
class RunDetails:
    """A run with its words; ``step`` is None where its plan or step is not known."""

    run: RunRow
    journey: str
    step: Step | None
    title: str
    waits_for: str
    ended: str = ""
    stage: str | None = None
    """Where the journey moves its customers; None for one that leaves their stage alone."""

    @property
    def customer(self) -> str:
        """What to call the customer."""
        return self.run.name or self.run.external_id or self.run.email or ""


async def run_details(view: View, runs: Sequence[RunRow]) -> list[RunDetails]:
    """The runs with their words."""
    plans, names = await view.plans([run.plan_hash for run in runs]), await view.names()
    found = []
    for run in runs:
        plan = plans.get(run.plan_hash)
        step = plan.steps.get(run.step or "") if plan else None
        journey = in_locale(plan.journey.name, view.locale, run.journey_key) if plan else run.journey_key
        title = plan.label(step.id, view.locale, names) if plan and step else ""
        stage = run.stage if plan is None or plan.journey.moves_stage else None
        ended = view.ended(plan, run.reason) if run.status == "finished" else ""
        waits_for = plan.says(step.id, names).to(view.locale) if plan and step and run.status != "finished" else ""
        found.append(RunDetails(run, journey, step, title, waits_for, ended, stage))
    return found
