"""What a run does, rule by rule of docs/semantics.md."""

import pytest

from orchestrator.core.commands import Commit, FinishRun, Send, SetTimer
from orchestrator.core.events.run_events import EventReceived, Sent, TimerFired
from orchestrator.core.run.advance import advance
from orchestrator.core.run.state import dump_state, load_state
from tests.core.run.driver import (
    BOUGHT,
    SAME_CART,
    T0,
    Driver,
    after,
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
)

# --- commands and states ---------------------------------------------------------------------------------------------


def test_a_run_books_where_it_rests_then_sets_its_timer_then_sends() -> None:
    run = Driver(straight(delay("wait", "1h"), message("hello"))).start()

    assert [type(command) for command in run.commands] == [Commit, SetTimer]
    assert run.commands[1] == SetTimer(after("1h"), "wait")
    assert (run.state.doing, run.state.step, run.state.until) == ("rest", "wait", after("1h"))

    run.until("1h")
    assert [type(command) for command in run.commands[2:]] == [Send, Commit, FinishRun]
    assert run.trace == [
        "00:00 entered wait",
        "01:00 left wait next",
        "01:00 entered hello",
        "01:00 left hello next",
        "01:00 entered end",
        "01:00 ended end completed",
    ]


def test_passing_through_steps_that_ask_nothing_costs_one_booking() -> None:
    entered = step("mark", "emit_event", event="Marked")
    run = Driver(straight(entered, step("value", "goal", goal="seen"), branch("vip", yes=prop("vip", True)))).start()

    assert [type(command) for command in run.commands] == [Commit, FinishRun]
    assert " ".join(one.what for one in run.books[0].transitions) == (
        "entered left entered goal left entered left entered ended"
    )
    assert [customer_event.name for customer_event in run.books[0].emit] == ["Marked"]


def test_a_run_that_is_over_stays_as_it_is() -> None:
    run = Driver(straight(delay("wait", "1h"))).start().until("1h")
    for event in (TimerFired(after("2h")), EventReceived(after("2h"), run.event("X")), Sent(after("2h"), "sent")):
        assert advance(run.plan, run.state, event) == (run.state, [])


def test_the_state_given_to_advance_is_not_written_to() -> None:
    run = Driver(straight(wait("w", "Viewed"), message("hello"), delay("d", "1h")), slow=True).start()
    before, copy = run.state, load_state(dump_state(run.state))

    advance(run.plan, before, EventReceived(after("1h"), run.event("Viewed")))
    assert before == copy


def test_the_state_survives_being_written_out_in_the_middle_of_everything() -> None:
    document = straight(wait("w", "Viewed"), message("hello"), wait("x", "Bought", where=SAME_CART), exits=[BOUGHT])
    runs = [Driver(document, forgetful=forgetful).start(cart_id="c") for forgetful in (False, True)]
    for run in runs:
        run.until("1h").hear("Viewed")
        run.until("2h").hear("Bought", cart_id="d")
        run.hear("Order Completed")
    assert runs[0].state == runs[1].state
    assert runs[0].trace == runs[1].trace


# --- messages --------------------------------------------------------------------------------------------------------


def test_a_skipped_message_leaves_by_its_own_port_when_that_leads_anywhere() -> None:
    nodes = (message("m"), leave("sent"), leave("not"))
    document = journey(*nodes, edges="entry > m, m > sent, m:not_sent > not")
    assert Driver(document).start().path == ["m", "sent"]
    skipped = Driver(document, outcomes=[Sent(T0, "skipped", "no_consent")]).start()
    assert skipped.path == ["m", "not"]
    assert skipped.transitions[1].note == {"outcome": "skipped", "reason": "no_consent"}


def test_a_skipped_message_goes_on_by_next_when_its_own_port_leads_nowhere() -> None:
    run = Driver(straight(message("m")), outcomes=[Sent(T0, "skipped", "no_consent")]).start()
    assert run.trace[1] == "00:00 left m not_sent"
    assert run.path == ["m", "end"]


def test_an_unknown_result_goes_on_and_is_kept() -> None:
    run = Driver(straight(message("m")), outcomes=[Sent(T0, "unknown", "ambiguous")]).start()
    assert run.transitions[1].note == {"outcome": "unknown", "reason": "ambiguous"}
    assert run.path == ["m", "end"]


def test_a_held_message_is_decided_again_when_its_time_comes() -> None:
    run = Driver(straight(message("m")), slow=True).start()
    run.sent("held", "legal_night", until="8h")
    assert (run.state.doing, run.timer) == ("rest", after("8h"))
    run.until("8h")
    assert [(at, send.occurrence) for at, send in run.sends] == [(T0, 1), (after("8h"), 1)]
    run.sent()
    assert run.trace == [
        *["00:00 entered m", "08:00 left m next"],
        *["08:00 entered end", "08:00 ended end completed"],
    ]


def test_a_held_message_under_way_again_is_not_handed_out_a_second_time_by_an_event() -> None:
    """Its hold has ended already: an event that makes exit conditions be looked at must not end it once more."""
    rule = {"id": "quiet", "when": history("Browsed", measure="days_since_last", value=30)}
    run = Driver(straight(message("m"), exits=[rule]), slow=True).start()
    run.sent("held", "legal_night", until="8h")
    run.until("9h")
    run.hear("Browsed")
    assert len(run.sends) == 2  # once at first, once after the hold
    run.sent()
    assert run.over()


