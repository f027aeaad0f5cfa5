"""The simulator: journeys over a virtual clock, one customer at a time."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.run_events import Sent
from orchestrator.core.run.routing import Routes
from orchestrator.core.sending.policies import NO_POLICY
from orchestrator.core.simulation.simulator import Person, SimulationResult, compliant, walk
from orchestrator.core.steps.message import MessageSettings
from tests.core.run.driver import (
    T0,
    Document,
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

TRIGGER = {"kind": "event", "event": "Enter"}
CONTACTS: dict[str, str | None] = {"email": "a@example.com", "phone": "+821012345678", "push_token": "device-token"}


def reachable(**more: Any) -> Person:
    return Person("customer-1", consents={"email": True, "sms": True}, contacts=dict(CONTACTS), **more)


def events(*named: tuple[str, str] | tuple[str, str, Document]) -> list[CustomerEvent]:
    """("Enter", "1h", properties) …"""
    return [CustomerEvent(f"m{n}", one[0], after(one[1]), dict(*one[2:])) for n, one in enumerate(named)]


def walked(
    *documents: Document, log: list[CustomerEvent], person: Person | None = None, until: str = "60d"
) -> SimulationResult:
    routes = Routes(tuple(planned(document) for document in documents))
    return walk(routes, person or reachable(), log, after(until), compliant(NO_POLICY))


def trace(passage: SimulationResult, run: int = 0) -> list[str]:
    return [f"{one.at - T0} {one.what} {one.step} {one.port}".strip() for one in passage.runs[run].transitions]


def test_a_walk_follows_events_and_deadlines() -> None:
    document = straight(delay("d", "1h"), wait("w", "Viewed", window="2h"), message("m"))
    passage = walked(document, log=events(("Enter", "0s"), ("Viewed", "90m")))
    assert trace(passage) == [
        "0:00:00 entered d",
        "1:00:00 left d next",
        "1:00:00 entered w",
        "1:30:00 left w happened",
        "1:30:00 entered m",
        "1:30:00 left m next",
        "1:30:00 entered end",
        "1:30:00 ended end completed",
    ]
    assert [(send.step, send.channel, send.outcome, send.at) for send in passage.sends] == [
        ("m", "email", "sent", after("90m"))
    ]


def test_at_a_tie_the_event_wins() -> None:
    document = straight(wait("w", "Viewed", window="2h"))
    passage = walked(document, log=events(("Enter", "0s"), ("Viewed", "2h")))
    assert passage.runs[0].transitions[1].port == "happened"


def test_what_is_under_way_at_the_end_stays_under_way() -> None:
    passage = walked(straight(delay("d", "5d")), log=events(("Enter", "0s")), until="4d")
    assert passage.runs[0].live
    assert not walked(straight(delay("d", "5d")), log=events(("Enter", "0s")), until="5d").runs[0].live


def test_events_after_the_end_are_left_out() -> None:
    assert walked(straight(delay("d", "1h")), log=events(("Enter", "2d")), until="1d").entries == []


def test_an_event_that_ends_a_run_does_not_begin_the_next() -> None:
    """Admission is decided before the event reaches the runs."""
    document = straight(wait("w", "Enter", window=None), reentry={"mode": "after_end"})
    passage = walked(document, log=events(("Enter", "0s"), ("Enter", "1h"), ("Enter", "2h")))
    assert [entry.admission.reason for entry in passage.entries] == ["admitted", "already_in", "admitted"]
    assert len(passage.runs) == 2


def test_runs_of_different_keys_go_side_by_side() -> None:
    same = prop("cart", {"ref": "entry.cart"})
    document = straight(wait("w", "Bought", where=same), entry={"triggers": [TRIGGER], "key": "cart"})
    log = events(("Enter", "0s", {"cart": "a"}), ("Enter", "1h", {"cart": "b"}), ("Bought", "2h", {"cart": "b"}))
    passage = walked(document, log=log)
    assert [(run.key, run.transitions[1].port) for run in passage.runs] == [("a", "timeout"), ("b", "happened")]


def test_a_trigger_without_the_key_is_refused_and_kept() -> None:
    document = straight(delay("d", "1h"), entry={"triggers": [TRIGGER], "key": "cart"})
    passage = walked(document, log=events(("Enter", "0s")))
    assert [entry.admission.reason for entry in passage.entries] == ["no_key"]


def test_journeys_start_each_other() -> None:
    starts = journey(
        *(step("s", "start_journey", journey="second", properties={"cart": {"ref": "entry.cart"}}), leave()),
        edges="entry > s, s > end",
    )
    second = straight(delay("d", "1h"), message("m"), key="second", entry={"triggers": [{"kind": "request"}]})
    passage = walked(starts, second, log=events(("Enter", "0s", {"cart": "c"})))
    assert [(run.journey, run.entered_at) for run in passage.runs] == [("test", T0), ("second", T0)]
    entry = passage.runs[1].state.entry
    assert entry is not None
    assert entry.properties == {"journey": "second", "cart": "c"}


def test_a_journey_may_begin_with_what_another_changes() -> None:
    marks = straight(step("mark", "update_customer", changes=[{"name": "vip", "value": True}]))
    trigger = {"kind": "event", "event": "Customer Updated", "where": prop("vip", True)}
    other = straight(delay("d", "1h"), key="other", entry={"triggers": [trigger], "filter": attribute("vip", True)})
    passage = walked(marks, other, log=events(("Enter", "0s")))
    assert [run.journey for run in passage.runs] == ["test", "other"]
    assert passage.person.attributes == {"vip": True}


def test_journeys_that_start_each_other_without_end_are_stopped() -> None:
    def starting(key: str, other: str) -> Document:
        node = step("s", "start_journey", journey=other)
        triggers = [{"kind": "request"}, {"kind": "event", "event": "Enter"}]
        return straight(node, key=key, entry={"triggers": triggers}, reentry={"mode": "after_end"})

    with pytest.raises(RuntimeError, match="a, b start each other without end"):
        walked(starting("a", "b"), starting("b", "a"), log=events(("Enter", "0s")))


def test_what_a_step_emits_is_seen_by_what_is_asked_after_it() -> None:
    tells = step("t", "emit_event", event="Told")
    passage = walked(straight(tells, branch("b", told=history("Told"))), log=events(("Enter", "0s")))
    assert passage.runs[0].transitions[3].port == "told"


def test_a_change_of_stage_moves_the_customer() -> None:
    later = {**delay("later", "1h"), "stage": "retention"}
    passage = walked(straight(delay("d", "1h"), later, {**leave(), "stage": "retention"}), log=events(("Enter", "0s")))
    assert passage.person.stage == "retention"
    told = passage.person.log.named("Lifecycle Stage Changed")[1]
    assert [one.properties["to"] for one in told] == ["intake", "retention"]


def test_only_if_sees_the_event_that_the_step_before_waited_for() -> None:
    same = {"kind": "property", "name": "cart", "value": {"ref": "event.cart"}}
    document = straight(wait("w", "Viewed"), message("m", only_if=same))
    for cart, outcome in (("a", "sent"), ("b", "skipped")):
        log = events(("Enter", "0s", {"cart": "a"}), ("Viewed", "1h", {"cart": cart}))
        assert [send.outcome for send in walked(document, log=log).sends] == [outcome]


# --- couriers --------------------------------------------------------------------------------------------------------


def test_the_lawful_courier_holds_advertising_over_the_night() -> None:
    """21:30 in Seoul; an SMS waits until 08:00, an e-mail goes at once."""
    for channel, instants in (("sms", ["12:30", "23:00"]), ("email", ["12:30"])):
        routes = Routes((planned(straight(message("m", channel))),))
        passage = walk(routes, reachable(), events(("Enter", "12h30m")), after("9d"), compliant())
        assert [f"{send.at:%H:%M}" for send in passage.sends] == instants
        assert [send.outcome for send in passage.sends] == ["held", "sent"][-len(instants) :]


def test_the_lawful_courier_falls_back_to_a_channel_that_reaches() -> None:
    routes = Routes((planned(straight(message("m", "push", fallback=["email"]))),))
    passage = walk(routes, reachable(), events(("Enter", "0s")), after("1d"), compliant())
    assert [(send.channel, send.outcome) for send in passage.sends] == [("email", "sent")]


def test_without_consent_nothing_is_sent_and_the_reason_is_kept() -> None:
    routes = Routes((planned(straight(message("m"))),))
    passage = walk(
        routes, Person("customer-1", contacts=dict(CONTACTS)), events(("Enter", "0s")), after("1d"), compliant()
    )
    assert [(send.outcome, send.reason) for send in passage.sends] == [("skipped", "no_consent")]
    assert passage.runs[0].transitions[1].port == "not_sent"


def test_any_courier_will_do() -> None:
    def broken(person: Person, settings: MessageSettings, now: datetime) -> tuple[Sent, str]:
        return Sent(now, "unknown", "ambiguous"), "pigeon"

    routes = Routes((planned(straight(message("m"))),))
    passage = walk(routes, reachable(), events(("Enter", "0s")), after("1d"), broken)
    assert [(send.channel, send.outcome) for send in passage.sends] == [("pigeon", "unknown")]


def test_a_lag_moves_no_deadline() -> None:
    routes = Routes((planned(straight(delay("d", "1h"))),))
    log = events(("Enter", "0s"))
    passage = walk(routes, reachable(), log, after("1d"), compliant(), lag=timedelta(seconds=4))
    assert trace(passage)[1] == "1:00:00 left d next"


def test_membership_of_segments_follows_the_log() -> None:
    """A journey begins by coming in, and a wait hears of it."""
    within = {"kind": "segment", "segment": "vip"}
    trigger = {"kind": "segment", "segment": "vip"}
    begins = straight(delay("d", "1h"), key="begins", entry={"triggers": [trigger]})
    waits = straight(wait_until("w", within), delay("d", "10d"), key="waits")
    person = reachable(segments={"vip": False})
    log = events(
        ("Enter", "0s"), ("Segment Entered", "1h", {"segment": "vip"}), ("Segment Left", "3h", {"segment": "vip"})
    )
    passage = walked(begins, waits, log=log, person=person)
    assert {run.journey: str(run.transitions[0].at - T0) for run in passage.runs} == {
        "waits": "0:00:00",
        "begins": "1:00:00",
    }
    assert "1:00:00 left w yes" in trace(passage)
    assert person.segments == {"vip": False}
