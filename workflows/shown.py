"""What a run shows of itself in the Temporal UI: search attributes, and where it stands in words."""

from typing import Any, Literal

from temporalio import workflow
from temporalio.common import SearchAttributeKey, SearchAttributeUpdate

from orchestrator.core.journey.plan import Plan
from orchestrator.core.run.state import State
from workflows.run_details import run_details
from workflows.run_input import RunInput

STAGE = SearchAttributeKey.for_keyword("SojournStage")
STEP = SearchAttributeKey.for_keyword("SojournStep")
"""Where a run rests, or fails. It begins with the first step, and steps that are only passed never show: most runs
write it once or twice."""
PROBLEM = SearchAttributeKey.for_keyword("SojournProblem")
VERSION = SearchAttributeKey.for_int("SojournVersion")
CUSTOMER = SearchAttributeKey.for_keyword("SojournCustomer")


class Shown:
    """What is shown now, so that it is written only where it changes."""

    def __init__(self, plan: Plan, given: RunInput, locale: str) -> None:
        self.plan, self.locale = plan, locale
        self.shows_step = given.shows_step
        self.stage = given.shown_stage or plan.stage(plan.first)
        self.step = given.shown_step or plan.first
        self.problem = given.problem
        self._problems: dict[str, str | None] = {"commit": None, "send": None}

    def follow(self, plan: Plan, version: int) -> None:
        """The run goes by another plan from now on."""
        self.plan = plan
        workflow.upsert_search_attributes([VERSION.value_set(version)])

    def show(self, state: State) -> None:
        """Where the run stands."""
        changes: list[SearchAttributeUpdate[Any]] = []
        if state.stage != self.stage and state.stage is not None:
            self.stage = state.stage
            changes.append(STAGE.value_set(self.stage))
        self._upsert(state, changes, rests=state.doing == "rest")
        workflow.set_current_details(run_details(self.plan, state, self.problem, self.locale))

    def trouble(self, state: State, what: Literal["commit", "send"], problem: str | None) -> None:
        """One problem at a time is shown, and each is over by itself: while a message fails, commits go on."""
        self._problems[what] = problem
        problem = self._problems["commit"] or self._problems["send"]
        if problem != self.problem:
            self.problem = problem
            change = PROBLEM.value_unset() if problem is None else PROBLEM.value_set(problem)
            self._upsert(state, [change], rests=False)
            self.show(state)

    def _upsert(self, state: State, changes: list[SearchAttributeUpdate[Any]], rests: bool) -> None:
        """In one event of the history; the step goes with whatever else changes."""
        shows = self.shows_step and bool(state.step) and (rests or bool(changes))
        if shows and state.step != self.step:
            self.step = state.step
            changes.append(STEP.value_set(state.step))
        if changes:
            workflow.upsert_search_attributes(changes)
