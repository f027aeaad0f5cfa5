"""Who watches a playing, and writes down what was broken. Each kind of promise is a subclass."""

from collections.abc import Sequence
from datetime import datetime

from orchestrator.core.commands import Transition
from orchestrator.core.conditions.binding import bind
from orchestrator.core.conditions.contract import Node
from orchestrator.core.conditions.evaluate import evaluate, matches
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.scenarios.always import Violation
from orchestrator.core.scenarios.play import Observer, ScenarioRun
from orchestrator.core.simulation.outcome import SimulatedRun
from orchestrator.core.text import Text


class Witness(Observer):
    """Collects violations; the same one of a run is told once."""

    def __init__(self) -> None:
        self.violations: list[Violation] = []

    def broken(self, rule: str, at: datetime, one: SimulatedRun | None, step: str, words: Text) -> None:
        """Write down that a promise was broken."""
        journey = "" if one is None else one.journey
        found = Violation(rule, at, journey, step, words)
        if found not in self.violations:
            self.violations.append(found)


def bound(one: SimulatedRun, condition: Node) -> Node:
    """A condition as the run would ask it now."""
    state = one.state
    return bind(condition, state.entry, state.event, state.variables, state.began)


def holds(run: ScenarioRun, one: SimulatedRun, condition: Node) -> bool:
    """Whether a condition of the run's journey is true of the customer at this instant."""
    return evaluate(bound(one, condition), run.person.view(), run.now, one.state.entry).truth


def passes(one: SimulatedRun, where: Node | None, event: CustomerEvent) -> bool:
    """Whether an event passes a filter of the run's journey."""
    return where is None or matches(bound(one, where), event)


def entered_at(lines: Sequence[Transition], left: Transition) -> Transition | None:
    """The line by which a run came to the visit that ``left`` ends."""
    visit = (left.step, left.occurrence)
    return next((one for one in reversed(lines) if one.what == "entered" and (one.step, one.occurrence) == visit), None)
