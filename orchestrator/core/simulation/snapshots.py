"""How things stood at each line of a run's trace: where the run waits and for what, its variables, its customer.

Looks over the shoulder of a test run, and changes nothing of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from orchestrator.core.commands import Command, Commit
from orchestrator.core.events.run_events import Committed
from orchestrator.core.journey.plan import Plan
from orchestrator.core.simulation.interactive_run import InteractiveRun
from orchestrator.core.simulation.looked_at import LooksAt
from orchestrator.core.simulation.outcome import SimulatedRun
from orchestrator.core.text import Text

MOST_SNAPSHOTS = 1_000
"""Of a whole test run, from its beginning: more lines come of loops, and nobody looks at each of them."""


@dataclass(frozen=True)
class CustomerState:
    """A customer as the journey sees them: of attributes, consents and tags those that it looks at."""

    attributes: Mapping[str, Any]
    consents: Mapping[str, bool]
    tags: tuple[str, ...]
    stage: str | None


@dataclass(frozen=True)
class Snapshot:
    """After one line of a trace. ``waits_for`` and ``waiting_until``: of a run that then rested."""

    seq: int
    at: datetime
    step: str
    variables: Mapping[str, Any]
    customer: CustomerState
    waits_for: Text | None = None
    waiting_until: datetime | None = None


class KeepsSnapshots(InteractiveRun):
    """A test run that keeps a snapshot of every line, by run."""

    _snapshots: dict[str, list[Snapshot]]
    _looks: dict[str, LooksAt]
    _count = 0

    def snapshots(self, run: SimulatedRun) -> Sequence[Snapshot]:
        """Of each line of its trace, in order; of the first :data:`MOST_SNAPSHOTS` lines of all runs."""
        return self._kept(run)

    def advanced(self, run: SimulatedRun, commands: Sequence[Command]) -> None:
        """Writes down what has come about."""
        super().advanced(run, commands)
        if self._count >= MOST_SNAPSHOTS:
            return
        kept, state = self._kept(run), run.state
        committed = [line for command in commands if isinstance(command, Commit) for line in command.transitions]
        for line in (*committed, *state.unrecorded):
            if line.seq > len(kept):
                self._count += 1
                kept.append(Snapshot(line.seq, line.at, line.step, dict(state.variables), self._customer(run)))
        if state.doing == "rest" and kept:
            kept[-1] = replace(kept[-1], waits_for=self.standing(run), waiting_until=state.until)

    def _commit(self, run: SimulatedRun, commit: Commit, now: datetime) -> Committed:
        """What a step changes of its customer belongs to the lines that tell of it."""
        committed = super()._commit(run, commit, now)
        if (commit.changes or commit.stage is not None) and self._count < MOST_SNAPSHOTS:
            kept, customer = self._kept(run), self._customer(run)
            last = commit.transitions[-1].seq if commit.transitions else len(kept)
            kept[last - 1 :] = [replace(one, customer=customer) for one in kept[last - 1 :]]
        return committed

    def _kept(self, run: SimulatedRun) -> list[Snapshot]:
        if "_snapshots" not in self.__dict__:
            self._snapshots, self._looks = {}, {}
        return self._snapshots.setdefault(run.run_id, [])

    def _customer(self, run: SimulatedRun) -> CustomerState:
        plan, person = self.plan_of(run), self.person
        looks = self._looks.get(plan.key) or self._looks.setdefault(plan.key, self._looks_of(plan))
        return CustomerState(
            {name: value for name, value in person.attributes.items() if looks.attribute(name)},
            {name: said for name, said in person.consents.items() if looks.consent(name)},
            tuple(tag for tag in person.tags if looks.tag(tag)),
            person.stage,
        )

    def _looks_of(self, plan: Plan) -> LooksAt:
        templates = {key: one.document.model_dump() for key, one in self.environment.templates.items()}
        return LooksAt(plan, templates)
