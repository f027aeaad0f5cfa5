"""Each problem that the compiler can find, provoked by the smallest journey that has it, and by no other."""

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from orchestrator.core.journey.chains import JourneyLinks
from orchestrator.core.journey.plan import compile_journey
from orchestrator.core.journey.schema_errors import label_of
from orchestrator.core.journey.template_use import TemplateFacts
from orchestrator.core.journey.vocabulary import _PARTS, Vocabulary
from orchestrator.core.problems import PROBLEMS, Problem
from orchestrator.core.steps.message import Message
from tests.core.run.driver import (
    Document,
    attribute,
    branch,
    delay,
    history,
    journey,
    leave,
    message,
    prop,
    step,
    straight,
    wait,
    wait_until,
)
from tests.core.run.driver import ports as ports_of

TEMPLATES = {
    "hello": TemplateFacts(True, False, "informational", frozenset({"email", "sms"})),
    "sale": TemplateFacts(True, False, "advertising", frozenset({"email"})),
    "old": TemplateFacts(True, True, "informational", frozenset({"email"})),
    "unfinished": TemplateFacts(False, False),
}
MOVER = JourneyLinks("other", {}, (), True)
SEEN = Vocabulary(
    {"Enter": frozenset({"cart_id"}), "Viewed": frozenset({"sku"})},
    frozenset({"vip"}),
    frozenset(),
    TEMPLATES,
    {"fine": "ready", "few": "low", "none": "empty", "late": "over", "old": "archived"},
    {"nps": frozenset({"promoter", "passive", "detractor"})},
)


def experiment(*weights: int, controls: int = 1) -> Document:
    arms = [{"port": f"arm-{n}", "weight": w, "control": n < controls} for n, w in enumerate(weights)]
    return step("x", "experiment", experiment="x", variants=arms)


def says(body: str) -> Document:
    return step("m", "message", channel="email", content={"en": {"body": body}})


def uses(template: str, **settings: Any) -> Document:
    return step("m", "message", **{"channel": "email", "class": "informational", "template": template, **settings})


def asks(survey: str, *groups: str) -> Document:
    ways = [{"port": group} for group in groups]
    return step("q", "survey", channel="email", content={"en": {"body": "Hi"}}, survey=survey, groups=ways)


def changed(document: Document, **fields: Any) -> Document:
    return {**copy.deepcopy(document), **fields}


def with_edge(document: Document, *edges: Document) -> Document:
    return changed(document, edges=[*document["edges"], *edges])


PLAIN = straight(delay("d", "1h"))

