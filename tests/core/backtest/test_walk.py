"""One customer's real events walked through a draft and the live version."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from orchestrator.core.backtest.walk import Backtest, CustomerOutcome, EndlessJourney, WalkedCustomer, walk_customer
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.journey.plan import Plan
from orchestrator.core.sending.frequency import Counted
from orchestrator.core.sending.policies import rules_of
from orchestrator.core.simulation.simulator import Person
from tests.core.run.driver import branch, delay, journey, leave, message, planned, step, straight

NOW = datetime.fromisoformat("2026-03-31T12:00:00+09:00")


def asked(draft: Plan, live: Plan | None = None, days: int = 30, **more: Any) -> Backtest:
    return Backtest(draft, live, NOW, days, "Asia/Seoul", rules_of(more.pop("sending", None)), **more)


def ago(days: float, name: str = "Enter", **properties: Any) -> CustomerEvent:
    return CustomerEvent(f"{name}-{days}", name, NOW - timedelta(days=days), properties)


def customer(*events: CustomerEvent, **more: Any) -> WalkedCustomer:
    fields = {"consents": {"email": True, "email:night": True}, "contacts": {"email": "mina@example.com"}}
    return WalkedCustomer(Person("a", **{**fields, **more.pop("person", {})}), list(events), **more)


def mail(id: str = "m", **more: Any) -> dict[str, Any]:
    return message(id, **{"class": "advertising", **more})


def test_entries_messages_goals_and_ends_of_the_window_are_counted() -> None:
    plan = planned(
        journey(
            delay("d", "1h"),
            mail(),
            leave(),
            edges="entry > d, d > m, m > end",
            goals=[{"id": "paid", "event": "Paid"}],
            reentry={"mode": "cool_down", "cool_down": "5d"},
        )
    )
    events = [
        ago(20),
        ago(18),
        ago(10),
        CustomerEvent("p", "Paid", NOW - timedelta(days=10, minutes=-5), {}),
        ago(0.01),
    ]
    found = walk_customer(asked(plan), customer(*events)).draft
    assert found["triggered",] == found["customers",] == 1
    assert found["entries",] == 3
    assert found["refused", "cool_down"] == 1
    assert found["sent",] == found["sent_by", "email", "advertising"] == 2
    assert found["sent_on", "2026-03-11", "email"] == found["sent_on", "2026-03-21", "email"] == 1
    assert found["goal", "paid"] == 1
    assert found["running",] == 1
    assert found["ended", "completed"] == 2


def test_days_are_the_workspaces() -> None:
    plan = planned(straight(message("m")))
    at = datetime.fromisoformat("2026-03-11T00:30:00+09:00")
    found = walk_customer(asked(plan), customer(CustomerEvent("e", "Enter", at, {}))).draft
    assert found["sent_on", "2026-03-11", "email"] == 1


def test_runs_that_began_before_the_window_send_in_it_and_do_not_enter_in_it() -> None:
    found = walk_customer(asked(planned(straight(delay("d", "20d"), mail()))), customer(ago(45))).draft
    assert found["entries",] == 0
    assert found["sent",] == 1


def test_a_message_that_is_held_twice_for_one_reason_is_held_once() -> None:
    caps = {"caps": [{"most": 1, "per": "day", "when_full": "hold", "within": "3d"}]}
    plan = planned(straight(mail("m"), mail("n")))
    found = walk_customer(asked(plan, sending=caps), customer(ago(5))).draft
    assert found["sent",] == 2
    assert found["held", "frequency_cap_held"] == 1


def test_what_other_journeys_sent_takes_up_room() -> None:
    caps = {"caps": [{"most": 1, "per": "week", "when_full": "skip"}]}
    plan = planned(straight(mail()))
    other = (Counted("x", NOW - timedelta(days=6), "email", "advertising"),)
    later = (Counted("x", NOW - timedelta(days=4), "email", "advertising"),)
    told = [
        walk_customer(asked(plan, sending=caps), customer(ago(5), other_sends=sends)).draft
        for sends in ((), other, later)
    ]
    assert [one["sent",] for one in told] == [1, 0, 1]
    assert told[1]["skipped", "frequency_cap"] == 1


def test_goals_that_are_reached_anyway_are_of_customers_who_were_never_in() -> None:
    plan = planned(
        straight(mail(), goals=[{"id": "paid", "event": "Paid"}, {"id": "each", "event": "Paid", "repeat": True}])
    )
    never = walk_customer(asked(plan), customer(ago(5, "Paid"), ago(4, "Paid"), ago(40, "Paid"))).draft
    assert (never["goal_anyway", "paid"], never["goal_anyway", "each"]) == (1, 2)
    was_in = walk_customer(asked(plan), customer(ago(6), ago(4, "Paid"))).draft
    assert ("goal_anyway", "paid") not in was_in


def differing(draft: Plan, live: Plan, *events: CustomerEvent) -> CustomerOutcome:
    return walk_customer(asked(draft, live), customer(*events))


def test_what_differs_from_the_live_version_is_told_of_the_customer() -> None:
    live = planned(straight(delay("d", "1h"), mail()))
    later, two = planned(straight(delay("d", "2h"), mail())), planned(straight(delay("d", "1h"), mail(), mail("n")))
    nobody = planned(straight(delay("d", "1h"), mail(), entry={"triggers": [{"kind": "event", "event": "Other"}]}))
    assert differing(live, live, ago(3)).differs == frozenset()
    assert differing(two, live, ago(3)).differs == {"other_messages"}
    assert differing(later, live, ago(3)).differs == {"other_messages", "other_end"}
    assert differing(nobody, live, ago(3)).differs == {"only_live"}
    assert differing(live, nobody, ago(3)).differs == {"only_draft"}
    assert differing(live, nobody).differs == frozenset()


def test_renamed_steps_differ_in_nothing() -> None:
    live, renamed = planned(straight(delay("d", "1h"), mail("m"))), planned(straight(delay("e", "1h"), mail("x")))
    assert differing(renamed, live, ago(3)).differs == frozenset()


def test_what_the_live_runs_added_to_the_log_is_not_the_drafts() -> None:
    """The live version's own event, as it stands in the log, would let the draft's customers on."""
    emit = step("say", "emit_event", event="Said")
    live = planned(straight(emit))
    draft = planned(straight(delay("d", "1h"), mail(), exits=[{"id": "gone", "event": "Said"}]))
    probe = walk_customer(asked(live), customer(ago(3)))
    assert probe.draft["ended", "completed"] == 1
    made = _made_by(live, ago(3))
    found = walk_customer(asked(draft, live), customer(ago(3), made, told=frozenset({made.message_id})))
    assert found.draft["sent",] == 1
    without_live = walk_customer(asked(draft), customer(ago(3), made, told=frozenset({made.message_id})))
    assert without_live.draft["ended", "gone"] == 1


def _made_by(plan: Plan, event: CustomerEvent) -> CustomerEvent:
    from orchestrator.core.run.routing import Routes
    from orchestrator.core.simulation.simulator import compliant, walk

    person = Person("a")
    walk(Routes((plan,)), person, [event], NOW, compliant())
    [made] = person.log.named("Said")[1]
    return CustomerEvent(made.message_id, "Said", made.occurred_at + timedelta(minutes=1), {})


def test_members_of_a_segment_are_those_who_were_in_it_then() -> None:
    in_vip = {"kind": "segment", "segment": "vip"}
    plan = planned(
        journey(branch("b", yes=in_vip), mail(), leave(), edges="entry > b, b:yes > m, m > end, b:otherwise > end")
    )
    entered = CustomerEvent("s", "Segment Entered", NOW - timedelta(days=4), {"segment": "vip"})
    told = [
        walk_customer(asked(plan), customer(ago(days), entered, person={"segments": {"vip": True}})).draft["sent",]
        for days in (5, 3)
    ]
    assert told == [0, 1]
    assert "Segment Entered" in asked(plan).names


def test_the_workspaces_holdout_is_kept() -> None:
    plan = planned(straight(mail()))
    assert walk_customer(asked(plan, holdout=100), customer(ago(3))).draft["refused", "workspace_holdout"] == 1


def test_a_loop_that_hardly_waits_gives_no_numbers() -> None:
    plan = planned(
        journey(
            delay("d", "1m"),
            step("g", "go_to", target="d"),
            edges="entry > d, d > g",
            exits=[{"id": "x", "event": "Bye"}],
        )
    )
    with pytest.raises(EndlessJourney):
        walk_customer(asked(plan), customer(ago(20)))


def test_the_customer_is_not_changed_by_being_walked() -> None:
    plan = planned(straight(step("u", "update_customer", changes=[{"op": "set", "name": "seen", "value": True}])))
    one = customer(ago(3), person={"attributes": {}})
    walk_customer(asked(plan), one)
    assert one.person.attributes == {}
