"""A test run is the simulator's walk, told: the same steps, at the same instants, with the same messages."""

import copy
from datetime import timedelta

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.journey.plan import Plan, compile_journey
from orchestrator.core.run.routing import Routes
from orchestrator.core.sending.advertising import Sender
from orchestrator.core.sending.policies import NO_POLICY
from orchestrator.core.simulation.interactive_run import InteractiveRun, RunEnvironment
from orchestrator.core.simulation.simulator import Person, SimulationResult, compliant, walk
from tests.core.run.driver import (
    T0,
    after,
    attribute,
    branch,
    delay,
    history,
    journey,
    leave,
    message,
    planned,
    prop,
    step,
    straight,
    wait,
    wait_until,
)
from tests.core.simulation.test_simulator import events, reachable
from tests.examples import examples
from tests.strategies.journeys import journeys
from tests.test_examples import EXAMPLES

NAMES = ("Enter", "Order Completed", "Product Viewed", "Signed Up", "Product Added", "Customer Updated")

SENDER = Sender("달빛상점", "02-123-4567", "080-123-4567")


def rehearsed(
    plan: Plan, person: Person, log: list[CustomerEvent], until: str = "60d", environment: RunEnvironment | None = None
) -> InteractiveRun:
    run = InteractiveRun(plan, person, after(until), environment or RunEnvironment(NO_POLICY), {})
    run.play(log)
    return run


def same(passage: SimulationResult, run: InteractiveRun) -> None:
    theirs = [(one.workflow_id, one.transitions, one.state) for one in passage.runs]
    assert [(one.workflow_id, one.transitions, one.state) for one in run.runs] == theirs
    assert [told.send for told in run.sends] == passage.sends
    assert [(one.at, one.admission.reason) for one in passage.entries] == [(e.at, e.reason) for e in run.entries]


@settings(max_examples=examples(60), deadline=None, suppress_health_check=list(HealthCheck))
@given(journeys(), st.data())
def test_a_test_run_is_the_simulators_walk(document: dict[str, object], data: st.DataObject) -> None:
    plan = planned(document)
    names = sorted({*NAMES, *plan.interests, *(t.event for t in plan.journey.entry.triggers if t.kind == "event")})
    script = data.draw(st.lists(st.tuples(st.sampled_from(names), st.integers(0, 60 * 24 * 20)), max_size=12))
    log = [
        CustomerEvent(f"m{n}", name, T0 + timedelta(minutes=at), {"cart_id": "c"})
        for n, (name, at) in enumerate(script)
    ]
    person = reachable()
    passage = walk(Routes((plan,)), copy.deepcopy(person), log, after("60d"), compliant(NO_POLICY))
    run = rehearsed(plan, copy.deepcopy(person), log)
    same(passage, run)
    for one in run.runs:
        for line in run.trace(one):
            text = run.text(one, line)
            assert text.to("en")
            assert text.to("ko")


def test_the_examples_are_walked_as_the_simulator_walks_them_the_law_included() -> None:
    for name in ("lifecycle", "cart-recovery", "birthday"):
        document = yaml.safe_load((EXAMPLES / f"{name}.yaml").read_text(encoding="utf-8"))
        plan = compile_journey(document).plan
        assert plan is not None
        spread = [(n * 40 % 300, one) for n, one in enumerate(NAMES * 3)]
        log = [
            CustomerEvent(f"m{n}", one, T0 + timedelta(hours=at), {"cart_id": "c", "birthday": "1990-03-01"})
            for n, (at, one) in enumerate(spread)
        ]
        person = reachable(attributes={"birthday": "1990-03-01"})
        passage = walk(Routes((plan,)), copy.deepcopy(person), log, after("200d"), compliant())
        assert passage.sends
        same(passage, rehearsed(plan, copy.deepcopy(person), log, "200d", RunEnvironment(sender=SENDER)))


def lines(run: InteractiveRun, step: str, what: str = "left") -> list[str]:
    return [run.text(one, t).to("en") for one in run.runs for t in run.trace(one) if t.step == step and t.what == what]