SMALLEST: dict[str, Callable[[], Document]] = {
    "invalid_value": lambda: journey(delay("d", "soon"), leave(), edges="entry > d, d > end"),
    "empty_value": lambda: journey(wait("w", ""), leave(), edges="entry > w, w:happened > end, w:timeout > end"),
    "unknown_field": lambda: changed(PLAIN, colour="red"),
    "missing_field": lambda: {name: value for name, value in PLAIN.items() if name != "name"},
    "unknown_kind": lambda: journey(step("d", "teleport"), edges="entry > d"),
    "duplicate_id": lambda: changed(PLAIN, steps=[*PLAIN["steps"], leave()]),
    "reserved_id": lambda: journey(delay("entry", "1h"), edges="entry > entry", exits=[{"id": "x", "event": "Enter"}]),
    "unknown_step": lambda: with_edge(PLAIN, {"from": "nowhere", "to": "end"}),
    "unknown_port": lambda: with_edge(PLAIN, {"from": "d", "port": "timeout", "to": "end"}),
    "duplicate_edge": lambda: with_edge(PLAIN, {"from": "d", "to": "end"}),
    "missing_edge": lambda: journey(branch("b", a=prop("x", 1)), leave(), edges="entry > b, b:a > end"),
    "no_entry_edge": lambda: journey(delay("d", "1h"), leave(), edges="d > end"),
    "unreachable_step": lambda: changed(PLAIN, steps=[*PLAIN["steps"], leave("other")]),
    "loop_without_wait": lambda: journey(
        *(branch("b", a=attribute("vip", True)), message("m"), leave()),
        edges="entry > b, b:a > m, b:otherwise > end, m > b",
    ),
    "endless_chain": lambda: {**straight(step("t", "emit_event", event="Enter")), "reentry": {"mode": "after_end"}},
    "possible_chain": lambda: {
        **straight(step("t", "emit_event", event="Enter")),
        "reentry": {"mode": "after_end"},
        "entry": {"triggers": [{"kind": "event", "event": "Enter"}], "filter": attribute("vip", True)},
    },
    "variable_sometimes_unset": lambda: straight(step("c", "coupon", pool="fine"), says("{{ var.coupon.code }}")),
    "variable_never_set": lambda: journey(
        *(step("c", "coupon", pool="fine"), says("{{ var.coupon.code }}"), leave()),
        edges="entry > c, c:next > end, c:empty > m, m > end",
    ),
    "approved_text_needed": lambda: straight(message("m", "alimtalk", **{"class": "informational"})),
    "stage_set_by_others": lambda: changed(PLAIN, moves_stage=True),
    "no_exit": lambda: journey(delay("d", "1h"), edges="entry > d, d > d"),
    "stage_missing": lambda: straight(delay("d", "1h"), {**leave(), "stage": None}),
    "weights_zero": lambda: straight(experiment(0, 0)),
    "too_many_controls": lambda: straight(experiment(1, 1, controls=2)),
    "no_control": lambda: straight(experiment(1, 1, controls=0)),
    "exit_shape": lambda: changed(PLAIN, exits=[{"id": "e"}]),
    "filter_never_matches": lambda: straight(
        branch("b", a={"kind": "all", "of": [attribute("vip", 1), attribute("vip", 2)]})
    ),
    "empty_condition": lambda: straight(branch("b", a={"kind": "all", "of": []})),
    "filter_asks_customer": lambda: straight(wait("w", "Viewed", where=attribute("vip", True))),
    "wait_without_end": lambda: straight(wait_until("u", prop("x", 1))),
    "sample_text": lambda: straight(says(Message.DEFAULTS["content"]["en"]["body"])),
    "template_syntax": lambda: straight(says("{{ customer.first_name")),
    "unknown_event": lambda: straight(wait("w", "Veiwed")),
    "unknown_property": lambda: straight(wait("w", "Viewed", where=prop("sku2", 1))),
    "unknown_attribute": lambda: straight(branch("b", a=attribute("vpi", True))),
    "unknown_variable": lambda: straight(says("{{ coupon }}")),
    "undeclared_variable": lambda: straight(says("{{ var.coupon }}")),
    "unknown_survey": lambda: straight(asks("csat", "high", "low")),
    "survey_groups_differ": lambda: straight(asks("nps", "promoter", "other")),
    "unknown_journey": lambda: straight(step("s", "start_journey", journey="elsewhere")),
    "no_words": lambda: straight(step("m", "message", channel="email")),
    "words_and_template": lambda: straight(uses("hello", content={"en": {"body": "Hi"}})),
    "unknown_message_template": lambda: straight(uses("helo")),
    "template_archived": lambda: straight(uses("old")),
    "template_not_in_use": lambda: straight(uses("unfinished")),
    "template_lacks_channel": lambda: straight(uses("hello", fallback=["push"])),
    "template_is_advertising": lambda: straight(uses("sale")),
    "unknown_coupons": lambda: straight(step("c", "coupon", pool="nowhere")),
    "coupons_archived": lambda: straight(step("c", "coupon", pool="old")),
    "coupons_over": lambda: straight(step("c", "coupon", pool="late")),
    "coupons_gone": lambda: straight(step("c", "coupon", pool="none")),
    "coupons_low": lambda: straight(step("c", "coupon", pool="few")),
}


def found(document: Document, vocabulary: Vocabulary | None = SEEN) -> list[Problem]:
    return list(compile_journey(document, vocabulary).problems)


def test_every_problem_has_its_smallest_journey() -> None:
    assert set(SMALLEST) == set(PROBLEMS)


@pytest.mark.parametrize("code", SMALLEST)
def test_each_problem_is_found_alone_and_told_in_both_languages(code: str) -> None:
    beside = {MOVER.key: MOVER} if code == "stage_set_by_others" else {}
    problems = found(SMALLEST[code](), replace(SEEN, live=beside))
    assert [problem.code for problem in problems] == [code]
    words = problems[0].as_json()["text"]
    assert words["en"] != words["ko"]
    assert "{" not in words["en"].replace("{{", "")
    assert problems[0].severity == PROBLEMS[code][0]


def test_a_sound_journey_has_no_problems() -> None:
    assert found(PLAIN) == []


def test_a_variable_that_a_step_fills_needs_no_declaration() -> None:
    coupon = step("c", "coupon", pool="fine", variable="gift")
    message = says("{{ var.gift.code }} {{ var.gift.valid_until|date }}")
    edges = "entry > c, c:next > m, c:empty > end, m > end"
    assert found(journey(coupon, message, leave(), edges=edges)) == []
    assert [one.code for one in found(straight(coupon, says("{{ var.coupon.code }}")))] == ["undeclared_variable"]


