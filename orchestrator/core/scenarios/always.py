"""What an author says must always hold, looked at while a script is played."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from orchestrator.core.commands import Transition
from orchestrator.core.conditions.binding import bind
from orchestrator.core.conditions.evaluate import evaluate
from orchestrator.core.conditions.explain import explain
from orchestrator.core.scenarios.document import Always
from orchestrator.core.scenarios.play import Observer, ScenarioRun
from orchestrator.core.simulation.interactive_run import NarratedSend
from orchestrator.core.simulation.outcome import SimulatedRun
from orchestrator.core.text import Text, verbatim


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that must never be. ``rule``: what it breaks, the same for all that break it."""

    rule: str
    at: datetime
    journey: str
    step: str
    words: Text


class AlwaysHolds(Observer):
    """Looks at the rules of a file at each instant at which they are to hold."""

    def __init__(self, rules: Sequence[Always]) -> None:
        self.rules = rules
        self.violations: list[Violation] = []

    def passed(self, run: ScenarioRun, one: SimulatedRun, line: Transition) -> None:
        for rule in self.rules:
            if rule.whenever == line.what and rule.step in (None, line.step):
                self._look(rule, run, one, line.step)

    def decided(self, run: ScenarioRun, one: SimulatedRun, told: NarratedSend) -> None:
        if told.send.outcome not in ("sent", "unknown"):
            return
        for rule in self.rules:
            if rule.whenever == "sent" and rule.step in (None, told.send.step):
                self._look(rule, run, one, told.send.step)

    def _look(self, rule: Always, run: ScenarioRun, one: SimulatedRun, step: str) -> None:
        state = one.state
        condition = bind(rule.condition, state.entry, state.event, state.variables, state.began)
        view = run.person.view()
        if not evaluate(condition, view, run.now, state.entry).truth:
            name = verbatim(rule.name)
            why = explain(condition, view, run.now, state.entry)
            words = Text("“{name}” does not hold: {why}", name=name, why=why)
            self.violations.append(Violation(f"always:{name.to('en')}", run.now, one.journey, step, words))
