"""compile: a journey file becomes an immutable plan with a content hash, or a list of problems.

The plan is the file's meaning: positions are left out, everything else is kept in canonical JSON, and the hash of
those bytes is the plan's address. Looking anything up in a plan is a dictionary access.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property, lru_cache
from typing import Any

from orchestrator.core.conditions.binding import is_plain
from orchestrator.core.conditions.model import Condition, segments_of, wakes_on
from orchestrator.core.journey.chains import JourneyLinks, links_of
from orchestrator.core.journey.checks import check_journey
from orchestrator.core.journey.graph import ENTRY, ExitRule, GoalRule, Journey, SegmentTrigger
from orchestrator.core.journey.parse import read_journey
from orchestrator.core.journey.schema_errors import exceeds_limits
from orchestrator.core.journey.vocabulary import Vocabulary
from orchestrator.core.problems import Problem
from orchestrator.core.steps import Step
from orchestrator.core.text import Names, Text, in_locale


class Waypoint:
    """A step as runs pass it: what the step function needs of it at every visit, found once."""

    __slots__ = ("enter", "id", "plan", "rejoin", "resume", "stage", "targets")

    def __init__(self, plan: "Plan", step: Step) -> None:
        self.plan = plan
        self.id, self.stage = step.id, step.stage
        self.enter, self.resume, self.rejoin = step.enter, step.resume, step.rejoin
        self.targets: dict[str, Waypoint] = {}

    def target(self, port: str) -> "Waypoint":
        """Where a port leads."""
        found = self.targets.get(port)
        if found is None:
            found = self.targets[port] = self.plan.waypoints[self.plan.target(self.id, port)]
        return found


@dataclass(frozen=True)
class Plan:
    """A compiled journey. Equal plans have equal hashes."""

    journey: Journey
    body: bytes
    """Canonical JSON: sorted keys, no white space, UTF-8."""

    @cached_property
    def hash(self) -> str:
        """Its address."""
        return hash_of(self.body)

    @property
    def key(self) -> str:
        return self.journey.key

    @cached_property
    def steps(self) -> Mapping[str, Step]:
        return {step.id: step for step in self.journey.steps}

    @cached_property
    def waypoints(self) -> Mapping[str, Waypoint]:
        """The steps as runs pass them."""
        return {step.id: Waypoint(self, step) for step in self.journey.steps}

    @cached_property
    def links(self) -> JourneyLinks:
        """What it passes on to other journeys. Asked for at every change of a drawing, and never another."""
        return links_of(self.journey)

    @cached_property
    def first(self) -> str:
        """Id of the step that the entry leads to."""
        return self._targets[ENTRY, "next"]

    @cached_property
    def _targets(self) -> Mapping[tuple[str, str], str]:
        return {(edge.source, edge.port): edge.target for edge in self.journey.edges}

    def target(self, step: str, port: str) -> str:
        """Where a port leads; an optional port without an edge is ``next``, or the one that it names."""
        found = self._targets.get((step, port))
        if found is None:
            otherwise = next((one.otherwise for one in self.steps[step].ports() if one.name == port), "next")
            return self._targets[step, otherwise]
        return found

    @cached_property
    def exits_on(self) -> Mapping[str, tuple[ExitRule, ...]]:
        """Exit rules by event name."""
        return _by_event(self.journey.exits)

    @cached_property
    def goals_on(self) -> Mapping[str, tuple[GoalRule, ...]]:
        """Goal rules by event name."""
        return _by_event(self.journey.goals)

    @cached_property
    def watched(self) -> tuple[ExitRule, ...]:
        """Exit rules that are conditions."""
        return tuple(rule for rule in self.journey.exits if rule.when is not None)

    @cached_property
    def watched_conditions(self) -> tuple[Condition, ...]:
        """Those conditions, in the same order."""
        return tuple(rule.when for rule in self.watched if rule.when is not None)

    @cached_property
    def watches_plainly(self) -> bool:
        """Whether none of them refers to anything that has to be looked up first."""
        return all(is_plain(condition) for condition in self.watched_conditions)

    @cached_property
    def watched_names(self) -> frozenset[str]:
        """Names of the events that may make one of those conditions true."""
        return frozenset(name for rule in self.watched if rule.when is not None for name in wakes_on(rule.when))

    @cached_property
    def interests(self) -> frozenset[str]:
        """Names that a run listens for in every step."""
        return frozenset(self.exits_on) | frozenset(self.goals_on) | self.watched_names

    def wanted(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """What a run listens for at a step that waits for ``names``; sorted."""
        found = self._wanted.get(names)
        if found is None:
            found = self._wanted[names] = tuple(sorted({*self.interests, *names}))
        return found

    @cached_property
    def _wanted(self) -> dict[tuple[str, ...], tuple[str, ...]]:
        return {}

    @cached_property
    def longest_look_back(self) -> timedelta:
        """How far before the beginning of a step an event may lie and still end its wait."""
        return max((step.look_back() for step in self.journey.steps), default=timedelta(0))

    @cached_property
    def moves_stage(self) -> bool:
        """Whether entering a lane moves the customer there."""
        return self.journey.moves_stage

    @cached_property
    def is_urgent(self) -> bool:
        """Whether it sends, and nothing but what somebody waits for."""
        sends = [urgent for step in self.journey.steps if (urgent := step.is_urgent()) is not None]
        return bool(sends) and all(sends)

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """Every condition on a customer: the entry's, those of exits, those of steps."""
        entry = self.journey.entry.filter
        asked = (one.condition for step in self.journey.steps for one in step.conditions())
        return (*(() if entry is None else (entry,)), *self.watched_conditions, *asked)

    @cached_property
    def segments(self) -> frozenset[str]:
        """Keys of the segments that it looks at, or that let customers in."""
        entering = {one.segment for one in self.journey.entry.triggers if isinstance(one, SegmentTrigger)}
        return frozenset(entering.union(*(segments_of(condition) for condition in self.conditions)))

    @cached_property
    def variables(self) -> Mapping[str, Any]:
        return dict(self.journey.variables)

    @cached_property
    def mentioned(self) -> frozenset[str]:
        """Top-level names of all event properties that the plan looks at: the others need not travel with an event."""
        read = frozenset(name for step in self.journey.steps for name in step.reads())
        return frozenset(_mentioned(json.loads(self.body))) | read

    def stage(self, step: str) -> str | None:
        """The lane of a step."""
        return self.steps[step].stage

    def says(self, step: str, names: Names | None = None) -> Text:
        """What a step does, in a line; what it leads to and uses is called by name."""
        node = self.steps[step]
        titles = {target: self.steps[target].title() for target in node.targets() if target in self.steps}
        return node.summary_among(titles).naming(names or {})

    def label(self, step: str, locale: str, names: Names | None = None) -> str:
        """A step's own title in a language, else what its kind says it does."""
        node = self.steps[step]
        return in_locale(node.label, locale) or self.says(step, names).to(locale)


