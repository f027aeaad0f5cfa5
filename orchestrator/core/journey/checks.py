"""The journey's type checker: what can go wrong, found before publishing. One function per rule."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from orchestrator.core.conditions.contradictions import can_match
from orchestrator.core.conditions.describe import describe
from orchestrator.core.conditions.model import Condition, scopes
from orchestrator.core.conditions.tree import AllOf
from orchestrator.core.events.system_events import STAGE_CHANGED
from orchestrator.core.journey.chains import journeys_in_a_circle, name_of_link
from orchestrator.core.journey.graph import ENTRY, Edge, EventTrigger, ExitRule, GoalRule, Journey
from orchestrator.core.journey.schema_errors import label_of
from orchestrator.core.journey.variable_flow import check_variable_flow
from orchestrator.core.journey.vocabulary import ABOUT_A_NAME, Place, Vocabulary, check_names
from orchestrator.core.problems import Problem
from orchestrator.core.steps import Step
from orchestrator.core.steps.contract import NEXT, Port
from orchestrator.core.templating.request_secrets import EXAMPLE, SEALED, is_literal_secret
from orchestrator.core.text import Computed, Text, joined, verbatim


@dataclass(frozen=True)
class Graph:
    """A journey as a graph, looked at by the rules. Edges to nowhere are left out: a rule of their own names them."""

    journey: Journey

    @cached_property
    def steps(self) -> Mapping[str, Step]:
        return {step.id: step for step in self.journey.steps}

    @cached_property
    def ports(self) -> Mapping[str, tuple[Port, ...]]:
        return {step.id: step.ports() for step in self.journey.steps}

    @cached_property
    def next(self) -> Mapping[str, tuple[str, ...]]:
        """Steps that a step leads to, by edges and jumps."""
        next_steps: dict[str, list[str]] = {step: [] for step in self.steps}
        for edge in self.journey.edges:
            if edge.source in next_steps and edge.target in self.steps:
                next_steps[edge.source].append(edge.target)
        for step in self.journey.steps:
            next_steps[step.id] += [target for target in step.targets() if target in self.steps]
        return {step: tuple(dict.fromkeys(targets)) for step, targets in next_steps.items()}

    @cached_property
    def first(self) -> str | None:
        targets = (edge.target for edge in self.journey.edges if edge.source == ENTRY)
        return next((target for target in targets if target in self.steps), None)

    @cached_property
    def reachable(self) -> frozenset[str]:
        found: set[str] = set()
        ahead = [self.first] if self.first else []
        while ahead:
            step = ahead.pop()
            if step not in found:
                found.add(step)
                ahead.extend(self.next[step])
        return frozenset(found)

    @cached_property
    def always_waiting(self) -> frozenset[str]:
        """Steps that take time. A wait for what the journey itself emits may be over as soon as it begins."""
        emitted = self._emitted
        return frozenset(
            step.id
            for step in self.journey.steps
            if step.waits() and not any(awaited.event in emitted for awaited in step.awaits())
        )

    @cached_property
    def _emitted(self) -> frozenset[str]:
        """Names of the events that a passage through the journey may add to its customer's log."""
        names = {name for step in self.journey.steps for name in step.emits()}
        stages = {step.stage for step in self.journey.steps if step.stage is not None}
        moved = self.journey.moves_stage and len(stages) > 1
        return frozenset(names | {STAGE_CHANGED} if moved else names)

    def port(self, step: str, name: str) -> Text:
        """What the canvas writes at a way out."""
        ports = (NEXT,) if step == ENTRY else self.ports.get(step, ())
        return next((port.label for port in ports if port.name == name), verbatim(name))

    @cached_property
    def conditions(self) -> list[Place]:
        return list(conditions_of(self.journey))


Rule = Callable[[Graph], Iterator[Problem]]


