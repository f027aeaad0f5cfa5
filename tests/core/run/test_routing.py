"""Who is let in, and why not; what a commit leaves in its customer's log."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from orchestrator.core.commands import Change, Commit, Transition
from orchestrator.core.conditions.customer import Customer, Log
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.system_events import JOURNEY_REQUESTED
from orchestrator.core.experiments.assignment import bucket
from orchestrator.core.run.routing import REASONS, Past, Routes, admit, by_time, consequences, held_out, run_key
from tests.core.run.driver import T0, Document, after, attribute, delay, history, planned, prop, straight

PLAIN = straight(delay("d", "1h"))


def customer_event(name: str = "Enter", **properties: Any) -> CustomerEvent:
    return CustomerEvent("m1", name, T0, properties)


def decided(past: Past = Past(), customer: Customer = Customer(), who: str = "c", **journey: Any) -> str:  # noqa: B008
    plan = planned({**PLAIN, **journey})
    admission = admit(plan, customer_event(cart_id="c1"), customer, who, T0, past)
    assert admission.admitted == (admission.reason == "admitted")
    return admission.reason


# --- triggers --------------------------------------------------------------------------------------------------------


def triggered(*triggers: Document, key: str = "test") -> Routes:
    return Routes((planned({**PLAIN, "key": key, "entry": {"triggers": list(triggers)}}),))


def test_an_event_fires_the_plans_that_name_it_in_order() -> None:
    both = [planned({**PLAIN, "key": key}) for key in ("one", "two")]
    routes = Routes((*both, planned({**PLAIN, "key": "three", "entry": {"triggers": [{"kind": "request"}]}})))
    assert [plan.key for plan in routes.triggered(customer_event())] == ["one", "two"]
    assert routes.triggered(customer_event("Other")) == []
    assert routes.names == {"Enter", JOURNEY_REQUESTED}


def test_a_filter_on_the_event_must_pass() -> None:
    routes = triggered({"kind": "event", "event": "Enter", "where": prop("total", 100, "gte")})
    assert routes.triggered(customer_event(total=100))
    assert not routes.triggered(customer_event(total=99))


def test_two_triggers_on_one_event_fire_once() -> None:
    routes = triggered({"kind": "event", "event": "Enter"}, {"kind": "event", "event": "Enter", "where": prop("a", 1)})
    assert len(routes.triggered(customer_event(a=1))) == 1


@pytest.mark.parametrize(("on", "event"), [("enter", "Segment Entered"), ("leave", "Segment Left")])
def test_a_segment_lets_in_who_comes_or_goes_but_not_by_a_change_of_definition(on: str, event: str) -> None:
    routes = triggered({"kind": "segment", "segment": "vip", "on": on})
    assert routes.names == {event}
    assert routes.triggered(customer_event(event, segment="vip", cause="event"))
    assert not routes.triggered(customer_event(event, segment="other"))
    assert not routes.triggered(customer_event(event, segment="vip", cause="definition", quiet=True))


def test_a_request_names_the_journey_that_it_is_for() -> None:
    routes = triggered({"kind": "request"}, key="birthday")
    assert routes.triggered(customer_event(JOURNEY_REQUESTED, journey="birthday"))
    assert not routes.triggered(customer_event(JOURNEY_REQUESTED, journey="other"))


@pytest.mark.parametrize(
    ("value", "key"),
    [("c1", "c1"), (7, "7"), (True, "True"), ("", None), (None, None), ({}, None), (["c1"], None)],
)
def test_the_key_of_a_run_is_a_property_of_its_entry_event(value: Any, key: str | None) -> None:
    plan = planned({**PLAIN, "entry": {**PLAIN["entry"], "key": "cart.id"}})
    assert run_key(plan, customer_event(cart={"id": value})) == key
    assert run_key(plan, customer_event()) is None
    assert run_key(planned(PLAIN), customer_event()) == ""


# --- admission -------------------------------------------------------------------------------------------------------


def test_a_newcomer_is_admitted() -> None:
    assert decided() == "admitted"


@pytest.mark.parametrize("mode", ["never", "after_end", "cool_down"])
def test_nobody_enters_twice_at_a_time(mode: str) -> None:
    assert decided(Past(True, T0), reentry={"mode": mode}) == "already_in"


@pytest.mark.parametrize(
    ("reentry", "ago", "reason"),
    [
        ({"mode": "never"}, "9d", "re_entry"),
        ({"mode": "after_end"}, "1s", "admitted"),
        ({"mode": "cool_down", "cool_down": "1d"}, "23h59m", "cool_down"),
        ({"mode": "cool_down", "cool_down": "1d"}, "1d", "admitted"),
    ],
)
def test_who_has_been_in_enters_by_the_re_entry_rule(reentry: Document, ago: str, reason: str) -> None:
    assert decided(Past(False, T0 - (after(ago) - T0)), reentry=reentry) == reason


def test_the_holdout_never_enters_and_is_always_the_same() -> None:
    entry = {**PLAIN["entry"], "holdout": 20}
    who = [f"customer-{n}" for n in range(300)]
    out = [one for one in who if decided(who=one, entry=entry) == "holdout"]
    assert out == [one for one in who if bucket("holdout/test", one, 100) < 20]
    assert 30 < len(out) < 90


def test_the_filter_sees_the_customer_with_the_triggering_event_stored() -> None:
    entry = {**PLAIN["entry"], "filter": history("Enter", value=1)}
    assert decided(entry=entry) == "filter"
    assert decided(customer=Customer(history=Log([customer_event()])), entry=entry) == "admitted"


def test_the_filter_sees_attributes_and_the_triggering_events_properties() -> None:
    both = {"kind": "all", "of": [attribute("vip", True), prop("cart_id", "c1")]}
    entry = {**PLAIN["entry"], "filter": both}
    assert decided(customer=Customer({"vip": True}), entry=entry) == "admitted"
    assert decided(customer=Customer({"vip": False}), entry=entry) == "filter"


def test_every_reason_has_words_in_both_languages() -> None:
    assert all(text.to("en") and text.to("ko") for text in REASONS.values())
    assert {"admitted", "already_in", "re_entry", "cool_down", "holdout", "filter", "no_key", "paused"} <= set(REASONS)


# --- consequences ----------------------------------------------------------------------------------------------------


def commit(**more: Any) -> Commit:
    line = Transition(4, T0, "entered", "s", 1, "", {})
    return Commit(transitions=(line,), step="s", **more)


def test_a_booking_leaves_its_events_in_the_log_with_ids_that_repeat() -> None:
    told = CustomerEvent("told", "Told", T0, {})
    change = Change("change-1", "set", "vip", True)
    made = consequences(commit(emit=(told,), changes=(change,), stage="retention"), "run-1", "intake", T0)
    assert [(one.name, one.properties) for one in made] == [
        ("Told", {}),
        ("Customer Updated", {"vip": True}),
        ("Lifecycle Stage Changed", {"from": "intake", "to": "retention"}),
    ]
    again = consequences(commit(emit=(told,), changes=(change,), stage="retention"), "run-1", "intake", T0)
    assert again == made
    assert len({one.message_id for one in made}) == 3


def test_a_stage_that_the_customer_is_in_already_is_no_event() -> None:
    assert consequences(commit(stage="intake"), "run-1", "intake", T0) == ()


def test_events_are_ordered_by_time_and_then_by_id() -> None:
    seoul = datetime(2026, 1, 1, 9, tzinfo=UTC).astimezone()
    events = [
        CustomerEvent("b", "X", T0),
        CustomerEvent("a", "X", T0),
        CustomerEvent("c", "X", T0 - timedelta(seconds=1)),
    ]
    assert [one.message_id for one in by_time([CustomerEvent("d", "X", seoul), *events])] == ["c", "a", "b", "d"]


# --- the workspace's holdout -----------------------------------------------------------------------------------------


def test_the_workspaces_holdout_is_the_same_for_every_journey_and_only_grows() -> None:
    people = [f"customer {n}" for n in range(2_000)]
    few, many = ({one for one in people if held_out(one, percent)} for percent in (10, 30))
    assert few < many
    assert 0.07 < len(few) / len(people) < 0.13
    assert not any(held_out(one, 0) for one in people)
    assert all(held_out(one, 100) for one in people)
    beside = {one for one in people if bucket("holdout/test", one, 100) < 10}
    assert len(few & beside) < 0.25 * len(few)  # it says nothing of a journey's own


@pytest.mark.parametrize(("everybody", "reason"), [(False, "workspace_holdout"), (True, "admitted")])
def test_a_journey_that_serves_lets_in_the_workspaces_holdout(everybody: bool, reason: str) -> None:
    entry = {"triggers": [{"kind": "event", "event": "Enter"}], "everybody": everybody}
    plan = planned({**PLAIN, "entry": entry})
    assert admit(plan, customer_event(), Customer(), "c", T0, Past(), 100).reason == reason