def test_all_problems_are_found_in_one_go_errors_first() -> None:
    document = straight(wait("w", "Veiwed"), experiment(1, 1, controls=0), says("{{ nobody }}"))
    assert [problem.code for problem in found(document)] == ["unknown_variable", "no_control", "unknown_event"]


def test_only_errors_stand_in_the_way() -> None:
    assert compile_journey(SMALLEST["unknown_event"](), SEEN).plan is not None
    assert compile_journey(SMALLEST["unknown_variable"](), SEEN).plan is None


def test_without_a_vocabulary_unknown_names_are_not_looked_for() -> None:
    assert found(SMALLEST["unknown_event"](), None) == []


# --- shape -----------------------------------------------------------------------------------------------------------


def test_a_wrong_field_is_named_with_its_step() -> None:
    node = step("d", "delay", mode="duration", duration="1h", unit="days")
    document = journey(node, leave(), edges="entry > d, d > end")
    assert found(document) == [Problem("unknown_field", "d", {"field": "steps.0.settings.unit"})]


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"steps": [step("d", "delay", mode="duration", duration="soon"), leave()]}, "steps.0.settings.duration"),
        ({"reentry": {"mode": "cool_down", "cool_down": "soon"}}, "reentry.cool_down"),
        ({"exits": [{"id": "x", "when": {"kind": "stage", "of": []}}]}, "exits.0.when.of"),
        ({"steps": [{"id": "d", "kind": "exit", "settings": 3}]}, "steps.0.settings"),
        ({"steps": [{"id": "d"}]}, "steps.0"),
    ],
)
def test_a_wrong_value_is_named_as_a_person_would_point_at_it(fields: Document, named: str) -> None:
    assert found(changed(PLAIN, **fields))[0].parameters["field"] == named


def test_of_a_value_that_may_be_several_things_one_problem_is_told() -> None:
    goal = {"id": "g", "event": "Enter", "value": {"ref": "nowhere"}}
    problems = found(changed(PLAIN, goals=[goal]))
    assert [problem.parameters["field"] for problem in problems] == ["goals.0.value", "goals.0.value.ref"]


@pytest.mark.parametrize("document", [None, 3, [], "", {}, {"steps": 3}, {"steps": [3, None]}, {"steps": {"a": 1}}])
def test_what_is_no_journey_at_all_is_told_so(document: Any) -> None:
    result = compile_journey(document)
    assert result.plan is None
    assert result.errors


def test_a_file_nested_without_end_is_a_problem_and_no_crash() -> None:
    condition = attribute("vip", True)
    for _ in range(100_000):
        condition = {"kind": "not", "of": condition}
    document = changed(PLAIN, entry={**PLAIN["entry"], "filter": condition})
    assert [problem.code for problem in found(document)] == ["invalid_value"]


# --- graph -----------------------------------------------------------------------------------------------------------


def test_a_loop_is_named_step_by_step() -> None:
    document = journey(
        *(branch("a", x=attribute("vip", True)), message("b"), step("c", "go_to", target="a"), leave()),
        edges="entry > a, a:x > b, a:otherwise > end, b > c",
    )
    problem = found(document)[0]
    assert (problem.code, problem.parameters["steps"]) == ("loop_without_wait", ["a", "b", "c"])


@pytest.mark.parametrize(
    "node",
    [
        delay("d", "0s"),
        step("d", "delay", mode="attribute", attribute="vip"),
        step("d", "delay", mode="date", date="2026-01-01"),
        wait_until("d", attribute("vip", True)),
        wait("d", "Enter", window="0s"),
    ],
)
def test_a_step_that_may_let_through_at_once_is_no_wait_in_a_loop(node: Document) -> None:
    ports = [port for port in ("next", "yes", "happened", "timeout") if port in ports_of(node)]
    edges = "entry > d, " + ", ".join(f"d:{port} > d" for port in ports)
    codes = [problem.code for problem in found(journey(node, edges=edges, exits=[{"id": "x", "event": "Enter"}]))]
    assert codes == ["loop_without_wait"]


@pytest.mark.parametrize(
    ("tells", "event"),
    [
        (step("t", "emit_event", event="Told"), "Told"),
        (step("t", "update_customer", changes=[{"name": "vip", "value": True}]), "Customer Updated"),
        (step("t", "start_journey", journey="test"), "Journey Requested"),
        ({**message("t"), "stage": "retention"}, "Lifecycle Stage Changed"),
    ],
)
def test_a_loop_that_tells_itself_what_it_waits_for_does_not_wait(tells: Document, event: str) -> None:
    document = journey(tells, wait("w", event, window=None), edges="entry > t, t > w, w:happened > t")
    problems = found(changed(document, exits=[{"id": "x", "event": "Enter"}]))
    assert [problem.code for problem in problems] == ["loop_without_wait"]