def test_every_decision_tells_why() -> None:
    plan = planned(
        journey(
            step("note", "update_customer", changes=[{"name": "last", "value": {"ref": "entry.sku"}}]),
            delay("rest", "1d"),
            wait_until("grown", history("Paid", value=2), "7d"),
            branch("rich", rich={"kind": "all", "of": [attribute("tier", "gold"), history("Paid")]}),
            wait("asked", "Answered", "2d"),
            step("tell", "emit_event", event="Told"),
            leave("end", "done"),
            edges="entry > note, note > rest, rest > grown, grown:yes > rich, grown:timeout > rich, rich:rich > asked, "
            "rich:otherwise > asked, asked:happened > tell, asked:timeout > tell, tell > end",
        )
    )
    run = rehearsed(plan, reachable(), events(("Enter", "0s", {"sku": "tea"}), ("Paid", "2d")))
    assert lines(run, "note") == ["Set last to “tea”"]
    assert lines(run, "rest") == ["Waited until Fri 2 Jan 2026 09:00"]
    assert lines(run, "grown") == [
        "Took the path “No response by then”: not met by then: *Paid* at least twice (found: 1)"
    ]
    assert lines(run, "rich") == ["Took the path “Everyone else”: did not hold: tier is “gold” (found: nothing)"]
    assert lines(run, "asked") == ["Took the path “No response by then”: nothing came until Sun 11 Jan 2026 09:00"]
    assert lines(run, "tell") == ["Added *Told* to the customer's events"]
    assert lines(run, "end", "ended") == ["Left the journey: done"]


def test_a_branch_on_the_entry_event_alone_tells_the_value_too() -> None:
    plan = planned(straight(branch("big", big=prop("total", 100, "gte"))))
    run = rehearsed(plan, reachable(), events(("Enter", "0s", {"total": 30})))
    assert lines(run, "big") == ["Took the path “Everyone else”: did not hold: total is at least 100 (found: 30)"]


def test_an_exit_condition_tells_what_it_saw() -> None:
    exits = [{"id": "rich", "when": history("Paid", measure="sum", property="total", value=50)}]
    plan = planned(straight(delay("d", "9d"), exits=exits))
    run = rehearsed(plan, reachable(), events(("Enter", "0s"), ("Paid", "1d", {"total": 80})))
    assert lines(run, "d", "ended") == [
        "Left the journey: Exit rule “rich”: sum of total of *Paid* is at least 50 (found: 80)"
    ]


def test_who_is_not_let_in_is_told_why() -> None:
    plan = planned(
        straight(leave(), entry={"triggers": [{"kind": "event", "event": "Enter"}], "filter": attribute("vip", True)})
    )
    run = rehearsed(plan, reachable(), events(("Enter", "0s")))
    assert [one.text.to("en") for one in run.entries] == [
        "Does not meet the entry filter: vip is true (found: nothing)"
    ]


def test_a_message_held_over_the_night_says_until_when_and_then_goes() -> None:
    plan = planned(straight(message("m")))
    plan_sms = planned(straight(message("m", "sms")))
    assert plan is not plan_sms
    run = rehearsed(
        plan_sms, reachable(), events(("Enter", "13h")), "14h", RunEnvironment(sender=SENDER)
    )  # 22:00 in Seoul
    assert [told.text.to("en") for told in run.sends] == [
        "Held: No night-time consent: held until 2026-01-02 08:00 (Asia/Seoul)"
    ]
    assert run.standing(run.runs[0]).to("en") == run.sends[0].text.to("en")
    assert run.next_at() == after("23h")
    assert run.sends[-1].send.outcome == "sent"


def test_the_next_instant_is_one_at_which_something_is_seen_to_happen() -> None:
    plan = planned(straight(delay("d", "3d"), exits=[{"id": "x", "when": history("Paid", within="1d")}]))
    run = rehearsed(plan, reachable(), events(("Paid", "1h"), ("Enter", "2d")), "2d")
    assert run.next_at() == after("5d")
    assert run.next_at() is None
