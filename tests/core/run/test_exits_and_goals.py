"""What ends a run or is counted in whatever step it is, rule by rule of docs/semantics.md."""

from datetime import timedelta

from orchestrator.core.commands import FinishRun
from orchestrator.core.run.state import REMEMBERED
from tests.core.run.driver import (
    BOUGHT,
    SAME_CART,
    Driver,
    after,
    attribute,
    branch,
    delay,
    history,
    message,
    straight,
    wait,
)


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
