"""The journey's type checker: what can go wrong, found before publishing. One function per rule."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import ValidationError

from orchestrator.core.conditions import Condition
from orchestrator.core.evaluation import can_match, describe
from orchestrator.core.graph import ENTRY, Edge, EventTrigger, Journey
from orchestrator.core.problems import Problem
from orchestrator.core.steps import KINDS, Step
from orchestrator.core.steps.branch import Branch
from orchestrator.core.steps.experiment import Experiment
from orchestrator.core.steps.message import Message
from orchestrator.core.steps.wait_for_event import WaitForEvent
from orchestrator.core.steps.wait_until import WaitUntil
from orchestrator.core.vocabulary import Vocabulary, check_names


@dataclass(frozen=True)
class Graph:
    """A journey as a graph, looked at by the rules. Edges to nowhere are left out: a rule of their own names them."""

    journey: Journey

    @cached_property
    def steps(self) -> Mapping[str, Step]:
        return {step.id: step for step in self.journey.steps}

    @cached_property
    def next(self) -> Mapping[str, tuple[str, ...]]:
        """Steps that a step leads to, by edges and jumps."""
        ways: dict[str, list[str]] = {step: [] for step in self.steps}
        for edge in self.journey.edges:
            if edge.source in ways and edge.target in self.steps:
                ways[edge.source].append(edge.target)
        for step in self.journey.steps:
            ways[step.id] += [target for target in step.targets() if target in self.steps]
        return {step: tuple(dict.fromkeys(targets)) for step, targets in ways.items()}

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


Rule = Callable[[Graph], Iterator[Problem]]


def duplicate_ids(graph: Graph) -> Iterator[Problem]:
    """Steps, exit rules and goals are known by their ids; ports of one step too."""
    journey = graph.journey
    named: tuple[tuple[str, list[str]], ...] = (
        ("step", [step.id for step in journey.steps]),
        ("exit rule", [rule.id for rule in journey.exits]),
        ("goal", [goal.id for goal in journey.goals]),
    )
    for what, ids in named:
        for twice in sorted({name for name in ids if ids.count(name) > 1}):
            yield Problem("duplicate_id", twice if what == "step" else None, {"what": what, "id": twice})
    for step in journey.steps:
        ports = [port.name for port in step.ports()]
        for twice in sorted({port for port in ports if ports.count(port) > 1}):
            yield Problem("duplicate_id", step.id, {"what": "port", "id": twice})


def reserved_ids(graph: Graph) -> Iterator[Problem]:
    """``entry`` is where edges begin."""
    if ENTRY in graph.steps:
        yield Problem("reserved_id", ENTRY, {"id": ENTRY})


def edges_to_nowhere(graph: Graph) -> Iterator[Problem]:
    """Both ends of an edge exist, and so does the port."""
    for edge in graph.journey.edges:
        for end in (edge.source, edge.target):
            if end not in graph.steps and not (end == ENTRY and end == edge.source):
                yield Problem("unknown_step", None, {"id": end})
        yield from _unknown_port(graph, edge)
    for step in graph.journey.steps:
        for target in step.targets():
            if target not in graph.steps:
                yield Problem("unknown_step", step.id, {"id": target})


def _unknown_port(graph: Graph, edge: Edge) -> Iterator[Problem]:
    if edge.source in graph.steps:
        ports = [port.name for port in graph.steps[edge.source].ports()]
        if edge.port not in ports:
            yield Problem("unknown_port", edge.source, {"port": edge.port, "ports": ", ".join(ports) or "—"})
    elif edge.source == ENTRY and edge.port != "next":
        yield Problem("unknown_port", None, {"port": edge.port, "ports": "next"})


def duplicate_edges(graph: Graph) -> Iterator[Problem]:
    """One port leads to one step."""
    seen: set[tuple[str, str]] = set()
    for edge in graph.journey.edges:
        if (edge.source, edge.port) in seen:
            step = None if edge.source == ENTRY else edge.source
            yield Problem("duplicate_edge", step, {"port": edge.port})
        seen.add((edge.source, edge.port))


def missing_edges(graph: Graph) -> Iterator[Problem]:
    """Every required port leads somewhere."""
    if not any(edge.source == ENTRY for edge in graph.journey.edges):
        yield Problem("no_entry_edge")
    connected = {(edge.source, edge.port) for edge in graph.journey.edges}
    for step in graph.journey.steps:
        for port in step.ports():
            if port.required and (step.id, port.name) not in connected:
                yield Problem("missing_edge", step.id, {"port": port.name})


def unreachable_steps(graph: Graph) -> Iterator[Problem]:
    """Every step can be reached from the entry."""
    if graph.first is not None:
        for step in graph.journey.steps:
            if step.id not in graph.reachable:
                yield Problem("unreachable_step", step.id)


def loops_without_wait(graph: Graph) -> Iterator[Problem]:
    """Every loop takes time: without the steps that surely wait, the graph has no cycle."""
    instant = {step: [t for t in ways if not graph.steps[t].waits()] for step, ways in graph.next.items()}
    done: set[str] = set()
    for start in graph.steps:
        if start in done or graph.steps[start].waits():
            continue
        loop = _cycle_from(start, instant, done)
        if loop:
            yield Problem("loop_without_wait", loop[0], {"loop": " → ".join([*loop, loop[0]])})


def _cycle_from(start: str, ways: Mapping[str, list[str]], done: set[str]) -> list[str] | None:
    """Depth first, without recursion: a graph of thousands of steps is no deep stack."""
    path, on_path = [start], {start}
    ahead = [iter(ways[start])]
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
            ahead.append(iter(ways[step]))
    return None


def no_exit(graph: Graph) -> Iterator[Problem]:
    """Somebody can leave: a step without ways out is reachable, or an exit rule or ending goal is set."""
    ends = any(not graph.steps[step].ports() and not graph.steps[step].targets() for step in graph.reachable)
    if not ends and not graph.journey.exits and not any(goal.ends for goal in graph.journey.goals):
        yield Problem("no_exit")


def stages_missing(graph: Graph) -> Iterator[Problem]:
    """Every step lies in one lifecycle stage."""
    for step in graph.journey.steps:
        if step.stage is None:
            yield Problem("stage_missing", step.id)


def weights(graph: Graph) -> Iterator[Problem]:
    """An experiment can choose, and has one control."""
    for step in graph.journey.steps:
        if isinstance(step, Experiment):
            arms = step.settings.variants
            controls = sum(arm.control for arm in arms)
            if not any(arm.weight for arm in arms):
                yield Problem("weights_zero", step.id)
            if controls > 1:
                yield Problem("too_many_controls", step.id, {"count": controls})
            if not controls:
                yield Problem("no_control", step.id)


def exit_shapes(graph: Graph) -> Iterator[Problem]:
    """An exit rule is an event or a condition."""
    for rule in graph.journey.exits:
        if (rule.event is None) == (rule.when is None) or (rule.event is None and rule.where is not None):
            yield Problem("exit_shape", None, {"id": rule.id})


def conditions_of(journey: Journey) -> Iterator[tuple[str | None, str, Condition]]:
    """Every condition in the file: the step it belongs to, the place in words, and the condition."""
    for n, trigger in enumerate(journey.entry.triggers):
        if isinstance(trigger, EventTrigger) and trigger.where is not None:
            yield None, f"entry.triggers[{n}].where", trigger.where
    if journey.entry.filter is not None:
        yield None, "entry.filter", journey.entry.filter
    for rule in journey.exits:
        yield from ((None, rule.id, condition) for condition in (rule.where, rule.when) if condition is not None)
    yield from ((None, goal.id, goal.where) for goal in journey.goals if goal.where is not None)
    for step in journey.steps:
        yield from ((step.id, place, condition) for place, condition in _conditions_of_step(step))


def _conditions_of_step(step: Step) -> Iterator[tuple[str, Condition]]:
    match step:
        case Branch():
            yield from ((way.port, way.when) for way in step.settings.branches)
        case WaitForEvent():
            yield from ((b.port, b.where) for b in step.settings.branches if b.where is not None)
        case WaitUntil():
            yield "condition", step.settings.condition
        case Message() if step.settings.only_if is not None:
            yield "only_if", step.settings.only_if


def filters_that_never_match(graph: Graph) -> Iterator[Problem]:
    """A contradiction is a mistake of the author's."""
    for step, place, condition in conditions_of(graph.journey):
        if not can_match(condition):
            yield Problem("filter_never_matches", step, {"place": place, "condition": describe(condition).en})


