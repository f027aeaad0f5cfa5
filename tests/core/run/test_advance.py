"""What a run does, rule by rule of docs/semantics.md."""

from datetime import timedelta

import pytest

from orchestrator.core.commands import Commit, FinishRun, Interest, Send, SetTimer
from orchestrator.core.events.run_events import EventReceived, Sent, TimerFired
from orchestrator.core.run.advance import advance
from orchestrator.core.run.state import REMEMBERED, dump_state, load_state
from tests.core.run.driver import (
    T0,
    Driver,
    after,
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

BOUGHT = {"id": "bought", "event": "Order Completed", "reason": "purchased"}
SAME_CART = prop("cart_id", {"ref": "entry.cart_id"})


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


# --- exits and goals act at once -------------------------------------------------------------------------------------


def test_an_exit_event_ends_the_run_in_the_middle_of_a_delay() -> None:
    run = Driver(straight(delay("wait", "1h"), message("remind"), exits=[BOUGHT])).start()
    run.until("20m").hear("Order Completed")

    assert run.trace == ["00:00 entered wait", "00:20 ended wait purchased"]
    assert run.commands[-1] == FinishRun("purchased")
    assert run.until("2h").sends == []


def test_an_exit_event_ends_the_run_in_the_middle_of_a_wait_for_another_event() -> None:
    run = Driver(straight(wait("w", "Viewed"), exits=[BOUGHT])).start().until("1h")
    run.hear("Order Completed")
    assert run.trace[-1] == "01:00 ended w purchased"


def test_an_exit_event_ends_the_run_while_a_message_is_on_its_way() -> None:
    run = Driver(straight(message("remind"), message("again"), exits=[BOUGHT]), slow=True).start()
    run.until("1s").hear("Order Completed")
    assert run.over()

    run.sent()  # comes back too late to matter
    assert [send.step for _, send in run.sends] == ["remind"]
    assert run.trace == ["00:00 entered remind", "00:00:01 ended remind purchased"]


def test_an_exit_event_found_while_asking_ends_the_run_before_the_answer_counts() -> None:
    """Stored after the entry, not yet routed when the first commit begins to listen."""
    run = Driver(straight(branch("b", vip=attribute("vip", True)), message("hello"), exits=[BOUGHT]))
    run.store("Order Completed", at="1m")
    run.start()
    assert run.trace == ["00:00 entered b", "00:00 ended b purchased"]


def test_an_exit_event_from_before_the_entry_is_of_another_time() -> None:
    run = Driver(straight(delay("wait", "3h"), exits=[BOUGHT])).start(at="2h")
    run.hear("Order Completed", at="1h59m59s")
    assert run.state.doing == "rest"
    run.hear("Order Completed", at="2h")
    assert run.state.reason == "purchased"


def test_an_exit_event_must_pass_its_filter_which_may_compare_with_the_entry_event() -> None:
    rule = {"id": "bought", "event": "Order Completed", "where": SAME_CART}
    run = Driver(straight(delay("wait", "1h"), exits=[rule])).start(cart_id="c1").until("1m")
    run.hear("Order Completed", cart_id="c2")
    assert run.state.doing == "rest"
    run.hear("Order Completed", cart_id="c1")
    assert run.state.reason == "bought"


def test_an_exit_condition_ends_the_run_as_soon_as_an_event_makes_it_true() -> None:
    rule = {"id": "three", "when": history("Viewed", value=3, since_entry=True)}
    run = Driver(straight(delay("wait", "1d"), exits=[rule])).start()
    for hour in (1, 2, 3):
        run.until(f"{hour}h").hear("Viewed")
    assert run.trace == ["00:00 entered wait", "03:00 ended wait three"]


def test_an_exit_condition_ends_the_run_at_the_instant_at_which_time_alone_makes_it_true() -> None:
    rule = {"id": "cold", "when": history("Viewed", measure="days_since_last", value=2)}
    run = Driver(straight(delay("wait", "9d"), exits=[rule]))
    run.store("Viewed")
    run.start(at="1h")
    assert run.timer == after("2d")
    run.until("5d")
    assert run.trace[-1] == "48:00 ended wait cold"


def test_an_exit_condition_is_asked_again_before_anything_is_sent() -> None:
    """The very event that moves the run to a message makes the condition true: the message does not go out."""
    rule = {"id": "twice", "when": history("Viewed", value=2, since_entry=True)}
    document = straight(wait("one", "Viewed"), delay("d", "1h"), wait("two", "Viewed"), message("hello"), exits=[rule])
    run = Driver(document).start().until("1m")
    run.hear("Viewed")
    run.until("2h").hear("Viewed")
    assert run.state.reason == "twice"
    assert run.sends == []


def test_an_exit_condition_sees_a_late_event_from_before_the_entry() -> None:
    rule = {"id": "known", "when": history("Order Completed")}
    run = Driver(straight(delay("wait", "1d"), exits=[rule])).start(at="2h")
    run.hear("Order Completed", at="1h")
    assert run.state.reason == "known"


def test_a_goal_is_counted_in_any_step_once() -> None:
    goal = {"id": "order", "event": "Order Completed", "value": {"ref": "event.revenue"}, "currency": "KRW"}
    run = Driver(straight(delay("wait", "1d"), goals=[goal])).start().until("1h")
    run.hear("Order Completed", revenue=12000)
    run.hear("Order Completed", revenue=15000)
    run.until("1d")

    assert [line for line in run.trace if "goal" in line] == ["01:00 goal wait order"]
    reached = next(one for one in run.transitions if one.what == "goal")
    assert reached.note == {"value": 12000, "currency": "KRW", "message_id": "m2"}


def test_a_repeated_goal_is_counted_each_time_but_each_event_once() -> None:
    goal = {"id": "order", "event": "Order Completed", "repeat": True}
    run = Driver(straight(delay("wait", "1d"), goals=[goal])).start().until("1h")
    first = run.hear("Order Completed")
    run.route(first)
    run.until("2h").hear("Order Completed")
    run.until("2d")  # the last look reads both back
    assert [line for line in run.trace if "goal" in line] == ["01:00 goal wait order", "02:00 goal wait order"]
    assert run.state.goals == ("order",)


def test_a_repeated_goal_is_not_counted_twice_for_more_events_than_a_run_remembers() -> None:
    goal = {"id": "view", "event": "Viewed", "repeat": True}
    run = Driver(straight(wait("w", "Bought", window="9d"), goals=[goal])).start()
    for _ in range(REMEMBERED + 100):
        run.now += timedelta(minutes=1)
        run.hear("Viewed")
    run.until("9d")
    assert len([one for one in run.transitions if one.what == "goal"]) == REMEMBERED + 100
    assert len(run.state.seen) == REMEMBERED


def test_the_event_that_ends_a_run_is_counted_as_its_goal_first() -> None:
    goal = {"id": "order", "event": "Order Completed"}
    run = Driver(straight(delay("wait", "1d"), goals=[goal], exits=[BOUGHT])).start().until("1h")
    run.hear("Order Completed")
    assert run.trace[1:] == ["01:00 goal wait order", "01:00 ended wait purchased"]


def test_a_goal_may_end_the_run() -> None:
    goals = [{"id": "order", "event": "Order Completed", "ends": True}, {"id": "any", "event": "Order Completed"}]
    run = Driver(straight(delay("wait", "1d"), goals=goals)).start().until("1h")
    run.hear("Order Completed")
    assert run.trace[1:] == ["01:00 goal wait order", "01:00 goal wait any", "01:00 ended wait goal:order"]


# --- waits for events ------------------------------------------------------------------------------------------------


def two_waits(**second: object) -> dict[str, object]:
    return straight(wait("one", "Viewed"), wait("two", "Viewed", **second))  # type: ignore[arg-type]


def test_an_event_ends_the_wait_and_becomes_the_event_that_later_steps_see() -> None:
    sku = {"id": "tell", "kind": "emit_event", "stage": "intake"}
    told = {**sku, "settings": {"event": "Told", "properties": {"sku": {"ref": "event.sku"}}}}
    run = Driver(straight(wait("w", "Viewed"), told)).start().until("1h")
    viewed = run.hear("Viewed", sku="s-1")

    assert run.trace[:2] == ["00:00 entered w", "01:00 left w happened"]
    assert run.transitions[1].note == {"event": "Viewed", "message_id": viewed.message_id}
    assert run.books[-1].emit[0].properties == {"sku": "s-1"}


def test_the_window_ends_the_wait() -> None:
    run = Driver(straight(wait("w", "Viewed", window="2h"))).start().until("9h")
    assert run.trace[1] == "02:00 left w timeout"


def test_an_event_at_the_deadline_wins_when_it_comes_first() -> None:
    run = Driver(straight(wait("w", "Viewed", window="2h"))).start().at("2h")
    run.hear("Viewed")
    assert run.trace[1] == "02:00 left w happened"


def test_an_event_at_the_deadline_wins_when_only_the_last_look_finds_it() -> None:
    run = Driver(straight(wait("w", "Viewed", window="2h"))).start().at("2h")
    run.store("Viewed")
    run.until("2h")
    assert run.trace[1] == "02:00 left w happened"


def test_an_event_after_the_deadline_is_too_late_even_when_the_timer_is_late_too() -> None:
    run = Driver(straight(wait("w", "Viewed", window="2h"))).start().at("2h")
    run.now = after("2h5s")
    run.hear("Viewed")
    assert run.state.step == "w"
    run.until("2h5s")
    assert run.trace[1] == "02:00:05 left w timeout"


def test_an_exit_at_the_deadline_of_a_delay_is_found_by_the_last_look() -> None:
    run = Driver(straight(delay("wait", "1h"), message("remind"), exits=[BOUGHT])).start().at("1h")
    run.store("Order Completed")
    run.until("3h")
    assert run.trace[-1] == "01:00 ended wait purchased"
    assert run.sends == []


def test_a_delay_without_anything_to_listen_for_needs_no_last_look() -> None:
    run = Driver(straight(delay("wait", "1h"), delay("more", "1h"))).start()
    run.until("1h")
    assert [type(command) for command in run.commands] == [Commit, SetTimer, Commit, SetTimer]


def test_look_back_lets_an_event_from_just_before_the_step_count() -> None:
    run = Driver(straight(delay("d", "1h"), wait("w", "Viewed", look_back="10m"))).start()
    run.store("Viewed", at="49m")
    run.store("Viewed", at="50m", id="in-time")
    run.until("1h")
    assert run.transitions[-3].note == {"event": "Viewed", "message_id": "in-time"}
    assert run.trace[-1] == "01:00 ended end completed"


def test_without_look_back_an_event_before_the_step_does_not_count() -> None:
    run = Driver(straight(delay("d", "1h"), wait("w", "Viewed"))).start()
    run.store("Viewed", at="59m59s")
    run.until("1h")
    assert run.state.step == "w"


def test_an_event_stored_before_the_run_listens_is_read_back() -> None:
    """It occurred while the step before was being left: after what brought the run here, before it was listening."""
    run = Driver(straight(delay("d", "1h"), message("hello"), wait("w", "Viewed")), slow=True).start().until("1h")
    run.now = after("1h2s")
    run.store("Viewed")
    run.now = after("1h4s")
    run.sent()
    assert run.trace[-2:] == ["01:00:04 entered end", "01:00:04 ended end completed"]
    assert Interest("Viewed", after("1h")) in run.books[1].listen


def test_the_entry_event_never_ends_a_wait() -> None:
    run = Driver(straight(wait("w", "Enter", look_back="1h"))).start()
    assert run.state.doing == "rest"
    run.hear("Enter", at="0s", id="m1")  # itself, once more
    assert run.state.doing == "rest"
    run.until("1h").hear("Enter")
    assert run.over()


def test_the_entry_event_is_no_exit_and_no_goal() -> None:
    goal = {"id": "entered", "event": "Enter", "repeat": True}
    rule = {"id": "again", "event": "Enter"}
    run = Driver(straight(delay("d", "1h"), goals=[goal], exits=[rule])).start()
    run.route(next(iter(run.person.log)))
    assert run.trace == ["00:00 entered d"]
    run.until("5m").hear("Enter")
    assert run.trace[1:] == ["00:05 goal d entered", "00:05 ended d again"]


def test_an_event_that_ended_a_wait_never_ends_another() -> None:
    run = Driver(two_waits(look_back="1h")).start().until("30m")
    viewed = run.hear("Viewed")
    assert run.state.step == "two"
    run.route(viewed)
    assert run.state.step == "two"
    run.until("40m").hear("Viewed")
    assert run.trace[-1] == "00:40 ended end completed"


def test_of_two_events_read_back_together_each_ends_one_wait() -> None:
    run = Driver(journey_of_two_waits_and_a_question())
    run.store("Viewed", at="1m")
    run.store("Viewed", at="2m")
    run.start()
    assert run.path == ["one", "two", "vip", "end"]


def journey_of_two_waits_and_a_question() -> dict[str, object]:
    return straight(wait("one", "Viewed"), wait("two", "Viewed"), branch("vip", yes=attribute("vip", True)))


def test_of_branches_that_match_one_event_the_first_wins() -> None:
    ways = [{"port": "dear", "event": "Viewed", "where": prop("price", 100, "gte")}, {"port": "any", "event": "Viewed"}]
    node = step("w", "wait_for_event", branches=ways)
    document = journey(node, leave("a"), leave("b"), edges="entry > w, w:dear > a, w:any > b")
    for price, end in ((100, "a"), (99, "b")):
        run = Driver(document).start().until("1m")
        run.hear("Viewed", price=price)
        assert run.path == ["w", end]


def test_the_earliest_matching_event_wins_over_the_rank_of_its_branch() -> None:
    ways = [{"port": "bought", "event": "Order Completed"}, {"port": "viewed", "event": "Viewed"}]
    node = step("w", "wait_for_event", branches=ways, look_back="1h")
    run = Driver(
        journey(delay("d", "1h"), node, leave("a"), leave("b"), edges="entry > d, d > w, w:bought > a, w:viewed > b")
    )
    run.start().store("Order Completed", at="50m")
    run.store("Viewed", at="40m")
    run.until("1h")
    assert run.path == ["d", "w", "b"]


def test_a_late_event_counts_by_when_it_occurred() -> None:
    run = Driver(straight(delay("d", "1h"), wait("w", "Viewed", window="1h"))).start().until("90m")
    run.hear("Viewed", at="59m")  # before the step
    assert run.state.step == "w"
    run.hear("Viewed", at="61m")
    assert run.state.step == "end"


def test_an_event_that_is_dated_ahead_counts_within_the_window() -> None:
    run = Driver(straight(wait("w", "Viewed", window="1h"), wait("x", "Viewed", window="1h"))).start()
    run.hear("Viewed", at="30m")
    assert (run.state.step, run.state.since) == ("x", T0)


def test_an_event_heard_before_is_still_there_for_a_later_look_back() -> None:
    goal = {"id": "view", "event": "Viewed"}
    run = Driver(straight(delay("d", "1h"), wait("w", "Viewed", look_back="1h"), goals=[goal])).start().until("30m")
    run.hear("Viewed")
    run.until("1h")
    assert run.trace[1:4] == ["00:30 goal d view", "01:00 left d next", "01:00 entered w"]
    assert run.over()


def test_a_loop_with_look_back_takes_each_event_once_and_ends() -> None:
    document = journey(
        delay("d", "1d"),
        wait("w", "Viewed", window="1h", look_back="1d"),
        leave(),
        edges="entry > d, d > w, w:happened > w, w:timeout > end",
    )
    run = Driver(document).start()
    for minute in range(1, REMEMBERED + 51):
        run.store("Viewed", at=f"{minute}m")
    run.until("2d")
    assert run.path.count("w") == REMEMBERED + 51
    assert run.state.reason == "completed"


def test_consumed_events_are_forgotten_once_no_look_back_can_reach_them() -> None:
    document = journey(
        wait("w", "Viewed", window=None, look_back="1h"), edges="entry > w, w:happened > w", exits=[BOUGHT]
    )
    run = Driver(document).start()
    for minute in range(30, 600, 30):
        run.until(f"{minute}m").hear("Viewed")
    assert len(run.state.consumed) == 3


def test_a_wait_without_a_window_sets_no_timer() -> None:
    run = Driver(straight(wait("w", "Viewed", window=None), exits=[BOUGHT])).start()
    assert [type(command) for command in run.commands] == [Commit]


def test_leaving_a_wait_stops_listening_for_it() -> None:
    run = Driver(straight(wait("w", "Viewed"), delay("d", "1h"), exits=[BOUGHT])).start()
    assert list(run.state.listening) == ["Order Completed", "Viewed"]
    run.until("1m").hear("Viewed")
    assert list(run.state.listening) == ["Order Completed"]
    assert run.books[-1].unlisten == ("Viewed",)


# --- waits for conditions --------------------------------------------------------------------------------------------


def test_wait_until_lets_through_at_once_when_true() -> None:
    run = Driver(straight(wait_until("u", attribute("vip", True))))
    run.person.attributes["vip"] = True
    assert run.start().trace[-1] == "00:00 ended end completed"


def test_wait_until_looks_when_an_event_could_have_made_it_true() -> None:
    run = Driver(straight(wait_until("u", history("Viewed", value=2, since_entry=True)))).start()
    run.until("1h").hear("Viewed")
    assert run.state.step == "u"
    run.until("2h").hear("Viewed")
    assert run.trace[1] == "02:00 left u yes"


def test_wait_until_looks_at_the_instant_at_which_time_alone_makes_it_true() -> None:
    run = Driver(straight(wait_until("u", history("Viewed", measure="days_since_last", value=3)))).start()
    run.until("1h").hear("Viewed")
    assert run.timer == after("73h")
    run.until("99h")
    assert run.trace[1] == "73:00 left u yes"


def test_wait_until_rechecks_and_keeps_its_own_deadline() -> None:
    """A window slides out of ``within`` twice before the end of the wait."""
    condition = history("Viewed", within="2h", op="eq", value=7)
    run = Driver(straight(wait_until("u", condition, window="5h"))).start()
    run.until("30m").hear("Viewed")
    run.until("90m").hear("Viewed")
    run.until("9h")
    assert run.trace[1] == "05:00 left u timeout"


def test_wait_until_times_out_only_after_a_look_at_the_deadline() -> None:
    run = Driver(straight(wait_until("u", history("Viewed"), window="2h"))).start().at("2h")
    run.store("Viewed")
    run.until("2h")
    assert run.trace[1] == "02:00 left u yes"


def test_wait_until_looks_for_a_late_event_too() -> None:
    """It occurred before the step began, and was stored after the step had asked."""
    run = Driver(straight(delay("d", "1h"), wait_until("u", history("Viewed")))).start().until("2h")
    assert run.state.step == "u"
    run.hear("Viewed", at="30m")
    assert run.trace[-1] == "02:00 ended end completed"


def test_the_event_that_makes_a_wait_until_true_ends_it_and_never_another() -> None:
    run = Driver(straight(wait_until("u", history("Viewed")), wait("w", "Viewed", look_back="1h"))).start().until("1h")
    viewed = run.hear("Viewed", sku="s")
    assert (run.state.step, run.state.since, run.state.event) == ("w", after("1h"), viewed)
    assert run.state.doing == "rest"
    run.until("90m").hear("Viewed")
    assert run.over()


def test_a_passing_recheck_leaves_no_deadline_behind() -> None:
    """Between rechecks an exit's name is listened for as well: each timer is one look and one question, and no more."""
    condition = history("Viewed", within="1h", value=9)
    run = Driver(straight(wait_until("u", condition, window="1d"), exits=[BOUGHT])).start()
    run.until("10m").hear("Viewed")
    before = len(run.books)
    run.until("70m")
    assert run.state.since <= run.now
    assert len(run.books) - before <= 3
    assert run.timer == after("1d")


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
