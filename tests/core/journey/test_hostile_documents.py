"""Whatever a journey file holds: it is looked at, described, compared and written without failing."""

import copy
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestrator.core.journey.diff import difference
from orchestrator.core.journey.drawing import draw
from orchestrator.core.journey.plan import compile_journey, meaning_of
from orchestrator.core.journey.schema_errors import exceeds_limits
from orchestrator.files.journeys import to_json, to_yaml
from orchestrator.journey_gallery import templates
from tests.examples import examples
from tests.hostile import BEYOND, HOSTILE, SOUND

JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["entry", "wait", "delay", "branch", "all", "P1D", "__proto__", "\ud800", "{{", "\u202e"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "kind", "of", "when", "ref", "mode", "port", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)
DOCUMENTS = [SOUND, *(template.document for template in templates())]


def places(node: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    below = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [way, *(place for name, part in below for place in places(part, (*way, name)))]


@st.composite
def damaged(draw: st.DrawFn) -> Any:
    """A good file in which some places hold anything at all, or nothing."""
    document = copy.deepcopy(draw(st.sampled_from(DOCUMENTS)))
    for _ in range(draw(st.integers(1, 3))):
        way = draw(st.sampled_from(places(document)))
        if not way:
            return draw(JUNK)
        holder = document
        for name in way[:-1]:
            holder = holder[name]
        if draw(st.booleans()) and isinstance(holder, dict):
            del holder[way[-1]]
        else:
            holder[way[-1]] = draw(JUNK)
    return document


def told_in_full(document: Any) -> None:
    drawn = draw(document)
    for problem in drawn.problems:
        told = problem.as_json()
        json.dumps(told)
        assert told["text"]["en"]
        assert told["text"]["ko"]
        assert "{label}" not in told["text"]["en"]
    errors = any(problem.severity == "error" for problem in drawn.problems)
    assert (drawn.plan_hash is None) == errors
    result = compile_journey(document)
    assert result.problems == drawn.problems
    assert (result.plan.hash if result.plan else None) == drawn.plan_hash


@given(damaged())
@settings(
    max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
def test_a_damaged_file_is_told_of_in_full(document: Any) -> None:
    told_in_full(document)


@given(damaged(), damaged())
@settings(
    max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
def test_damaged_files_can_be_compared(before: Any, after: Any) -> None:
    for change in difference(before, after).steps.values():
        assert change.title.to("en")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_told_of_in_full(name: str) -> None:
    document = HOSTILE[name]
    assert exceeds_limits(document) is None
    told_in_full(document)
    difference(SOUND, document)
    meaning_of(document)
    to_json(document)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_can_be_written(name: str) -> None:
    if "emoji" not in name:  # half of one is mended before a file is kept
        assert to_yaml(HOSTILE[name])


@pytest.mark.parametrize("name", BEYOND)
def test_a_file_beyond_all_reason_has_one_problem(name: str) -> None:
    document, place = BEYOND[name]
    [problem] = compile_journey(document).problems
    assert problem.field is not None
    assert problem.field.startswith(place)
    assert meaning_of(document) is None