def test_a_held_message_is_not_sent_once_an_exit_has_come() -> None:
    run = Driver(straight(message("m"), exits=[BOUGHT]), slow=True).start()
    run.sent("held", "legal_night", until="8h")
    run.until("2h").hear("Order Completed")
    run.until("9h")
    assert len(run.sends) == 1
    assert run.trace[-1] == "02:00 ended m purchased"


def test_what_a_step_changed_is_booked_before_a_message_is_sent() -> None:
    mark = step("mark", "update_customer", changes=[{"name": "vip", "value": True}])
    run = Driver(straight(mark, message("m")), slow=True).start()
    assert [type(command) for command in run.commands] == [Commit, Send]
    assert run.person.attributes == {"vip": True}


def test_a_message_carries_the_event_that_ended_the_wait_before_it() -> None:
    run = Driver(straight(wait("w", "Viewed"), message("m")), slow=True).start().until("1m")
    viewed = run.hear("Viewed")
    assert run.commands[-1] == Send("m", 1, {}, viewed.message_id)


def test_events_during_a_send_are_looked_at_by_goals_and_kept_for_the_next_wait() -> None:
    goal = {"id": "view", "event": "Viewed"}
    run = Driver(straight(message("m"), wait("w", "Viewed"), goals=[goal]), slow=True).start()
    run.now = after("1s")
    run.hear("Viewed")
    assert "00:00:01 goal m view" in run.trace
    run.now = after("2s")
    run.sent()
    assert run.over()


# --- occurrences, loops, stages, endings -----------------------------------------------------------------------------


def test_go_to_leads_back_and_each_visit_is_an_occurrence() -> None:
    back = step("back", "go_to", target="d")
    document = journey(delay("d", "1h"), message("m"), back, edges="entry > d, d > m, m > back", exits=[BOUGHT])
    run = Driver(document).start().until("2h")
    assert run.trace[4:] == [
        "01:00 entered back",
        "01:00 left back d",
        "01:00 entered d#2",
        "02:00 left d#2 next",
        "02:00 entered m#2",
        "02:00 left m#2 next",
        "02:00 entered back#2",
        "02:00 left back#2 d",
        "02:00 entered d#3",
    ]
    assert [(send.step, send.occurrence) for _, send in run.sends] == [("m", 1), ("m", 2)]


def test_a_change_of_stage_is_booked_once_with_the_step_that_makes_it() -> None:
    later = {**delay("later", "1h"), "stage": "adaptation"}
    run = Driver(straight(delay("d", "1h"), delay("e", "1h"), later)).start().until("3h")
    assert [commit.stage for commit in run.books] == ["intake", None, "adaptation", "intake"]
    assert run.person.stage == "intake"
    changes = [h.properties for h in run.person.log if h.name == "Lifecycle Stage Changed"]
    assert changes[1] == {"from": "intake", "to": "adaptation"}


def test_a_customer_already_in_the_stage_does_not_change() -> None:
    run = Driver(straight(delay("d", "1h")))
    run.person.stage = "intake"
    assert run.start().books[0].stage is None


def test_a_run_waiting_for_its_own_emitted_event_hears_it() -> None:
    tell = step("tell", "emit_event", event="Told")
    run = Driver(straight(tell, wait("w", "Told"))).start()
    assert run.trace[-1] == "00:00 ended end completed"


@pytest.mark.parametrize("slow", [False, True])
def test_an_ejected_run_ends_wherever_it_stands(slow: bool) -> None:
    run = Driver(straight(message("m"), delay("d", "1h")), slow=slow).start().until("1m")
    run.eject("stopped")
    assert run.over()
    assert run.trace[-1] == f"00:01 ended {'m' if slow else 'd'} stopped"
    assert run.books[-1].ended == "stopped"


def test_a_timer_of_a_wait_that_is_no_more_does_nothing() -> None:
    run = Driver(straight(wait("w", "Viewed", window="1h"), wait("x", "Viewed", window=None)), slow=True).start()
    run.until("30m").hear("Viewed")
    state = run.state
    run.feed(TimerFired(after("1h")))
    assert (run.state.step, run.state.seq, run.state.since) == ("x", state.seq, state.since)


def test_a_timer_that_fires_early_is_set_again() -> None:
    run = Driver(straight(delay("d", "1h"))).start()
    state, commands = advance(run.plan, run.state, TimerFired(after("59m")))
    assert state.doing == "rest"
    assert commands == [SetTimer(after("1h"), "d")]


def test_a_manual_entry_has_no_event() -> None:
    from orchestrator.core.events.run_events import Started

    run = Driver(straight(branch("b", yes=prop("x", 1)), delay("d", "1h")))
    run.feed(Started(T0, "run-1", "customer-1"))
    assert run.until("1h").path == ["b", "d", "end"]


def test_the_same_event_twice_is_one_event() -> None:
    goal = {"id": "view", "event": "Viewed", "repeat": True}
    run = Driver(straight(wait("w", "Viewed", where=prop("sku", "x")), goals=[goal])).start().until("1m")
    viewed = run.hear("Viewed", sku="y")
    state = run.state
    run.route(viewed)
    assert run.state == state
