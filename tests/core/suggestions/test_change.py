"""A suggested change in a draft: it compiles, everything else stays, and both arms come to where they should."""

from copy import deepcopy
from typing import Any, get_args

import pytest

from orchestrator.core.journey.plan import compile_journey
from orchestrator.core.suggestions.change import AS_IS, TRIED, Change, StepGone, drawn, experiment_of
from orchestrator.journey_gallery import templates
from tests.examples import some

CHANGES: tuple[Change, ...] = get_args(Change)
MESSAGES = [
    pytest.param(template.document, step["id"], id=f"{template.id}-{step['id']}")
    for template in templates()
    for step in template.document["steps"]
    if step["kind"] == "message"
]


def to(document: dict[str, Any], source: str, port: str = "next") -> str:
    [target] = [e["to"] for e in document["edges"] if e["from"] == source and e.get("port", "next") == port]
    return str(target)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(("document", "step"), some(MESSAGES, 4))
def test_the_changed_draft_compiles_as_well_as_the_one_before(
    document: dict[str, Any], step: str, change: Change
) -> None:
    kept = deepcopy(document)
    changed, experiment = drawn(document, step, change)
    assert document == kept, "the draft that was given is left alone"
    assert not experiment_of(document, experiment)
    assert experiment_of(changed, experiment)
    result = compile_journey(changed)
    assert result.plan is not None, [problem.code for problem in result.problems]
    assert [one for one in changed["steps"] if one in kept["steps"]] == kept["steps"], "no step is changed"
    assert to(changed, experiment, AS_IS) == step
    entering = [edge for edge in changed["edges"] if edge["to"] == step]
    if change == "best_hour":
        wait = to(changed, experiment, TRIED)
        assert to(changed, wait) == step
        assert {edge["from"] for edge in entering} == {experiment, wait}
    else:
        assert to(changed, experiment, TRIED) == to(changed, step)
        assert {edge["from"] for edge in entering} == {experiment}


def test_a_second_change_of_the_same_message_takes_ids_of_its_own() -> None:
    template = templates()[0]
    document, step = (
        template.document,
        next(one["id"] for one in template.document["steps"] if one["kind"] == "message"),
    )
    once, first = drawn(document, step, "best_hour")
    twice, second = drawn(once, step, "best_hour")
    assert first != second
    ids = [one["id"] for one in twice["steps"]]
    assert len(ids) == len(set(ids))
    assert compile_journey(twice).plan is not None


def test_ids_as_long_as_they_may_be() -> None:
    long = "a" * 64
    document = {
        "steps": [{"id": long, "kind": "message"}, {"id": f"try-{long}"[:64], "kind": "exit"}],
        "edges": [{"from": "entry", "to": long}],
    }
    changed, experiment = drawn(document, long, "best_hour")
    assert len(experiment) <= 64
    assert len({one["id"] for one in changed["steps"]}) == 4


@pytest.mark.parametrize(
    "draft", [{}, {"steps": None}, {"steps": [{"id": "a", "kind": "delay"}]}, {"steps": ["a"], "edges": []}]
)
def test_a_draft_without_the_message_says_so(draft: dict[str, Any]) -> None:
    with pytest.raises(StepGone):
        drawn(draft, "a", "best_hour")
