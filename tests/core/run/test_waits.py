"""What ends a wait, for an event or for a condition, rule by rule of docs/semantics.md."""

from orchestrator.core.commands import Commit, Interest, SetTimer
from orchestrator.core.run.state import REMEMBERED
from tests.core.run.driver import (
    BOUGHT,
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