RULES: tuple[Rule, ...] = (
    duplicate_ids,
    reserved_ids,
    edges_to_nowhere,
    duplicate_edges,
    missing_edges,
    unreachable_steps,
    loops_without_wait,
    no_exit,
    stages_missing,
    weights,
    exit_shapes,
    filters_that_never_match,
)


def check_journey(journey: Journey, vocabulary: Vocabulary | None = None) -> tuple[Problem, ...]:
    """Everything that is wrong, errors first, in the order of the rules."""
    graph = Graph(journey)
    found = [problem for rule in RULES for problem in rule(graph)]
    found += check_names(journey, list(conditions_of(journey)), vocabulary)
    unique = {(p.code, p.step, repr(p.parameters)): p for p in found}
    return tuple(sorted(unique.values(), key=lambda problem: problem.severity == "warning"))


def problems_of_shape(document: Mapping[str, Any], error: ValidationError) -> tuple[Problem, ...]:
    """What pydantic found wrong with the file's shape, as problems of the steps concerned."""
    return tuple(_shape_problem(document, fault) for fault in error.errors(include_url=False, include_context=False))


def _shape_problem(document: Mapping[str, Any], fault: Mapping[str, Any]) -> Problem:
    place = fault["loc"]
    step = None
    if len(place) > 1 and place[0] == "steps" and isinstance(place[1], int):
        node = document["steps"][place[1]]
        step = str(node.get("id")) if isinstance(node, Mapping) and node.get("id") is not None else None
        if fault["type"] == "union_tag_invalid" and len(place) == 2:
            return Problem("unknown_kind", step, {"kind": str(node.get("kind")), "kinds": ", ".join(KINDS)})
    field = ".".join(str(part) for part in place) or "journey"
    return Problem("invalid_value", step, {"field": field, "message": str(fault["msg"])})