def duplicate_ids(graph: Graph) -> Iterator[Problem]:
    """Steps, exit rules and goals are known by their ids; ports of one step too."""
    journey = graph.journey
    named: tuple[tuple[Text, list[str]], ...] = (
        (_STEP, [step.id for step in journey.steps]),
        (Text("exit rule"), [rule.id for rule in journey.exits]),
        (Text("goal"), [goal.id for goal in journey.goals]),
    )
    for what, ids in named:
        for twice in _twice(ids):
            yield Problem("duplicate_id", twice if what is _STEP else None, {"what": what, "id": twice})
    for step in journey.steps:
        for twice in _twice([port.name for port in graph.ports[step.id]]):
            yield Problem("duplicate_id", step.id, {"what": Text("path"), "id": twice})


_STEP = Text("step")


def _twice(names: list[str]) -> list[str]:
    if len(set(names)) == len(names):
        return []
    return sorted(name for name, times in Counter(names).items() if times > 1)


def reserved_ids(graph: Graph) -> Iterator[Problem]:
    """``entry`` is where edges begin."""
    if ENTRY in graph.steps:
        yield Problem("reserved_id", ENTRY, {"id": ENTRY})


def dangling_edges(graph: Graph) -> Iterator[Problem]:
    """Both ends of an edge exist, and so does the port."""
    for edge in graph.journey.edges:
        for end in (edge.source, edge.target):
            if end not in graph.steps and not (end == ENTRY and end == edge.source):
                yield Problem("unknown_step", None, {"id": end})
        yield from _unknown_port(graph, edge)
    for step in graph.journey.steps:
        for target in step.targets():
            if target not in graph.steps:
                yield Problem("unknown_step", step.id, {"id": target}, "settings.target")


def _unknown_port(graph: Graph, edge: Edge) -> Iterator[Problem]:
    if edge.source in graph.steps:
        ports = graph.ports[edge.source]
        if edge.port not in [port.name for port in ports]:
            yield Problem("unknown_port", edge.source, {"port": edge.port, "ports": _listed(ports)})
    elif edge.source == ENTRY and edge.port != NEXT.name:
        yield Problem("unknown_port", None, {"port": edge.port, "ports": _listed((NEXT,))})


def _listed(ports: tuple[Port, ...]) -> Text:
    """Ports as a person knows them, each with the id that a file must write."""
    return joined(Computed(_with_id, port.label, port.name) for port in ports) if ports else verbatim("—")


def _with_id(locale: str, label: Text, name: str) -> str:
    words = label.to(locale)
    return words if words == name else f"{words} ({name})"


def duplicate_edges(graph: Graph) -> Iterator[Problem]:
    """One port leads to one step."""
    seen: set[tuple[str, str]] = set()
    for edge in graph.journey.edges:
        if (edge.source, edge.port) in seen:
            step = None if edge.source == ENTRY else edge.source
            yield Problem("duplicate_edge", step, {"port": graph.port(edge.source, edge.port), "port_id": edge.port})
        seen.add((edge.source, edge.port))


def missing_edges(graph: Graph) -> Iterator[Problem]:
    """Every required port leads somewhere."""
    if not any(edge.source == ENTRY for edge in graph.journey.edges):
        yield Problem("no_entry_edge")
    connected = {(edge.source, edge.port) for edge in graph.journey.edges}
    for step in graph.journey.steps:
        for port in graph.ports[step.id]:
            if port.required and (step.id, port.name) not in connected:
                yield Problem("missing_edge", step.id, {"port": port.label, "port_id": port.name})


def unreachable_steps(graph: Graph) -> Iterator[Problem]:
    """Every step can be reached from the entry."""
    if graph.first is not None:
        for step in graph.journey.steps:
            if step.id not in graph.reachable:
                yield Problem("unreachable_step", step.id)


def loops_without_wait(graph: Graph) -> Iterator[Problem]:
    """Every loop takes time: without the steps that surely wait, the graph has no cycle."""
    waiting = graph.always_waiting
    instant = {
        step: [target for target in next_steps if target not in waiting] for step, next_steps in graph.next.items()
    }
    done: set[str] = set()
    for start in graph.steps:
        if start in done or start in waiting:
            continue
        loop = _cycle_from(start, instant, done)
        if loop:
            titles = [graph.steps[step].title() for step in (*loop, loop[0])]
            words = joined(titles, " → ")
            yield Problem("loop_without_wait", loop[0], {"loop": words, "steps": loop})


