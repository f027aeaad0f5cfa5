"""A plan is a journey's meaning: its hash sees what matters and nothing else."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from orchestrator.core.journey.graph import journey_schema
from orchestrator.core.journey.plan import body_of, compile_journey, load_plan
from orchestrator.core.steps import KINDS
from tests.core.run.driver import (
    Document,
    attribute,
    branch,
    delay,
    leave,
    message,
    planned,
    prop,
    step,
    straight,
    wait,
)
from tests.examples import examples
from tests.strategies.journeys import journeys

PLAIN = straight(delay("d", "1h"), message("m"), variables={"limit": 3, "mode": "x", "kind": None})


def shuffled(node: Any) -> Any:
    """The same document with every object's keys the other way round."""
    if isinstance(node, dict):
        return {key: shuffled(node[key]) for key in reversed(node)}
    return [shuffled(part) for part in node] if isinstance(node, list) else node


def changed(**fields: Any) -> Document:
    return {**PLAIN, **fields}


def test_the_hash_ignores_the_layout() -> None:
    moved = changed(layout={"positions": {"d": {"x": 1, "y": 2}}})
    assert planned(moved).hash == planned(PLAIN).hash


def test_the_hash_ignores_the_order_of_keys() -> None:
    assert planned(shuffled(PLAIN)).hash == planned(PLAIN).hash


def test_the_hash_ignores_how_a_duration_is_spelt_and_what_goes_without_saying() -> None:
    spelt = straight(delay("d", "PT60M"), message("m", **{"class": "advertising"}), variables=PLAIN["variables"])
    spelt["edges"] = [{"port": "next", **edge} for edge in spelt["edges"]]
    spelt["reentry"] = {"mode": "never"}
    assert planned(spelt).hash == planned(PLAIN).hash


@pytest.mark.parametrize(
    "other",
    [
        straight(delay("d", "61m"), message("m"), variables=PLAIN["variables"]),
        straight(message("m"), delay("d", "1h"), variables=PLAIN["variables"]),
        changed(variables={"limit": 4}),
        changed(name="Another"),
        changed(exits=[{"id": "x", "event": "Bought"}]),
    ],
)
def test_the_hash_sees_every_change_of_meaning(other: Document) -> None:
    assert planned(other).hash != planned(PLAIN).hash


def test_a_number_keeps_its_kind() -> None:
    """``true``, 1 and 1.0 are different values to whoever compares them later."""
    hashes = {planned(straight(branch("b", a=attribute("x", value)))).hash for value in (True, 1, 1.0, "1")}
    assert len(hashes) == 4


def test_what_was_asked_of_a_step_does_not_change_its_plan() -> None:
    """Some answers are kept on the step, and are no part of it."""
    waiting = wait("w", "Order Completed", where=prop("gift", True))
    journey = planned(straight(branch("b", a=attribute("x", True)), waiting)).journey
    before = body_of(journey)
    for node in journey.steps:
        node.summary()
        for kept in ("asks", "plain", "names"):
            getattr(node, kept, None)
    assert body_of(journey) == before
    assert b'"value":true' in before


@pytest.mark.parametrize("value", [True, 1, 1.5, "1", None, ["a", 2], {"ref": "entry.x"}])
def test_an_operand_survives_the_plan(value: Any) -> None:
    plan = planned(straight(branch("b", a=prop("x", value, "ne"))))
    again = json.loads(plan.body)["steps"][0]["settings"]["branches"][0]["when"].get("value")
    assert again == value


def test_the_body_is_a_journey_file_of_the_same_hash() -> None:
    plan = planned(PLAIN)
    again = compile_journey(json.loads(plan.body)).plan
    assert again is not None
    assert (again.hash, again.body) == (plan.hash, plan.body)


@settings(max_examples=examples(100), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(journeys())
def test_every_body_is_a_journey_file_of_the_same_hash(document: Document) -> None:
    plan = planned(document)
    again = planned(json.loads(plan.body))
    assert again.body == plan.body
    assert load_plan(plan.body).journey == plan.journey
    assert planned(shuffled(document)).hash == plan.hash


def test_the_body_is_canonical_json() -> None:
    body = planned(changed(name={"ko": "장바구니"})).body
    document = json.loads(body)
    assert body == json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert "layout" not in document


def test_an_optional_port_without_an_edge_is_next() -> None:
    plan = planned(straight(message("m")))
    assert plan.target("m", "not_sent") == plan.target("m", "next") == "end"


def test_a_plan_knows_what_its_runs_listen_for() -> None:
    plan = planned(
        straight(
            wait("w", "Viewed", look_back="2h"),
            exits=[{"id": "a", "event": "Bought"}, {"id": "b", "when": attribute("x", 1)}],
            goals=[{"id": "c", "event": "Bought"}],
        )
    )
    assert plan.interests == {"Bought", "Customer Updated"}
    assert plan.wanted(("Viewed",)) == ("Bought", "Customer Updated", "Viewed")
    assert plan.longest_look_back == timedelta(hours=2)
    assert [rule.id for rule in plan.exits_on["Bought"]] == ["a"]
    assert [rule.id for rule in plan.watched] == ["b"]


def test_a_step_is_called_by_its_label_or_by_what_it_does() -> None:
    plan = planned(straight({**delay("d", "1h"), "label": {"ko": "한 시간"}}, leave("x")))
    assert plan.label("d", "ko") == "한 시간"
    assert plan.label("d", "en") == "한 시간"
    assert plan.label("x", "en") == "The journey ends here"


def test_properties_that_the_plan_looks_at_are_known() -> None:
    tells = step("t", "emit_event", event="Told", properties={"a": {"ref": "entry.cart.id"}})
    plan = planned(straight(wait("w", "Viewed", where=prop("sku", {"ref": "event.other"})), tells))
    assert plan.mentioned >= {"sku", "other", "cart"}


def test_the_schema_names_every_kind_of_step() -> None:
    schema = json.dumps(journey_schema())
    assert all(f'"{kind}"' in schema for kind in KINDS)
    assert journey_schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_only_a_file_that_says_so_sets_the_stage_and_plans_of_before_go_on_doing_it() -> None:
    silent = {name: value for name, value in straight(delay("d", "1h")).items() if name != "moves_stage"}
    sets, says_not, says_nothing = (
        compile_journey({**silent, **more}).plan for more in ({"moves_stage": True}, {"moves_stage": False}, {})
    )
    assert sets is not None
    assert says_not is not None
    assert says_nothing is not None
    assert (sets.journey.moves_stage, says_nothing.journey.moves_stage) == (True, False)
    assert says_nothing.hash == says_not.hash != sets.hash
    assert load_plan(says_nothing.body).journey.moves_stage is False
    before = load_plan(sets.body.replace(b'"moves_stage":true,', b""))
    assert b"moves_stage" not in before.body
    assert before.journey.moves_stage is True
