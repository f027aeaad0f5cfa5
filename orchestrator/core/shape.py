"""What is wrong with the shape of a journey file, before its meaning can be looked at: fields and values, by name."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from orchestrator.core.problems import Problem
from orchestrator.core.steps import KINDS, AnyStep, Step
from orchestrator.core.text import Text

MOST_LEVELS = 100
"""How deep a file may be nested: far more than anybody can follow, far less than a reader's stack holds."""

SHAPES: dict[str, Text] = {
    "string_type": Text("text is expected", "문자열이어야 합니다"),
    "string_too_short": Text("it must not be empty", "비워 둘 수 없습니다"),
    "string_too_long": Text("at most {max_length} characters", "최대 {max_length}자입니다"),
    "string_pattern_mismatch": Text("it must match {pattern}", "형식({pattern})에 맞지 않습니다"),
    "int_type": Text("a whole number is expected", "정수여야 합니다"),
    "int_parsing": Text("a whole number is expected", "정수여야 합니다"),
    "int_from_float": Text("a whole number is expected", "정수여야 합니다"),
    "float_type": Text("a number is expected", "숫자여야 합니다"),
    "bool_type": Text("true or false is expected", "true 또는 false여야 합니다"),
    "bool_parsing": Text("true or false is expected", "true 또는 false여야 합니다"),
    "dict_type": Text("an object is expected", "객체여야 합니다"),
    "model_type": Text("an object is expected", "객체여야 합니다"),
    "model_attributes_type": Text("an object is expected", "객체여야 합니다"),
    "tuple_type": Text("a list is expected", "목록이어야 합니다"),
    "too_short": Text("at least {min_length} is needed", "{min_length}개 이상 필요합니다"),
    "literal_error": Text("it must be {expected}", "다음 중 하나여야 합니다: {expected}"),
    "greater_than_equal": Text("it must be at least {ge}", "{ge} 이상이어야 합니다"),
    "greater_than": Text("it must be more than {gt}", "{gt}보다 커야 합니다"),
    "less_than_equal": Text("it must be at most {le}", "{le} 이하여야 합니다"),
    "time_delta_type": Text("a duration such as 7d or 1h30m is expected", "7d, 1h30m 같은 기간이어야 합니다"),
    "time_delta_parsing": Text("a duration such as 7d or 1h30m is expected", "7d, 1h30m 같은 기간이어야 합니다"),
    "time_type": Text("a time of day such as 10:00 is expected", "10:00 같은 시각이어야 합니다"),
    "time_parsing": Text("a time of day such as 10:00 is expected", "10:00 같은 시각이어야 합니다"),
    "date_type": Text("a date such as 2026-03-01 is expected", "2026-03-01 같은 날짜여야 합니다"),
    "date_from_datetime_parsing": Text("a date such as 2026-03-01 is expected", "2026-03-01 같은 날짜여야 합니다"),
    "union_tag_not_found": Text("it needs a {discriminator}", "{discriminator} 값이 필요합니다"),
    "union_tag_invalid": Text(
        "{discriminator} must be one of {expected_tags}",
        "{discriminator} 값은 다음 중 하나여야 합니다: {expected_tags}",
    ),
}
"""Pydantic's kinds of fault in the product's words; what is not here is told in pydantic's own."""


def too_deep(document: object) -> Problem | None:
    """A file that is nested beyond all reason; found without recursion, for it may be meant to exhaust a stack."""
    level: list[object] = [document]
    for _ in range(MOST_LEVELS):
        if not level:
            return None
        level = [part for node in level for part in _parts(node)]
    levels = Text(f"more than {MOST_LEVELS} levels deep", f"{MOST_LEVELS}단계보다 깊게 중첩되었습니다")
    return Problem("invalid_value", None, {"field": "journey", "message": levels})


def _parts(node: object) -> Iterator[object]:
    if isinstance(node, Mapping):
        yield from node.values()
    elif isinstance(node, list | tuple):
        yield from node


_STEP: TypeAdapter[Step] = TypeAdapter(AnyStep)


def readable_step(document: object) -> Step | None:
    """One step by itself; None where something in it is wrong."""
    try:
        return _STEP.validate_python(document)
    except ValidationError:
        return None


def problems_of_shape(document: object, error: ValidationError) -> tuple[Problem, ...]:
    """What pydantic found, as problems of the steps concerned; one for each field."""
    found: dict[tuple[str | None, str], Problem] = {}
    for fault in error.errors(include_url=False):
        problem = _problem(document, fault)
        found.setdefault((problem.step, problem.parameters.get("field", problem.code)), problem)
    return tuple(found.values())


def _problem(document: object, fault: Mapping[str, Any]) -> Problem:
    place, kind = fault["loc"], fault["type"]
    step, node = _step(document, place)
    if kind == "union_tag_invalid" and len(place) == 2 and isinstance(node, Mapping):
        return Problem("unknown_kind", step, {"kind": str(node.get("kind")), "kinds": ", ".join(KINDS)})
    field = _field(document, place, kind)
    if kind == "extra_forbidden":
        return Problem("unknown_field", step, {"field": field})
    if kind == "missing":
        return Problem("missing_field", step, {"field": field})
    words = SHAPES.get(kind)
    context = {name: str(value).replace("'", "") for name, value in fault.get("ctx", {}).items()}
    message = words.format(**context) if words else Text(str(fault["msg"]), str(fault["msg"]))
    return Problem("invalid_value", step, {"field": field, "message": message})


def _step(document: object, place: tuple[Any, ...]) -> tuple[str | None, object]:
    """The step that a place lies in: its id, where it has one, and what stands there."""
    if len(place) < 2 or place[0] != "steps" or not isinstance(place[1], int) or not isinstance(document, Mapping):
        return None, None
    node = document["steps"][place[1]]
    known = isinstance(node, Mapping) and node.get("id") is not None
    return (str(node["id"]) if known else None), node


def _field(document: object, place: tuple[Any, ...], kind: str) -> str:
    """The place as a person would point at it: without the names that pydantic adds for a union's members."""
    path, node = [], document
    for n, part in enumerate(place):
        tagged = isinstance(node, Mapping) and part in (node.get("kind"), node.get("mode")) and n + 1 < len(place)
        if not tagged and _holds(node, part):
            node = node[part]  # type: ignore[index]
            path.append(str(part))
    if kind == "missing":
        path.append(str(place[-1]))
    return ".".join(path) or "journey"


def _holds(node: object, part: object) -> bool:
    if isinstance(node, Mapping):
        return part in node
    return isinstance(node, list | tuple) and isinstance(part, int) and part < len(node)
