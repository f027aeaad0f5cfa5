"""A run that is moved: to another step, or to its own in another version; what it knows it keeps."""

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from orchestrator.core.commands import Commit, Send
from orchestrator.core.events.run_events import Moved, Sent, TimerRule
from orchestrator.core.journey.step_mapping import Place
from orchestrator.core.run.placing import Move, load_move, moved
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
    planned,
    step,
    straight,
    wait,
    wait_until,
)
from tests.core.run.test_properties import Act, Trouble, acts
from tests.examples import examples
from tests.strategies.journeys import journeys, people

FEW = settings(max_examples=examples(20), deadline=None, suppress_health_check=[HealthCheck.too_slow])
LEFT: list[tuple[TimerRule, str]] = [("kept", "240:00"), ("recomputed", "72:00"), ("fired", "48:00")]
"""When a wait of ten days is over whose run is moved to one of three days, on the second."""
ONE = straight(delay("pause", "10d"), message("mail"))
TWO = straight(delay("pause", "4d"), message("mail"), delay("rest", "1d"))


@pytest.mark.parametrize(
    ("timer", "left"),
    [("kept", "240:00"), ("recomputed", "96:00"), ("fired", "48:00"), ("restarted", "144:00")],
)
def test_a_wait_is_kept_or_counted_anew_or_over_or_begun_again(timer: Any, left: str) -> None:
    run = Driver(ONE).start().until("2d").move("pause", timer, TWO).until("20d")
    visit = "pause#2" if timer == "restarted" else "pause"
    assert f"{left} left {visit} next" in run.trace
    assert [send.step for _, send in run.sends] == ["mail"]
    assert "48:00 moved pause pause" in run.trace


def test_a_deadline_that_is_past_by_the_new_settings_counts_at_once() -> None:
    run = Driver(ONE).start().until("5d").move("pause", "recomputed", TWO).until("5d")
    assert "120:00 left pause next" in run.trace


def test_a_move_is_committed_before_anything_is_sent() -> None:
    run = Driver(ONE, slow=True).start().until("1d").move("mail", "restarted", TWO)
    kinds = [type(command) for command in run.commands[-2:]]
    assert kinds == [Commit, Send]
    [line] = [one for one in run.transitions if one.what == "moved"]
    assert line.note == {
        "timer": "restarted",
        "by": "operation-1",
        "from": planned(ONE).hash,
        "plan": planned(TWO).hash,
    }


def test_a_step_that_was_visited_before_is_visited_again() -> None:
    run = Driver(TWO, slow=False).start().until("4d").move("mail", "restarted")
    assert [(send.step, send.occurrence) for _, send in run.sends] == [("mail", 1), ("mail", 2)]


def test_what_is_about_to_be_sent_is_handed_over_again_under_its_own_key() -> None:
    run = Driver(ONE, slow=True).start().until("10d")
    assert run.sending is not None
    run.move("mail", "kept", TWO)
    assert [(send.step, send.occurrence) for _, send in run.sends] == [("mail", 1), ("mail", 1)]


def test_what_is_held_stays_held_or_is_decided_now() -> None:
    cases: list[tuple[TimerRule, str]] = [("kept", "8h"), ("recomputed", "2h"), ("fired", "2h")]
    for timer, expected in cases:
        held = Sent(T0, "held", "legal_night", after("8h"))
        run = Driver(straight(message("mail")), outcomes=[held]).start().until("2h")
        run.move("mail", timer, straight(message("mail"), delay("rest", "1d"))).until("9h")
        assert [at for at, _ in run.sends] == [T0, after(expected)]
        assert {(send.step, send.occurrence) for _, send in run.sends} == {("mail", 1)}


def test_a_step_with_another_id_takes_the_stay_over() -> None:
    renamed = straight(delay("breather", "4d"), message("mail"))
    run = Driver(ONE).start().until("2d").move("breather", "recomputed", renamed).until("20d")
    assert "48:00 entered breather" in run.trace
    assert "96:00 left breather next" in run.trace


def test_a_wait_listens_for_what_the_new_version_waits_for_and_reads_it_back() -> None:
    one, two = straight(wait("order", "Order Completed", "7d")), straight(wait("order", "Product Viewed", "7d"))
    run = Driver(one).start().at("1d")
    run.hear("Product Viewed")
    run.at("2d").move("order", "kept", two)
    assert run.over()
    assert "48:00 left order happened" in run.trace


def test_an_event_ends_no_second_wait_after_a_move() -> None:
    one = straight(wait("first", "Order Completed", "7d"), wait("second", "Order Completed", "7d"))
    run = Driver(one).start().at("1d")
    run.hear("Order Completed")
    run.at("2d").move("first", "restarted")
    assert run.state.step == "first"
    assert run.state.doing == "rest"


def test_exits_of_the_new_version_act_on_what_was_done_since_the_run_began() -> None:
    run = Driver(ONE).start().at("1d")
    run.hear("Order Completed")
    run.at("2d").move("pause", "kept", {**TWO, "exits": [BOUGHT]})
    assert run.state.reason == "purchased"


def test_variables_keep_their_values_and_new_ones_begin_with_those_of_the_version() -> None:
    one, two = {**ONE, "variables": {"limit": 5}}, {**TWO, "variables": {"limit": 9, "colour": "red"}}
    run = Driver(one).start().until("1d").move("pause", "kept", two)
    assert run.state.variables == {"limit": 5, "colour": "red"}