def test_a_long_row_of_steps_is_no_deep_stack() -> None:
    assert found(straight(*(message(f"m{n}") for n in range(1_900)))) == []


def test_an_exit_rule_or_an_ending_goal_is_a_way_out() -> None:
    loop = journey(delay("d", "1h"), edges="entry > d, d > d")
    assert found(changed(loop, exits=[{"id": "x", "event": "Enter"}])) == []
    assert found(changed(loop, goals=[{"id": "g", "event": "Enter", "ends": True}])) == []
    assert [p.code for p in found(changed(loop, goals=[{"id": "g", "event": "Enter"}]))] == ["no_exit"]


# --- conditions and names --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rules",
    [
        {"exits": [{"id": "x", "event": "Enter", "where": attribute("vip", True)}]},
        {"goals": [{"id": "x", "event": "Enter", "where": history("Enter")}]},
        {"entry": {"triggers": [{"kind": "event", "event": "Enter", "where": attribute("vip", True)}]}},
    ],
)
def test_what_looks_at_an_arriving_event_cannot_ask_about_the_customer(rules: Document) -> None:
    assert [problem.code for problem in found(changed(PLAIN, **rules))] == ["filter_asks_customer"]


def test_a_filter_on_the_customer_may_ask_about_the_customer() -> None:
    entry = {**PLAIN["entry"], "filter": attribute("vip", True)}
    assert found(changed(PLAIN, entry=entry, exits=[{"id": "x", "when": attribute("vip", True)}])) == []


@pytest.mark.parametrize(
    "rules",
    [
        {"exits": [{"id": "x", "event": "Enter", "where": prop("a", {"ref": "var.limit"})}]},
        {"goals": [{"id": "x", "event": "Enter", "value": {"ref": "var.limit.high"}}]},
    ],
)
def test_a_reference_to_a_variable_needs_the_variable(rules: Document) -> None:
    assert [problem.code for problem in found(changed(PLAIN, **rules))] == ["undeclared_variable"]
    assert found(changed(PLAIN, **rules, variables={"limit": 3})) == []


def test_what_the_journey_itself_sets_and_emits_counts_as_seen() -> None:
    tells = step("t", "emit_event", event="Told", properties={"sku": 1})
    sets = step("s", "update_customer", changes=[{"name": "colour", "value": "red"}])
    listens = wait("w", "Told", where=prop("sku", 1))
    assert found(straight(tells, sets, listens, branch("b", red=attribute("colour", "red")))) == []


def test_a_template_may_use_what_any_trigger_may_bring() -> None:
    triggers = [{"kind": "event", "event": "Enter"}, {"kind": "event", "event": "Viewed"}]
    for name, codes in (("cart_id", []), ("sku", []), ("price", ["unknown_property"])):
        document = changed(straight(says("{{ entry." + name + " }}")), entry={"triggers": triggers})
        assert [problem.code for problem in found(document)] == codes


def test_a_contradiction_is_described_in_the_language_of_the_problem() -> None:
    text = found(SMALLEST["filter_never_matches"]())[0].text
    assert "vip is 1" in text.to("en")
    assert "vip = 1" in text.to("ko")


# --- in the reader's words -------------------------------------------------------------------------------------------


def in_korean(document: Document) -> list[str]:
    return [problem.text.to("ko") for problem in found(document)]


def test_a_port_is_called_what_the_canvas_writes_at_it() -> None:
    bare = journey(wait_until("u", attribute("vip", True), "7d"), leave(), edges="entry > u, u:timeout > end")
    assert in_korean(bare) == ["“만족” 다음에 단계가 없습니다. 단계를 추가하거나 연결하세요."]
    assert in_korean(with_edge(PLAIN, {"from": "d", "to": "end"})) == [
        "“다음” 출구에서 연결선이 두 개 나갑니다. 하나만 남기세요."
    ]
    assert (
        found(with_edge(PLAIN, {"from": "d", "port": "on", "to": "end"}))[0]
        .text.to("en")
        .endswith("It has: Next (next).")
    )
    assert (
        found(with_edge(PLAIN, {"from": "entry", "port": "on", "to": "d"}))[0]
        .text.to("ko")
        .endswith("있는 출구: 다음 (next).")
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
    assert problem.text.to("en").startswith("The loop Branch → Hello → Branch never waits")
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
