"""What a canvas shows of a journey while it is drawn: ways out and a line of words for each step, and what is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from orchestrator.core.conditions.describe import describe
from orchestrator.core.journey.due_triggers import DateTrigger, ScheduleTrigger
from orchestrator.core.journey.graph import Entry, EventTrigger, Trigger
from orchestrator.core.journey.plan import body_of, hash_of, read_and_check
from orchestrator.core.journey.vocabulary import Vocabulary
from orchestrator.core.problems import Problem
from orchestrator.core.steps import Step
from orchestrator.core.steps.contract import Port, StepId
from orchestrator.core.text import OR, Names, Text, joined, verbatim

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
        entry_words(journey.entry),
        None if asked is None else describe(asked),
        problems,
        None if broken else hash_of(body_of(journey)),
    )


def entry_words(entry: Entry) -> Text:
    """What lets customers in, in one line."""
    words = [_trigger(trigger) for trigger in entry.triggers]
    if not words:
        return NOT_SET
    return joined(words, OR)


def _trigger(trigger: Trigger) -> Text:
    if isinstance(trigger, DateTrigger | ScheduleTrigger):
        return trigger.words()
    if not isinstance(trigger, EventTrigger):
        return Text("on request")
    if trigger.where is None:
        return verbatim(f"*{trigger.event}*")
    where = describe(trigger.where)
    return Text("*{event}* ({where})", event=trigger.event, where=where)


def _step(step: Step, titles: Mapping[StepId, Text], names: Names) -> DrawnStep:
    return DrawnStep(step.ports(), step.summary_among(titles).naming(names), step.targets(), step.says())