def test_a_condition_is_asked_anew_with_the_deadline_kept_recomputed_or_over() -> None:
    never = history("Never", within="1d")
    one, two = straight(wait_until("ready", never, "10d")), straight(wait_until("ready", never, "3d"))
    for timer, left in LEFT:
        run = Driver(one).start().until("2d").move("ready", timer, two).until("20d")
        assert f"{left} left ready timeout" in run.trace


def test_a_survey_goes_on_waiting_for_the_answer_that_it_asked_for() -> None:
    def asks(window: str) -> dict[str, Any]:
        groups = [{"port": "promoter"}, {"port": "passive"}, {"port": "detractor"}]
        content = {"en": {"subject": "How was it?", "body": "{{ links.survey }}"}}
        asked: dict[str, Any] = {"survey": "nps", "groups": groups, "channel": "email", "content": content}
        return straight(step("ask", "survey", window=window, **asked))

    for timer, left in LEFT:
        run = Driver(asks("10d")).start().until("2d").move("ask", timer, asks("3d")).until("20d")
        assert [send.step for _, send in run.sends] == ["ask"]
        assert f"{left} left ask no_answer" in run.trace


def test_a_move_survives_the_way_through_a_signal() -> None:
    move = Move("operation-1", 2, T0, {"pause": Place("rest", "fired")})
    assert load_move(move.as_json()) == move
    # As an event it would have an id and an instant under these names.
    assert not {"id", "at"} & move.as_json().keys()


def test_of_the_entry_event_a_run_learns_what_the_new_version_looks_at() -> None:
    run = Driver(ONE).start(cart_id="c1").until("1d")
    run.feed(Moved(run.now, run.plan.hash, run.plan.hash, "pause", entry={"order": 7}))
    assert run.state.entry is not None
    assert run.state.entry.properties == {"cart_id": "c1", "order": 7}


def test_where_a_run_stands_decides_what_it_is_told() -> None:
    one, two = planned(ONE), planned(TWO)
    move = Move("operation-1", 2, T0, {"mail": Place("rest", "kept")})
    told = moved(one, two, "mail", move, T0)
    assert told is not None
    assert (told.step, told.timer, told.plan, told.before) == ("rest", "restarted", two.hash, one.hash)
    same = moved(one, two, "pause", move, T0)
    assert same is not None
    assert (same.step, same.timer) == ("pause", "kept")
    other = planned(straight(wait("pause", "Order Completed", where=SAME_CART)))
    assert moved(one, other, "pause", move, T0) is None
    assert moved(one, planned(straight(delay("new", "1d"))), "pause", move, T0) is None
    assert moved(one, one, "pause", move, T0) is None
    gone = moved(one, two, "unknown", Move("operation-1", 2, T0, {"unknown": Place("rest")}), T0)
    assert gone is not None
    assert gone.timer == "restarted"


@FEW
@given(journeys(), people(), st.lists(acts(), max_size=8))
def test_moving_to_where_one_is_changes_nothing_that_follows(
    document: dict[str, Any], person: Any, story: list[Act]
) -> None:
    """The identical plan, each step to itself, its timer kept, again and again; events reach the run when stored."""
    story = [act for act in story if act.what != "store"]
    plain, other = (Trouble(document, slow=True, person=copy.deepcopy(person)) for _ in range(2))
    for run in (plain, other):
        run.begin()
    for n, act in enumerate(story):
        if other.state.doing == "rest":
            event("moved")
            other.move(other.state.step)
        plain.go(act, n)
        other.go(act, n)
    assert [one[1:] for one in plain.whole()] == [one[1:] for one in other.whole() if one.what != "moved"]
    assert plain.sends == other.sends
    assert plain.timer == other.timer
    assert plain.state.listening == other.state.listening


@FEW
@given(journeys(), journeys(), people(), st.lists(acts(), max_size=8), st.data())
def test_no_run_sticks_wherever_it_is_moved(
    document: dict[str, Any], following: dict[str, Any], person: Any, story: list[Act], data: st.DataObject
) -> None:
    """Into any step of any other version, by any rule that its kind allows: it awaits what can come, or is over."""
    run = Trouble(document, slow=True, person=person)
    run.begin()
    for n, act in enumerate(story):
        run.go(act, n)
        if n == len(story) // 2 and not run.over():
            before, there = run.plan, planned(following)
            to = data.draw(st.sampled_from(sorted(there.steps)))
            rule: Any = data.draw(st.sampled_from(["kept", "recomputed", "fired", "restarted"]))
            told = moved(
                before, there, run.state.step, Move("o", 2, run.now, {run.state.step: Place(to, rule)}), run.now
            )
            assert told is not None
            run.move(told.step, told.timer, following)
        state = run.state
        assert not state.committing
        assert state.doing in ("rest", "send", "over")
        if state.doing == "rest":
            assert run.timer is not None or state.listening
            assert run.plan.steps[state.step].holds_runs
        elif state.doing == "send":
            assert run.sending is not None
            assert run.plan.steps[state.step].HANDS_OVER


def test_a_branch_is_passed_by_who_is_moved_to_it() -> None:
    two = journey(
        branch("loyal", yes=history("Order Completed")),
        delay("pause", "1d"),
        leave(),
        edges="entry > loyal, loyal:yes > end, loyal:otherwise > pause, pause > end",
    )
    run = Driver(ONE).start().until("1d").move("loyal", "restarted", two)
    assert run.state.step == "pause"
