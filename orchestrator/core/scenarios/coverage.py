"""Which ways through journeys scenarios have taken, and which none of them has."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from orchestrator.core.journey.plan import Plan
from orchestrator.core.scenarios.play import ScenarioRun
from orchestrator.core.simulation.outcome import SimulatedRun

Place = tuple[str, str, str]
"""Journey, step, port. The step is empty for a rule of the journey: ``exit:id`` or ``goal:id``."""
ENDS = "end"
"""Stands for the port of a step that has none: an exit, a jump, a goal that ends."""


def places(plans: Iterable[Plan]) -> list[Place]:
    """All that can be covered: ports that lead somewhere (an optional one that is not drawn is none), ends, rules."""
    found: list[Place] = []
    for plan in plans:
        drawn = {(edge.source, edge.port) for edge in plan.journey.edges}
        for step in plan.journey.steps:
            ports = [port.name for port in step.ports() if port.required or (step.id, port.name) in drawn]
            found += [(plan.key, step.id, port) for port in ports or [ENDS]]
        found += [(plan.key, "", f"exit:{rule.id}") for rule in plan.journey.exits]
        found += [(plan.key, "", f"goal:{rule.id}") for rule in plan.journey.goals]
    return found


@dataclass
class Coverage:
    """Counts of what was passed, over any number of playings."""

    plans: tuple[Plan, ...]
    passed: Counter[Place] = field(default_factory=Counter)

    def add(self, run: ScenarioRun) -> None:
        """Count one playing in."""
        self.passed.update(passed(run))

    @property
    def missing(self) -> list[Place]:
        """What nothing has passed, in the order of the journeys."""
        return [place for place in places(self.plans) if not self.passed[place]]

    @property
    def places(self) -> list[Place]:
        """Every place, in the order of the journeys."""
        return places(self.plans)

    @property
    def share(self) -> tuple[int, int]:
        """How many places were passed, of how many."""
        everything = places(self.plans)
        return sum(self.passed[place] > 0 for place in everything), len(everything)


def passed(run: ScenarioRun) -> set[Place]:
    """The places that one playing has passed."""
    found: set[Place] = set()
    for one in run.runs:
        found |= _of_run(run, one)
    return found


def _of_run(run: ScenarioRun, one: SimulatedRun) -> set[Place]:
    plan, found = run.plan_of(one), set[Place]()
    goals = {rule.id for rule in plan.journey.goals}
    for line in run.trace(one):
        step = plan.steps.get(line.step)
        if line.what == "entered" and step is not None and not step.ports():
            found.add((plan.key, line.step, ENDS))
        elif line.what == "left" and step is not None and step.ports():
            found.add((plan.key, line.step, line.port))
        elif line.what == "goal" and line.port in goals:
            found.add((plan.key, "", f"goal:{line.port}"))
        elif line.what == "ended" and not (step is not None and step.exit_reason() == line.port):
            rules = [rule.id for rule in plan.journey.exits if (rule.reason or rule.id) == line.port]
            found.update((plan.key, "", f"exit:{rule}") for rule in rules)
    return found