def _cycle_from(start: str, next_steps: Mapping[str, list[str]], done: set[str]) -> list[str] | None:
    """Depth first, without recursion: a graph of thousands of steps is no deep stack."""
    path, on_path = [start], {start}
    ahead = [iter(next_steps[start])]
    while ahead:
        step = next(ahead[-1], None)
        if step is None:
            ahead.pop()
            done.add(path[-1])
            on_path.discard(path.pop())
        elif step in on_path:
            done.update(path)
            return path[path.index(step) :]
        elif step not in done:
            path.append(step)
            on_path.add(step)
            ahead.append(iter(next_steps[step]))
    return None


def no_exit(graph: Graph) -> Iterator[Problem]:
    """Somebody can leave: a step without ways out is reachable, or an exit rule or ending goal is set."""
    if graph.first is None:
        return
    ends = any(not graph.ports[step] and not graph.steps[step].targets() for step in graph.reachable)
    if not ends and not graph.journey.exits and not any(goal.ends for goal in graph.journey.goals):
        yield Problem("no_exit")


def stages_missing(graph: Graph) -> Iterator[Problem]:
    """Every step lies in one lifecycle stage."""
    for step in graph.journey.steps:
        if step.stage is None:
            yield Problem("stage_missing", step.id, field="stage")


def exit_shapes(graph: Graph) -> Iterator[Problem]:
    """An exit rule is an event or a condition."""
    for n, rule in enumerate(graph.journey.exits):
        if (rule.event is None) == (rule.when is None) or (rule.event is None and rule.where is not None):
            yield Problem("exit_shape", None, {"id": rule.id}, f"exits.{n}.event")


def conditions_of(journey: Journey) -> Iterator[Place]:
    """Every condition in the file, and where it stands."""
    yield from _event_filters(journey)
    if journey.entry.filter is not None:
        yield _place(None, "entry.filter", journey.entry.filter)
    for n, rule in enumerate(journey.exits):
        if rule.when is not None:
            yield _place(None, f"exits.{n}.when", rule.when)
    for step in journey.steps:
        for asked in step.conditions():
            if asked.scope != "event":
                yield _place(step, asked.field, asked.condition)


def _place(step: Step | None, field: str, condition: Condition) -> Place:
    """Where a condition stands, as the forms call it."""
    within: tuple[str | int, ...] = () if step is None else ("steps", 0, step.kind)
    parts = tuple(int(part) if part.isdecimal() else part for part in field.split("."))
    if parts[0] == "entry" and parts[-1] == "where":
        parts = (*parts[:-1], "event", "where")  # the kind of trigger that has one
    return Place(step.id if step else None, field, label_of((*within, *parts)) or verbatim(field), condition)


def filters_that_never_match(graph: Graph) -> Iterator[Problem]:
    """A contradiction is a mistake of the author's."""
    for step, field, name, condition in graph.conditions:
        if not can_match(condition):
            yield Problem("filter_never_matches", step, {"place": name, "condition": describe(condition)}, field)


def empty_conditions(graph: Graph) -> Iterator[Problem]:
    """Condition groups without parts, which always hold: nobody has filled them in yet."""
    for step, field, name, condition in graph.conditions:
        if isinstance(condition, AllOf) and not condition.of:
            yield Problem("empty_condition", step, {"place": name}, field)


def filters_on_events(graph: Graph) -> Iterator[Problem]:
    """What looks at an arriving event knows nothing of the customer: it is asked wherever the event is, at once."""
    for step, field, name, condition in _event_filters(graph.journey):
        if "customer" in scopes(condition):
            yield Problem("filter_asks_customer", step, {"place": name}, field)


