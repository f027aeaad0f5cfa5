"""A journey file as far as it can be read: what is being drawn is broken most of the time, and should be helped with.

A step that cannot be read is replaced by an :class:`Unfinished` one with the ways out that its settings tell of, so
that the rest of the graph is still checked, and what is drawn stays drawn.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

from pydantic import TypeAdapter, ValidationError

from orchestrator.core.conditions.model import Condition
from orchestrator.core.journey.graph import Edge, Entry, ExitRule, GoalRule, Journey, Trigger
from orchestrator.core.journey.schema_errors import problems_of_shape, readable_step
from orchestrator.core.problems import Problem
from orchestrator.core.steps import KINDS, Step
from orchestrator.core.steps.contract import Family, Port, StepId
from orchestrator.core.text import Text, verbatim
from orchestrator.core.values import STAGES

Part = TypeVar("Part")


class Unfinished(Step):
    """A step whose settings cannot be read yet. It takes part in the graph, and in nothing else."""

    kind: str = ""
    settings: Any = None
    drawn: tuple[Port, ...] = ()
    """Ways out that lines leave by: all that is known of those of an unknown kind."""

    TITLE: ClassVar[Text] = Text("Unknown step")
    MEANING: ClassVar[Text] = Text("A step type this version does not know.")
    FAMILY: ClassVar[Family] = "action"
    ICON: ClassVar[str] = "circle-help"

    @property
    def known(self) -> type[Step] | None:
        """Its kind, if there is one of this name."""
        return KINDS.get(self.kind)

    @property
    def given(self) -> Mapping[str, Any]:
        """Its settings, if they are any."""
        return self.settings if isinstance(self.settings, Mapping) else {}

    def ports(self) -> tuple[Port, ...]:
        return self.known.rough_ports(self.given) if self.known else self.drawn

    def targets(self) -> tuple[StepId, ...]:
        return self.known.rough_targets(self.given) if self.known else ()

    def waits(self) -> bool:
        return True  # it may, once it is finished

    def title(self) -> Text:
        return self.summary()

    def summary(self) -> Text:
        return self.known.TITLE if self.known else self.TITLE


def read_journey(document: Any) -> tuple[Journey, tuple[Problem, ...]]:
    """The journey, and what is wrong with its shape; where something is, as much of the journey as can be read."""
    try:
        return Journey.model_validate(document), ()
    except ValidationError as error:
        return _readable_part(document), problems_of_shape(document, error)


def _readable_part(document: Any) -> Journey:
    given: Mapping[str, Any] = document if isinstance(document, Mapping) else {}
    defaults = {name: field.get_default(call_default_factory=True) for name, field in Journey.model_fields.items()}
    variables, moves = given.get("variables"), given.get("moves_stage")
    edges = _listed(_EDGE, given.get("edges"))
    parts = {
        "key": given["key"] if isinstance(given.get("key"), str) else "",
        "name": {},
        "entry": _entry(given.get("entry")),
        "steps": tuple(_step(node, edges) for node in _members(given.get("steps")) if _has_id(node)),
        "edges": edges,
        "exits": _listed(_EXIT, given.get("exits")),
        "goals": _listed(_GOAL, given.get("goals")),
        "variables": dict(variables) if isinstance(variables, Mapping) else {},
        "moves_stage": moves is True,
    }
    return Journey.model_construct(**{**defaults, **parts})


def _entry(node: Any) -> Entry:
    given: Mapping[str, Any] = node if isinstance(node, Mapping) else {}
    return Entry.model_construct(
        triggers=_listed(_TRIGGER, given.get("triggers")), filter=_read(_CONDITION, given.get("filter"))
    )


def _step(node: Mapping[str, Any], edges: tuple[Edge, ...]) -> Step:
    step = readable_step(node)
    if step is not None:
        return step
    drawn_ports = dict.fromkeys(edge.port for edge in edges if edge.source == node["id"])
    kind: Any = node.get("kind")
    stage: Any = node.get("stage")
    return Unfinished.model_construct(
        id=node["id"],
        kind=kind if isinstance(kind, str) else "",
        stage=stage if stage in STAGES else "intake",  # where it is not, it was told of
        label={},
        settings=node.get("settings"),
        drawn=tuple(Port(port, verbatim(port), required=False) for port in drawn_ports),
    )


def _has_id(node: Any) -> bool:
    return isinstance(node, Mapping) and isinstance(node.get("id"), str)


def _members(node: Any) -> list[Any]:
    return list(node) if isinstance(node, list | tuple) else []


def _listed(reader: TypeAdapter[Part], node: Any) -> tuple[Part, ...]:
    return tuple(part for member in _members(node) if (part := _read(reader, member)) is not None)


def _read(reader: TypeAdapter[Part], node: Any) -> Part | None:
    try:
        return reader.validate_python(node)
    except ValidationError:
        return None


_CONDITION: TypeAdapter[Any] = TypeAdapter(Condition)
_TRIGGER: TypeAdapter[Any] = TypeAdapter(Trigger)
_EDGE = TypeAdapter(Edge)
_EXIT = TypeAdapter(ExitRule)
_GOAL = TypeAdapter(GoalRule)
