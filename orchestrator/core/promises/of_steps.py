"""What each kind of step keeps, by what its settings say: which way it takes, and what it leaves behind."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from orchestrator.core.commands import Transition
from orchestrator.core.events.system_events import JOURNEY_REQUESTED
from orchestrator.core.promises import visits
from orchestrator.core.promises.visits import ANOTHER_OUTCOME, Fault, Visit
from orchestrator.core.promises.witness import Witness, entered_at, holds
from orchestrator.core.scenarios.play import ScenarioRun
from orchestrator.core.simulation.outcome import SimulatedRun
from orchestrator.core.steps import Step
from orchestrator.core.steps.branch import Branch
from orchestrator.core.steps.coupon import Coupon
from orchestrator.core.steps.delay import Delay
from orchestrator.core.steps.emit_event import EmitEvent
from orchestrator.core.steps.experiment import Experiment
from orchestrator.core.steps.goal import Goal
from orchestrator.core.steps.message import Message
from orchestrator.core.steps.start_journey import StartJourney
from orchestrator.core.steps.survey import Survey
from orchestrator.core.steps.update_customer import CustomerChange, UpdateCustomer
from orchestrator.core.steps.wait_for_event import WaitForEvent
from orchestrator.core.steps.wait_until import WaitUntil
from orchestrator.core.steps.webhook import Webhook
from orchestrator.core.text import Text


class StepPromises(Witness):
    """Of steps, at the moment at which a run leaves them, and of what they leave behind."""

    def passed(self, run: ScenarioRun, one: SimulatedRun, line: Transition) -> None:
        step = run.plan_of(one).steps.get(line.step)
        if step is None or line.what != "left":
            return None
        check = _CHECKS.get(type(step))
        if check is None:
            return None
        lines = run.trace(one)
        entered = entered_at(lines, line)
        if entered is None:
            return self.broken("path", line.at, one, line.step, Text("it leaves a step that it is not at"))
        if any(other.what == "moved" for other in lines[entered.seq :]):
            return None
        for rule, words in check(Visit(run, one, step, entered, line)):
            self.broken(rule, line.at, one, line.step, words)
        return None

    def finished(self, run: ScenarioRun) -> None:
        if run.too_long is not None:
            return
        for one in run.runs:
            for step in run.plan_of(one).journey.steps:
                if any(line.what == "left" and line.step == step.id for line in one.transitions):
                    for rule, words in _left_behind(run, one, step):
                        self.broken(rule, run.until, one, step.id, words)
            if not _in_its_stage(run, one):
                words = Text("the customer is in another stage than the run")
                self.broken("stage", run.until, one, one.state.step, words)


def _branch(visit: Visit[Branch]) -> Iterator[Fault]:
    """The first branch that is true, at once."""
    branches = visit.step.settings.branches
    if visit.step.asks:
        true = [one.port for one in branches if holds(visit.run, visit.one, one.when)]
    else:
        true = [one.port for one in branches if visit.passes(one.when, visit.one.state.entry)]
    expected = true[0] if true else Branch.OTHERWISE.name
    if visit.port != expected:
        yield "branch", Text("it takes “{port}”, and “{expected}” comes first", port=visit.port, expected=expected)


def _experiment(visit: Visit[Experiment]) -> Iterator[Fault]:
    """A variant that somebody is to get, the same one for one customer each time."""
    settings = visit.step.settings
    if not {variant.port: variant.weight for variant in settings.variants}.get(visit.port):
        yield "experiment", Text("it takes a variant that nobody is to get")
    for other in visit.run.runs:
        steps = visit.run.plan_of(other).steps
        same = {step.id for step in steps.values() if isinstance(step, Experiment) and step.settings == settings}
        ports = {line.port for line in visit.run.trace(other) if line.what == "left" and line.step in same}
        if ports - {visit.port}:
            yield "experiment", Text("one customer gets two variants of one experiment")


def _coupon(visit: Visit[Coupon]) -> Iterator[Fault]:
    settings, pools = visit.step.settings, visit.run.pools
    closed, value = settings.pool in pools.closed, visit.one.state.variables.get(settings.variable)
    if visit.port == "next" and not (isinstance(value, Mapping) and value.get("code")):
        yield "coupon", Text("it goes on as if there were a code")
    if visit.port == "next" and closed and (visit.run.person.id, settings.pool) not in pools.had:
        yield "coupon", Text("it goes on as if there were a code")
    if visit.port == "empty" and not closed:
        yield "coupon", Text("the pool has codes, and none is taken")


def _webhook(visit: Visit[Webhook]) -> Iterator[Fault]:
    failed = visit.run.results.get(visit.step.id) in ("failed", "unreachable")
    if failed is not (visit.port == Webhook.FAILED.name):
        yield "webhook", ANOTHER_OUTCOME


def _message(visit: Visit[Message]) -> Iterator[Fault]:
    """By the path of what became of its last decision."""
    place = visit.left.step, visit.left.occurrence
    own = [told.send for told in visit.run.sends if told.run == visit.one.run_id]
    last = [send.outcome for send in own if (send.step, send.occurrence) == place][-1:]
    if last not in (["sent"], ["unknown"], ["skipped"]) or (last == ["skipped"]) is not (visit.port == "not_sent"):
        yield "message", ANOTHER_OUTCOME


_CHECKS: Mapping[type[Step], Callable[[Visit[Any]], Iterator[Fault]]] = {
    Delay: visits.delay,
    WaitForEvent: visits.wait_for_event,
    WaitUntil: visits.wait_until,
    Survey: visits.survey,
    Branch: _branch,
    Experiment: _experiment,
    Coupon: _coupon,
    Webhook: _webhook,
    Message: _message,
}


# --- what they leave behind ------------------------------------------------------------------------------------------


def _left_behind(run: ScenarioRun, one: SimulatedRun, step: Step) -> Iterator[Fault]:
    times = sum(line.what == "left" and line.step == step.id for line in one.transitions)
    match step:
        case EmitEvent() if len(run.person.log.named(step.settings.event)[1]) < times:
            yield "emit", Text("an event that it adds is not there")
        case StartJourney() if len(run.person.log.named(JOURNEY_REQUESTED)[1]) < times:
            yield "emit", Text("an event that it adds is not there")
        case Goal():
            counted = [line for line in one.transitions if line.what == "goal" and line.step == step.id]
            if not any(line.port == step.settings.goal for line in counted):
                yield "goal", Text("its goal is not counted")
        case UpdateCustomer():
            for change in step.settings.changes:
                if _writers(run, change.name) == 1 and not _is_there(run, change):
                    yield "update", Text("its change of “{name}” is not there", name=change.name)


def _is_there(run: ScenarioRun, change: CustomerChange) -> bool:
    """Whether the customer is as a change says that nobody else has undone."""
    person, name = run.person, change.name
    match change.op:
        case "set":
            return not isinstance(change.value, str | int | float) or person.attributes.get(name) == change.value
        case "remove":
            return name not in person.attributes
        case "add_tag":
            return name in person.tags
        case "remove_tag":
            return name not in person.tags
        case "withdraw":
            return person.consents.get(name) is not True
    return True


def _writers(run: ScenarioRun, name: str) -> int:
    """How many steps and acts write something of the customer's by this name."""
    steps = [step for plan in run.plans.values() for step in plan.journey.steps if isinstance(step, UpdateCustomer)]
    fields = ("attributes", "consents", "add_tags", "remove_tags")
    told = sum(name in getattr(act.what, field, ()) for act in run.script.acts for field in fields)
    return sum(change.name == name for step in steps for change in step.settings.changes) + told


def _in_its_stage(run: ScenarioRun, one: SimulatedRun) -> bool:
    """Whether the customer is in the stage of the run, where this is the only one that moves them."""
    plan = run.plan_of(one)
    if [other for other in run.runs if run.plan_of(other).journey.moves_stage] != [one]:
        return True
    visited = [line.step for line in one.transitions if line.what == "entered" and line.step in plan.steps]
    stages = [stage for step in visited if (stage := plan.steps[step].stage) is not None]
    return not stages or run.person.stage == stages[-1]