def _event_filters(journey: Journey) -> Iterator[Place]:
    for n, trigger in enumerate(journey.entry.triggers):
        if isinstance(trigger, EventTrigger) and trigger.where is not None:
            yield _place(None, f"entry.triggers.{n}.where", trigger.where)
    rules: tuple[tuple[str, tuple[ExitRule | GoalRule, ...]], ...] = (
        ("exits", journey.exits),
        ("goals", journey.goals),
    )
    for listed, members in rules:
        for n, rule in enumerate(members):
            if rule.where is not None:
                yield _place(None, f"{listed}.{n}.where", rule.where)
    for step in journey.steps:
        for asked in step.conditions():
            if asked.scope == "event":
                yield _place(step, asked.field, asked.condition)


def faults_of_steps(graph: Graph) -> Iterator[Problem]:
    """What a kind of step finds wrong with its own settings."""
    for step in graph.journey.steps:
        for field, message, code, parameters in step.faults():
            told = dict(parameters)
            if message is not None:
                label = label_of(("steps", 0, step.kind, *field.split("."))) or verbatim(field)
                told = {**told, "field": field, "label": label, "message": message}
            yield Problem(code, step.id, told, field)


def literal_secrets_in_variables(graph: Graph) -> Iterator[Problem]:
    """A journey's variables are read by whoever may read the journey."""
    for name, value in graph.journey.variables.items():
        if isinstance(value, str) and is_literal_secret(name, value):
            code = "secret_to_enter" if value.startswith(SEALED) else "literal_secret"
            yield Problem(code, None, {"field": name, "example": EXAMPLE}, f"variables.{name}")


RULES: tuple[Rule, ...] = (
    duplicate_ids,
    reserved_ids,
    dangling_edges,
    duplicate_edges,
    missing_edges,
    unreachable_steps,
    loops_without_wait,
    no_exit,
    stages_missing,
    exit_shapes,
    filters_that_never_match,
    empty_conditions,
    filters_on_events,
    faults_of_steps,
    literal_secrets_in_variables,
)


def one_sets_the_stage(journey: Journey, vocabulary: Vocabulary | None) -> Iterator[Problem]:
    """Of two journeys that set a customer's stage, whichever wrote last would win."""
    live = {} if vocabulary is None else vocabulary.live
    others = [one.key for one in live.values() if one.moves_stage and one.key != journey.key]
    if journey.moves_stage and others:
        told = {"journeys": joined(name_of_link(key) for key in others), "keys": others}
        yield Problem("stage_set_by_others", None, told, "moves_stage")


def check_journey(journey: Journey, vocabulary: Vocabulary | None = None) -> tuple[Problem, ...]:
    """Everything that is wrong, errors first, in the order of the rules."""
    graph = Graph(journey)
    found = [problem for rule in RULES for problem in rule(graph)]
    found += journeys_in_a_circle(journey, {} if vocabulary is None else vocabulary.live)
    found += one_sets_the_stage(journey, vocabulary)
    found += check_variable_flow(journey, {} if vocabulary is None else vocabulary.templates)
    found += check_names(journey, graph.conditions, vocabulary)
    names = {**({} if vocabulary is None else vocabulary.names), ("journey", journey.key): journey.name}
    once = [problem.naming(names) for problem in _each_once(found)]
    return tuple(sorted(once, key=lambda problem: problem.severity == "warning"))


def _each_once(found: list[Problem]) -> list[Problem]:
    """One problem for each name that nobody has seen, at the first place that uses it; ``also`` has the others."""
    unique: dict[tuple[Any, ...], list[Problem]] = {}
    for problem in found:
        step = None if problem.code in ABOUT_A_NAME else problem.step
        unique.setdefault((problem.code, step, repr(problem.parameters)), []).append(problem)
    return [_with_places(*same) if same[0].code in ABOUT_A_NAME else same[0] for same in unique.values()]


def _with_places(first: Problem, *others: Problem) -> Problem:
    if not others:
        return first
    also = [{"step": other.step, "field": other.field} for other in others]
    return replace(first, parameters={**first.parameters, "also": also})
