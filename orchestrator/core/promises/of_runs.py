"""What every run keeps, wherever it stands: it goes on, it goes along the lines that are drawn, exits and goals act at
once, nobody is twice in one journey, nothing happens after the end."""

from collections import Counter

from orchestrator.core.commands import Transition
from orchestrator.core.conditions.evaluate import matches
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.journey.graph import ExitRule, GoalRule
from orchestrator.core.promises.witness import Witness, bound, holds
from orchestrator.core.scenarios.play import ScenarioRun
from orchestrator.core.simulation.interactive_run import NarratedSend
from orchestrator.core.simulation.outcome import SimulatedRun
from orchestrator.core.text import Text


class RunPromises(Witness):
    """Of runs as such."""

    def __init__(self) -> None:
        super().__init__()
        self._due: list[tuple[SimulatedRun, ExitRule | GoalRule]] = []
        self._heard: set[tuple[str, str]] = set()
        self._ended: set[str] = set()
        self._last: dict[str, Transition] = {}
        """The line before, goals apart, of each run."""
        self._visits: Counter[tuple[str, str]] = Counter()

    # --- along the lines ---------------------------------------------------------------------------------------------

    def passed(self, run: ScenarioRun, one: SimulatedRun, line: Transition) -> None:
        if one.run_id in self._ended:
            self.broken("after_end", line.at, one, line.step, Text("something happens after the end"))
        before = self._last.get(one.run_id)
        if line.what == "entered":
            self._entered(run, one, line, before)
        elif line.what == "ended":
            self._ended.add(one.run_id)
        if line.what in ("ended", "goal") and "message_id" in line.note:
            self._by_event(run, one, line)
        if line.seq != run.written(one):
            self.broken("path", line.at, one, line.step, Text("a line of the trace is missing"))
        if before is not None and line.at < before.at:
            self.broken("time", line.at, one, line.step, Text("time goes back"))
        if line.what != "goal":
            self._last[one.run_id] = line

    def _entered(self, run: ScenarioRun, one: SimulatedRun, line: Transition, last: Transition | None) -> None:
        plan = run.plan_of(one)
        self._visits[one.run_id, line.step] += 1
        if line.occurrence != self._visits[one.run_id, line.step]:
            self.broken("path", line.at, one, line.step, Text("visits are counted wrongly"))
        if last is None:
            if line.step != plan.first:
                self.broken("path", line.at, one, line.step, Text("the run starts at another step than the first"))
            return self._begun(run, one, line)
        if last.what == "moved":
            return None
        jumps = plan.steps[last.step].targets() if last.step in plan.steps else ()
        expected = jumps[0] if jumps else plan.target(last.step, last.port) if last.what == "left" else ""
        if line.step != expected:
            words = Text("comes from “{step}” by “{port}”, which leads elsewhere", step=last.step, port=last.port)
            self.broken("path", line.at, one, line.step, words)
        return None

    def _begun(self, run: ScenarioRun, one: SimulatedRun, line: Transition) -> None:
        reentry = run.plan_of(one).journey.reentry
        others = [other for other in run.runs if other.workflow_id == one.workflow_id and other is not one]
        if any(other.live for other in others):
            self.broken("twice_in", line.at, one, line.step, Text("the customer is in this journey already"))
        if others and reentry.mode == "never":
            self.broken("re_entry", line.at, one, line.step, Text("the customer has been in this journey before"))
        if reentry.mode == "cool_down" and others:
            since = one.entered_at - max(other.entered_at for other in others)
            if since < reentry.cool_down:
                self.broken("re_entry", line.at, one, line.step, Text("the customer enters again too soon"))

    def _by_event(self, run: ScenarioRun, one: SimulatedRun, line: Transition) -> None:
        """What an exit or a goal says it comes of is an event that it is meant for."""
        plan, wanted = run.plan_of(one), line.note["message_id"]
        event = next((event for event in run.person.log if event.message_id == wanted), None)
        rules: list[ExitRule | GoalRule] = []
        if event is not None and line.what == "goal":
            rules += [rule for rule in plan.goals_on.get(event.name, ()) if rule.id == line.port]
        elif event is not None:
            rules += [rule for rule in plan.exits_on.get(event.name, ()) if (rule.reason or rule.id) == line.port]
        if event is None or not any(self._passes(one, rule, event) for rule in rules):
            words = Text("“{rule}” acts on an event that is none of its own", rule=line.port)
            self.broken("goal" if line.what == "goal" else "exit", line.at, one, line.step, words)

    # --- exits and goals act at once ---------------------------------------------------------------------------------

    def arriving(self, run: ScenarioRun, event: CustomerEvent) -> None:
        """Whom the event must count for, or end, as they stand before it."""
        self._due = []
        for one in run.live.values():
            state, plan = one.state, run.plan_of(one)
            if (one.run_id, event.message_id) in self._heard or event.occurred_at < state.began:
                continue
            if state.entry is not None and event.message_id == state.entry.message_id:
                continue
            goals = [rule for rule in plan.goals_on.get(event.name, ()) if self._counts(one, rule, event)]
            exits = [rule for rule in plan.exits_on.get(event.name, ()) if self._passes(one, rule, event)]
            self._due += [(one, rule) for rule in goals]
            ended = any(rule.ends for rule in goals)
            self._due += [] if ended else [(one, rule) for rule in exits[:1]]
            self._heard.add((one.run_id, event.message_id))

    @staticmethod
    def _passes(one: SimulatedRun, rule: ExitRule | GoalRule, event: CustomerEvent) -> bool:
        return rule.where is None or matches(bound(one, rule.where), event)

    def _counts(self, one: SimulatedRun, rule: GoalRule, event: CustomerEvent) -> bool:
        return (rule.repeat or rule.id not in one.state.goals) and self._passes(one, rule, event)

    def routed(self, run: ScenarioRun, event: CustomerEvent) -> None:
        for one, rule in self._due:
            at, step = run.now, one.state.step
            if isinstance(rule, GoalRule):
                counted = [line for line in run.trace(one) if line.what == "goal" and line.port == rule.id]
                if not any(line.note.get("message_id") == event.message_id for line in counted):
                    self.broken("goal", at, one, step, Text("the goal “{rule}” is not counted", rule=rule.id))
                if rule.ends and one.live:
                    self.broken("exit", at, one, step, Text("the goal “{rule}” does not end the run", rule=rule.id))
            elif one.live:
                self.broken("exit", at, one, step, Text("the exit rule “{rule}” does not act at once", rule=rule.id))
            elif one.state.reason != (rule.reason or rule.id):
                self.broken("exit", at, one, step, Text("the run ends for another reason than “{rule}”", rule=rule.id))
        self._due = []
        for one in list(run.live.values()):
            self._conditions(run, one, event)

    def _conditions(self, run: ScenarioRun, one: SimulatedRun, event: CustomerEvent) -> None:
        """Exit rules that are conditions, once an event has come that may have made them true."""
        plan = run.plan_of(one)
        if event.name not in plan.watched_names or one.state.doing != "rest":
            return
        for rule in plan.watched:
            if rule.when is not None and holds(run, one, rule.when):
                words = Text("the exit rule “{rule}” holds, and the run goes on", rule=rule.id)
                self.broken("exit", run.now, one, one.state.step, words)

    # --- the end -----------------------------------------------------------------------------------------------------

    def decided(self, run: ScenarioRun, one: SimulatedRun, told: NarratedSend) -> None:
        if not one.live:
            self.broken("after_end", told.send.at, one, told.send.step, Text("a message is decided after the end"))

    def finished(self, run: ScenarioRun) -> None:
        if run.too_long is not None:
            self.broken("endless", run.too_long, None, "", Text("it goes round forever"))
            return
        for one in run.runs:
            state = one.state
            if one.live and (state.doing != "rest" or (one.timer is None and not state.listening)):
                self.broken("stuck", run.until, one, state.step, Text("nothing can wake this run any more"))
            if one.live and one.timer is not None and one.timer < run.until:
                self.broken("stuck", run.until, one, state.step, Text("a deadline has passed without effect"))
            self._goals_once(run, one)

    def _goals_once(self, run: ScenarioRun, one: SimulatedRun) -> None:
        once = {rule.id for rule in run.plan_of(one).journey.goals if not rule.repeat}
        counted = [line.port for line in run.trace(one) if line.what == "goal" and "message_id" in line.note]
        for goal in once:
            if counted.count(goal) > 1:
                words = Text("the goal “{rule}” is counted more than once", rule=goal)
                self.broken("goal", run.until, one, one.state.step, words)