def _by_event(rules: tuple[Any, ...]) -> dict[str, tuple[Any, ...]]:
    names = dict.fromkeys(rule.event for rule in rules if rule.event is not None)
    return {name: tuple(rule for rule in rules if rule.event == name) for name in names}


def _mentioned(node: Any) -> Iterator[str]:
    """Names after ``ref`` and of ``property`` leaves, wherever they stand in the file."""
    if isinstance(node, dict):
        if isinstance(node.get("ref"), str):
            yield from _heads(node["ref"].partition(".")[2])
        if node.get("kind") == "property" and isinstance(node.get("name"), str):
            yield from _heads(node["name"])
        for value in node.values():
            yield from _mentioned(value)
    elif isinstance(node, list):
        for value in node:
            yield from _mentioned(value)


def _heads(path: str) -> tuple[str, str]:
    return path, path.split(".")[0]


@dataclass(frozen=True)
class CompileResult:
    """``plan`` is None where a problem of severity ``error`` stands in the way."""

    plan: Plan | None
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.severity == "error")


def compile_journey(document: Mapping[str, Any], vocabulary: Vocabulary | None = None) -> CompileResult:
    """Compile a journey file. Never raises on bad input: every fault is a problem, and all are found in one go.

    Without a vocabulary (what the workspace has seen), unknown names are not looked for.
    """
    journey, problems = read_and_check(document, vocabulary)
    if journey is None or any(problem.severity == "error" for problem in problems):
        return CompileResult(None, problems)
    return CompileResult(plan_of(journey), problems)


def read_and_check(document: Any, vocabulary: Vocabulary | None = None) -> tuple[Journey | None, tuple[Problem, ...]]:
    """As much of a journey file as can be read, and its problems; None for a file that exceeds the limits."""
    unreasonable = exceeds_limits(document)
    if unreasonable is not None:
        return None, (unreasonable,)
    journey, faults = read_journey(document)
    return journey, (*faults, *check_journey(journey, vocabulary))


def meaning_of(document: Any) -> str | None:
    """The address of what a file means, whatever its layout and spelling; None where it cannot be read.

    Two files of one meaning have one address, sound or not.
    """
    if exceeds_limits(document) is not None:
        return None
    journey, faults = read_journey(document)
    return None if faults else hash_of(body_of(journey))


def plan_of(journey: Journey) -> Plan:
    """The plan of a journey known to be sound."""
    return load_plan(body_of(journey))


def hash_of(body: bytes) -> str:
    """The address of a plan: BLAKE2b of its bytes, 32 hexadecimal digits."""
    return hashlib.blake2b(body, digest_size=16).hexdigest()


def body_of(journey: Journey) -> bytes:
    """The meaning of a sound journey in canonical JSON."""
    journey = journey.model_copy(update={"steps": tuple(_without_caches(step) for step in journey.steps)})
    meaning = journey.model_dump(mode="json", by_alias=True, exclude={"layout"}, exclude_defaults=True)
    meaning["moves_stage"] = (
        journey.moves_stage
    )  # always: older plans, which set it without a word, stay what they were
    _keep_kinds(journey, meaning)
    return json.dumps(meaning, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode(errors="replace")


def _without_caches(step: Step) -> Step:
    """A copy without what was computed of the step and kept on it: pydantic takes a step with more than its fields for
    something else than its kind, and guesses how to write its values (a ``true`` becomes 1)."""
    fields = {name: getattr(step, name) for name in type(step).model_fields}
    return type(step).model_construct(step.model_fields_set, **fields)


def _keep_kinds(journey: Journey, meaning: dict[str, Any]) -> None:
    """Put back what ``exclude_defaults`` took although the file needs it to be read again."""
    full = journey.model_dump(mode="json", by_alias=True, exclude={"layout"})
    _restore(full, meaning)


def _restore(full: Any, lean: Any) -> None:
    if isinstance(full, dict) and isinstance(lean, dict):
        for tag in ("kind", "mode"):
            if tag in full:
                lean[tag] = full[tag]
        for name, value in lean.items():
            _restore(full.get(name), value)
    elif isinstance(full, list) and isinstance(lean, list):
        for whole, part in zip(full, lean, strict=True):
            _restore(whole, part)


@lru_cache(maxsize=512)
def load_plan(body: bytes) -> Plan:
    """The plan that these bytes are. They were compiled once, so they are not checked again."""
    journey = Journey.model_validate_json(body)
    if "moves_stage" not in journey.model_fields_set:  # a plan of before that was said
        journey = journey.model_copy(update={"moves_stage": True})
    return Plan(journey, body)
