"""A journey while it is drawn: whatever is broken, the rest is shown and checked."""

from typing import Any

import pytest

from orchestrator.core.journey.drawing import draw
from orchestrator.core.steps import KINDS
from tests.core.run.driver import branch, delay, journey, leave, prop, step, wait


def ports(document: Any) -> dict[str, list[str]]:
    return {name: [port.name for port in one.ports] for name, one in draw(document).steps.items()}


def test_a_sound_journey_is_shown_with_its_plans_address() -> None:
    drawn = draw(journey(delay("d", "1h"), leave(), edges="entry > d, d > end"))
    assert drawn.steps["d"].summary.to("ko") == "1시간 대기"
    assert drawn.entry.to("en") == "*Enter*"
    assert drawn.problems == ()
    assert drawn.plan_hash is not None


def test_a_broken_step_keeps_its_ways_out_and_the_others_are_still_checked() -> None:
    broken = branch("b", a=prop("x", 1), c={"kind": "nonsense"})
    drawn = draw(journey(broken, delay("d", "1h"), leave(), edges="entry > b, b:a > end, b:c > d, b:otherwise > end"))
    assert ports(journey(broken, edges="entry > b")) == {"b": ["a", "c", "otherwise"]}
    assert [(problem.code, problem.step, problem.field) for problem in drawn.problems] == [
        ("invalid_value", "b", "settings.branches.1.when"),
        ("missing_edge", "d", None),
    ]
    assert drawn.plan_hash is None


def test_a_problem_names_its_field_in_the_words_of_the_form() -> None:
    drawn = draw(journey(wait("w", ""), leave(), edges="entry > w, w:happened > end, w:timeout > end"))
    [problem] = [problem for problem in drawn.problems if problem.code == "empty_value"]
    assert (problem.step, problem.field) == ("w", "settings.branches.0.event")
    assert problem.text.to("en") == "“Event 1 › Event” is still empty. Fill it in."
    assert problem.text.to("ko") == "“이벤트 1 › 이벤트” 항목이 비어 있습니다. 내용을 채워 주세요."


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_step_of_each_kind_is_shown_with_the_ways_out_of_the_kind(kind: str) -> None:
    document = journey(
        {"id": "new", "kind": kind, "stage": "intake", "settings": dict(KINDS[kind].DEFAULTS)}, edges="entry > new"
    )
    assert ports(document)["new"] == [port.name for port in KINDS[kind].rough_ports(KINDS[kind].DEFAULTS)]


def test_a_step_of_an_unknown_kind_keeps_the_lines_that_leave_it() -> None:
    drawn = draw(journey(step("x", "teleport"), leave(), edges="entry > x, x:up > end, x:down > end"))
    assert [port.name for port in drawn.steps["x"].ports] == ["up", "down"]
    assert [problem.code for problem in drawn.problems] == ["unknown_kind"]


def test_a_jump_that_is_not_finished_is_still_a_jump() -> None:
    drawn = draw(journey(step("g", "go_to", target="end", more=1), leave(), edges="entry > g"))
    assert drawn.steps["g"].targets == ("end",)
    assert [problem.code for problem in drawn.problems] == ["unknown_field"]


@pytest.mark.parametrize("document", [None, 3, [], {}, {"steps": 3}, {"steps": [3, {}, {"id": 4}]}, {"entry": []}])
def test_what_is_no_journey_is_shown_as_nothing(document: Any) -> None:
    drawn = draw(document)
    assert drawn.steps == {}
    assert drawn.entry.to("en") == "Choose who enters"
    assert drawn.problems


def chain(levels: int) -> dict[str, Any]:
    node: dict[str, Any] = {"kind": "stage", "of": ["intake"]}
    for _ in range(levels):
        node = {"kind": "not", "of": node}
    return node


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ({"steps": [{"id": f"s{n}", "kind": "exit"} for n in range(5_000)]}, "steps"),
        ({"edges": [{"from": "a", "to": "b"}] * 20_001}, "edges"),
        ({"steps": [{"id": "a", "label": {"ko": "가" * 100_001}}]}, "steps.0.label.ko"),
        ({"name": "x" * 100_001}, "name"),
        ({"x" * 100_001: 1}, "x" * 40),
        ({"entry": {"filter": chain(200)}}, "entry.filter" + ".of" * 96),
        ({"layout": {"notes": [0] * 1_000_001}}, "journey"),
    ],
    ids=["steps", "edges", "label", "name", "field", "deep", "values"],
)
def test_what_is_beyond_all_reason_is_told_with_its_place_and_not_looked_at(document: Any, place: str) -> None:
    drawn = draw(document)
    [problem] = drawn.problems
    assert (problem.code, problem.step) == ("invalid_value", None)
    assert problem.field is not None
    assert problem.field == place[:200]
    assert drawn.steps == {}


def test_a_jump_names_the_step_it_goes_to_by_its_title() -> None:
    node = {**wait("w", "Viewed"), "label": {"en": "Look for a visit", "ko": "방문 기다리기"}}
    to_titled, to_plain = step("g", "go_to", target="w"), step("h", "go_to", target="d")
    document = journey(node, delay("d", "1h"), to_titled, to_plain, edges="entry > w, w:happened > d, d > g")
    steps = draw(document).steps
    assert steps["g"].summary.by_locale() == {"en": "Go to “Look for a visit”", "ko": "‘방문 기다리기’ 단계로 이동"}
    assert steps["h"].summary.by_locale() == {"en": "Go to “Delay”", "ko": "‘시간 대기’ 단계로 이동"}


def test_the_ways_out_of_a_broken_step_keep_their_names() -> None:
    ways = [
        {"port": "a", "label": {"ko": "단골"}, "when": {}},
        {"port": "b", "label": "New", "when": {}},
        {"port": "c", "label": 7, "when": {}},
    ]
    drawn = draw(journey(step("b", "branch", branches=ways), edges="entry > b"))
    assert [port.label.to("ko") for port in drawn.steps["b"].ports] == ["단골", "New", "c", "그 외"]
