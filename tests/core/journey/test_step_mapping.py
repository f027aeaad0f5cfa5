"""Which step of one version becomes which of another: as proposed, and what would come of it."""

from typing import Any

from hypothesis import HealthCheck, given, settings

from orchestrator.core.journey.step_mapping import (
    Place,
    Proposal,
    as_json,
    complete,
    empty_variables,
    from_json,
    propose,
    sends_at_once,
)
from tests.core.run.driver import delay, message, planned, step, straight, wait
from tests.examples import examples
from tests.strategies.journeys import journeys

ONE = planned(straight(delay("pause", "10d"), message("mail"), wait("order", "Order Completed")))


def test_a_step_of_the_same_id_and_kind_is_the_same_step() -> None:
    two = planned(straight(delay("pause", "4d"), message("mail"), wait("order", "Product Viewed")))
    assert propose(ONE, two)["pause"] == Proposal("pause", Place("pause"), "same")
    assert complete(ONE, two, {}) == ({}, ())


def test_one_that_is_gone_goes_to_the_nearest_that_still_is() -> None:
    two = planned(straight(wait("order", "Order Completed")))
    assert {step: one.place for step, one in propose(ONE, two).items()} == {
        "pause": Place("order", "restarted"),
        "mail": Place("order", "restarted"),
        "order": Place("order"),
    }
    assert complete(ONE, two, {"pause": Place("order", "fired")})[0]["pause"] == Place("order", "fired")


def test_a_changed_kind_is_for_somebody_to_decide() -> None:
    two = planned(straight(wait("pause", "Order Completed"), message("mail"), wait("order", "Order Completed")))
    assert propose(ONE, two)["pause"] == Proposal("pause", None, "changed")
    assert complete(ONE, two, {})[1] == ("pause",)
    chosen = {"pause": Place("pause", "restarted")}
    assert complete(ONE, two, chosen) == (chosen, ())


def test_where_nothing_is_left_somebody_has_to_choose() -> None:
    other = planned(straight(delay("wholly", "1d"), step("bye", "exit")))
    assert propose(ONE, other)["pause"].why == "nowhere"


def test_what_would_be_handed_over_at_once_is_named() -> None:
    two = planned(straight(delay("pause", "4d"), message("mail"), delay("rest", "1d"), message("last")))
    assert sends_at_once(ONE, two, "pause", Place("pause")) == ()
    assert sends_at_once(ONE, two, "pause", Place("pause", "fired")) == ("mail",)
    assert sends_at_once(ONE, two, "pause", Place("pause", "recomputed")) == ("mail",)
    assert sends_at_once(ONE, two, "order", Place("mail")) == ("mail",)
    assert sends_at_once(ONE, two, "mail", Place("mail")) == ()
    assert sends_at_once(ONE, two, "order", Place("rest", "restarted")) == ()


def test_variables_that_nothing_has_filled_are_named() -> None:
    code = {"en": {"subject": "Your code", "body": "{{ var.coupon.code }}"}}
    coupon = step("code", "coupon", pool="welcome")
    says = step("mail", "message", channel="email", content=code)
    two = planned(straight(coupon, delay("pause", "1d"), says))
    assert empty_variables(ONE, two, Place("pause")) == ("coupon",)
    assert empty_variables(ONE, two, Place("code", "restarted")) == ()
    assert empty_variables(two, two, Place("pause")) == ()


def test_a_mapping_is_kept_with_its_operation() -> None:
    mapping = {"pause": Place("rest", "fired")}
    assert from_json(as_json(mapping)) == mapping


@settings(max_examples=examples(20), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(journeys(), journeys())
def test_every_proposal_leads_to_a_step_of_the_new_version(before: Any, after: Any) -> None:
    old, new = planned(before), planned(after)
    for one in propose(old, new).values():
        assert one.place is None or one.place.to in new.steps
    assert all(one.why == "same" for one in propose(old, old).values())
    assert complete(old, old, {}) == ({}, ())
