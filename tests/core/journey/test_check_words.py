"""What the compiler finds is told in the words that the reader sees on the canvas."""

from orchestrator.core.journey.schema_errors import label_of
from orchestrator.core.journey.vocabulary import _PARTS
from tests.core.journey.smallest import PLAIN, SMALLEST, changed, found, says, with_edge
from tests.core.run.driver import (
    Document,
    attribute,
    branch,
    history,
    journey,
    leave,
    message,
    step,
    straight,
    wait,
    wait_until,
)


def in_korean(document: Document) -> list[str]:
    return [problem.text.to("ko") for problem in found(document)]


def test_a_port_is_called_what_the_canvas_writes_at_it() -> None:
    bare = journey(wait_until("u", attribute("vip", True), "7d"), leave(), edges="entry > u, u:timeout > end")
    assert in_korean(bare) == ["“만족” 다음에 단계가 없습니다. 단계를 추가하거나 연결하세요."]
    assert in_korean(with_edge(PLAIN, {"from": "d", "to": "end"})) == [
        "“다음” 경로에 연결선이 두 개입니다. 하나만 남기세요."
    ]
    assert (
        found(with_edge(PLAIN, {"from": "d", "port": "on", "to": "end"}))[0]
        .text.to("en")
        .endswith("It has: Next (next).")
    )
    assert (
        found(with_edge(PLAIN, {"from": "entry", "port": "on", "to": "d"}))[0]
        .text.to("ko")
        .endswith("있는 경로: 다음 (next).")
    )


def test_two_ports_of_one_name_are_two_problems() -> None:
    twins = {"port": "a", "weight": 1, "control": True, "label": "Red"}, {"port": "b", "weight": 1, "label": "Red"}
    document = journey(step("x", "experiment", experiment="x", variants=twins), leave(), edges="entry > x")
    missing = [problem.parameters["port_id"] for problem in found(document) if problem.code == "missing_edge"]
    assert missing == ["a", "b"]


def test_a_loop_is_told_by_the_titles_of_its_steps() -> None:
    loop = SMALLEST["loop_without_wait"]()
    loop["steps"][1]["label"] = {"ko": "첫 인사", "en": "Hello"}
    (problem,) = found(loop)
    assert problem.text.to("en").startswith("The loop Branch → Hello → Branch has no wait")
    assert problem.text.to("ko").startswith("조건 분기 → 첫 인사 → 조건 분기 반복 구간에")
    assert problem.parameters["steps"] == ["b", "m"]


def test_a_condition_is_told_by_the_words_of_its_form() -> None:
    assert in_korean(SMALLEST["empty_condition"]()) == [
        "“경로 1 › 조건” 항목이 비어 있어 항상 만족합니다. 조건을 추가하세요."
    ]
    trigger = {"kind": "event", "event": "Enter", "where": attribute("vip", True)}
    assert in_korean(changed(PLAIN, entry={"triggers": [trigger]}))[0].startswith("“진입 › 시작 조건 1 › 이벤트 조건”")


def test_the_parts_of_a_message_are_called_what_its_form_calls_them() -> None:
    for part, words in _PARTS.items():
        label = label_of(("steps", 0, "message", "settings", "content", "ko", part))
        assert label is not None
        assert label.by_locale() == {"en": f"Content › {words.to('en')}", "ko": f"내용 › {words.to('ko')}"}
    (problem,) = found(SMALLEST["template_syntax"]())
    assert problem.text.to("ko").startswith("“본문”(en)의 템플릿 문법이 잘못되었습니다. 1번째 줄:")


def test_what_is_named_twice_is_told_in_the_readers_language() -> None:
    assert in_korean(SMALLEST["duplicate_id"]())[0].startswith("“end”(이)라는 단계 ID가")


def test_an_unknown_name_is_told_once_with_all_its_places() -> None:
    document = straight(
        *(wait("w", "Veiwed"), message("m")), branch("b", a=history("Veiwed")), exits=[{"id": "e", "event": "Veiwed"}]
    )
    (problem,) = found(document)
    assert (problem.code, problem.step, problem.field) == ("unknown_event", None, "exits.0.event")
    assert problem.parameters == {
        "name": "Veiwed",
        "also": [
            {"step": "b", "field": "settings.branches.0.when"},
            {"step": "w", "field": "settings.branches.0.event"},
        ],
    }
    assert len(found(straight(wait("w", "Veiwed"), wait("v", "Seen")))) == 2


def test_an_error_is_told_for_each_step_that_has_it() -> None:
    document = straight(says("{{ coupon }}"), {**says("{{ coupon }}"), "id": "n"})
    assert [problem.step for problem in found(document)] == ["m", "n"]
