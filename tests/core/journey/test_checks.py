"""Each problem that the compiler can find, provoked by the smallest journey that has it, and by no other."""

from dataclasses import replace
from typing import Any

import pytest

from orchestrator.core.journey.plan import compile_journey
from orchestrator.core.problems import PROBLEMS, Problem
from tests.core.journey.smallest import MOVER, PLAIN, SEEN, SMALLEST, changed, experiment, found, says
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
