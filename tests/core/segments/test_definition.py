"""What becomes of a customer's membership, and how much of the past it takes to know when it ends."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given

from orchestrator.core.conditions.customer import Customer, Log
from orchestrator.core.conditions.evaluate import evaluate
from orchestrator.core.conditions.leaves.history import History
from orchestrator.core.conditions.leaves.segment import InSegment
from orchestrator.core.conditions.leaves.tag import Tag
from orchestrator.core.conditions.model import Condition, scopes
from orchestrator.core.conditions.tree import Not
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.segments.definition import Definition, Definitions, Standing, keep
from orchestrator.core.segments.document import check_segments_within, read_segment
from orchestrator.core.segments.ready import READY
from tests.strategies.conditions import NOW, conditions, customers

DAY = timedelta(days=1)
LATELY = Definition("lately", 1, 1, History(event="Order Completed", within=30 * DAY))


def ordered(at: datetime) -> Customer:
    return Customer(history=Log([CustomerEvent("m", "Order Completed", at, {})]))


def test_who_comes_in_is_kept_with_when_that_ends() -> None:
    kept = keep(LATELY, ordered(NOW - DAY), None, NOW)
    assert kept == (Standing(True, NOW, NOW + 29 * DAY), "entered", NOW)


def test_who_stays_keeps_since_when() -> None:
    before = Standing(True, NOW - DAY, NOW + DAY)
    kept = keep(LATELY, ordered(NOW), before, NOW)
    assert kept == (Standing(True, NOW - DAY, NOW + 30 * DAY), None, None)


def test_who_is_out_and_whom_time_does_not_bring_in_has_no_row() -> None:
    assert keep(LATELY, Customer(), None, NOW).standing is None
    out_for_good = keep(LATELY, Customer(), Standing(True, NOW - DAY, None), NOW)
    assert (out_for_good.standing, out_for_good.change) == (None, "left")


def test_a_change_by_time_is_dated_to_its_instant_however_late_it_is_seen() -> None:
    before = Standing(True, NOW - 40 * DAY, NOW - 10 * DAY)
    kept = keep(LATELY, ordered(NOW - 40 * DAY), before, NOW)
    assert (kept.change, kept.at) == ("left", NOW - 10 * DAY)
    by_event = keep(LATELY, Customer(), Standing(True, NOW - DAY, NOW + DAY), NOW)
    assert (by_event.change, by_event.at) == ("left", NOW), "before the deadline: it was something else"


def test_what_holds_of_everybody_is_known() -> None:
    nobody = Definition("never", 1, 1, Not(of=History(event="Order Completed")))
    definitions = Definitions((LATELY, nobody, Definition("vip", 1, 1, Tag(tag="vip"))))
    assert definitions.greet(NOW) == [nobody]
    assert [one.key for one in definitions.woken_by("Order Completed")] == ["lately", "never"]
    assert [one.key for one in definitions.woken_by("Customer Updated")] == ["vip"]


def _asks_no_event(condition: Condition) -> bool:
    return "event" not in scopes(condition)


@given(condition=conditions().filter(_asks_no_event), customer=customers())
def test_without_an_event_that_can_end_a_verdict_it_has_no_end(condition: Condition, customer: Customer) -> None:
    """What a build relies on: of whom it reads no history, no deadline is missed."""
    since = Definition("s", 1, 1, condition).deadlines_from(NOW)
    if since is None:
        return
    begins = {name: at.astimezone(UTC) for name, at in since.items()}
    matters = [one for one in customer.history if one.name in begins and one.occurred_at >= begins[one.name]]
    if not matters:
        assert evaluate(condition, customer, NOW).until is None


@pytest.mark.parametrize("key", READY)
def test_a_ready_one_is_a_segment_in_both_languages(key: str) -> None:
    document, problems = read_segment(READY[key].model_dump(mode="json"))
    assert (document, problems) == (READY[key], ())
    assert READY[key].name.keys() == {"en", "ko"}
    assert check_segments_within(key, READY[key].condition, {}) == ()


@pytest.mark.parametrize("asked", ["a", "b", "c"])
def test_a_circle_of_segments_is_refused(asked: str) -> None:
    others = {"a": InSegment(segment="b"), "b": InSegment(segment="c")}
    found = check_segments_within("c", InSegment(segment=asked), others)
    assert [one.code for one in found] == ["segments_in_a_circle"]


def test_only_so_many_stand_upon_each_other() -> None:
    others: dict[str, Condition] = {f"s{n}": InSegment(segment=f"s{n - 1}") for n in range(1, 5)}
    others["s0"] = Tag(tag="x")
    assert check_segments_within("s4", others["s4"], others) == ()
    [found] = check_segments_within("s5", InSegment(segment="s4"), others)
    assert found.code == "segments_too_deep"
