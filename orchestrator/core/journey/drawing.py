"""What a canvas shows of a journey while it is drawn: ways out and a line of words for each step, and what is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from orchestrator.core.conditions.describe import describe
from orchestrator.core.journey.due_triggers import DateTrigger, ScheduleTrigger
from orchestrator.core.journey.graph import Entry, RequestTrigger, SegmentTrigger, Trigger
from orchestrator.core.journey.plan import body_of, hash_of, read_and_check
from orchestrator.core.journey.vocabulary import Vocabulary
from orchestrator.core.problems import Problem
from orchestrator.core.steps import Step
from orchestrator.core.steps.contract import Port, StepId
from orchestrator.core.text import OR, Named, Names, Text, joined, verbatim

NOT_SET = Text("Choose who enters")


@dataclass(frozen=True, slots=True)
class DrawnStep:
    """One step. ``targets``: where it jumps to without an edge. ``says``: what messages after it may say."""

    ports: tuple[Port, ...]
    summary: Text
    targets: tuple[StepId, ...]
    says: tuple[tuple[str, Text], ...] = ()


@dataclass(frozen=True, slots=True)
class DrawnJourney:
    """A journey as it is drawn. ``plan_hash`` is None while errors stand."""

    steps: Mapping[StepId, DrawnStep]
    entry: Text
    filter: Text | None
    problems: tuple[Problem, ...]
    plan_hash: str | None
    looked_at: bool = True
    """False for a file that exceeds the limits: its one problem says where."""


def draw(document: Any, vocabulary: Vocabulary | None = None) -> DrawnJourney:
    """Everything about a journey's file, however unfinished. One beyond all reason has problems and nothing else."""
    journey, problems = read_and_check(document, vocabulary)
    if journey is None:
        return DrawnJourney({}, NOT_SET, None, problems, None, looked_at=False)
    broken = any(problem.severity == "error" for problem in problems)
    titles = {step.id: step.title() for step in journey.steps}
    names = {} if vocabulary is None else vocabulary.names
    steps = {step.id: _step(step, titles, names) for step in journey.steps}
    asked = journey.entry.filter
    return DrawnJourney(
        steps,
        entry_words(journey.entry).naming(names),
        None if asked is None else describe(asked).naming(names),
        problems,
        None if broken else hash_of(body_of(journey)),
    )


def entry_words(entry: Entry) -> Text:
    """What lets customers in, in one line."""
    words = [trigger_words(trigger) for trigger in entry.triggers]
    if not words:
        return NOT_SET
    return joined(words, OR)


def trigger_words(trigger: Trigger) -> Text:
    """One of them."""
    if isinstance(trigger, DateTrigger | ScheduleTrigger):
        return trigger.words()
    if isinstance(trigger, RequestTrigger):
        return Text("on request")
    if isinstance(trigger, SegmentTrigger):
        name = Named("segment", trigger.segment)
        entering = trigger.on == "enter"
        return Text("enters segment {name}", name=name) if entering else Text("leaves segment {name}", name=name)
    if trigger.where is None:
        return verbatim(f"*{trigger.event}*")
    where = describe(trigger.where)
    return Text("*{event}* ({where})", event=trigger.event, where=where)


def _step(step: Step, titles: Mapping[StepId, Text], names: Names) -> DrawnStep:
    return DrawnStep(step.ports(), step.summary_among(titles).naming(names), step.targets(), step.says())
