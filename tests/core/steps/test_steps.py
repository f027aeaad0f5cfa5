"""Each kind of step: its ports, what it says of itself in both languages, and what it wants when a run gets there."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from orchestrator.core.commands import Change, Fact
from orchestrator.core.conditions.customer import Customer
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.run_events import Committed, EventReceived, Sent, TimerFired
from orchestrator.core.facts import fact
from orchestrator.core.labels import schema_of
from orchestrator.core.steps import KINDS, Step
from orchestrator.core.steps.contract import Deliver, ExitPort, Finish, Jump, Outcome, Request, StepContext, Wait
from tests.core.run.driver import T0, Driver, after, attribute, delay, history, prop, step, straight

ENTRY = CustomerEvent("m1", "Enter", T0, {"cart_id": "c1", "total": 12000})


def made(kind: str, **settings: Any) -> Step:
    return KINDS[kind].model_validate(step("s", kind, **settings))


def moment(now: datetime = T0, **more: Any) -> StepContext:
    """What a step sees; ``since`` is now."""
    given: dict[str, Any] = {
        "step": "s",
        "occurrence": 1,
        "now": now,
        "since": now,
        "run_id": "run-1",
        "customer_id": "customer-1",
        "began": T0,
        "entry": ENTRY,
        "event": None,
        "variables": {"limit": 3},
        "memo": {},
    }
    return StepContext(**{**given, **more})


EXPERIMENT = {
    "experiment": "colour",
    "variants": [{"port": "red", "weight": 80}, {"port": "plain", "weight": 20, "control": True}],
}
WAYS = [{"port": "vip", "when": attribute("vip", True), "label": {"ko": "단골"}}]
AWAITED = [{"port": "bought", "event": "Order Completed"}, {"port": "seen", "event": "Viewed", "label": "Looked"}]
TEXT = {"ko": {"body": "안녕하세요"}}


@pytest.mark.parametrize(
    ("kind", "settings", "ports", "en", "ko"),
    [
        ("message", {"channel": "push", "content": TEXT}, "next not_sent?", "App push, advertising", "앱 푸시, 광고성"),
        (
            *("message", {"channel": "email", "class": "informational", "content": TEXT}, "next not_sent?"),
            *("E-mail, informational", "이메일, 정보성"),
        ),
        ("delay", {"mode": "duration", "duration": "26h"}, "next", "Wait 1 day 2 hours", "1일 2시간 대기"),
        ("delay", {"mode": "time_of_day", "at": "10:00"}, "next", "Wait until 10:00", "10:00까지 대기"),
        (
            *("delay", {"mode": "time_of_day", "at": "09:30", "weekdays": ["mon", "fri"]}, "next"),
            *("Wait until Monday, Friday 09:30", "월·금 09:30까지 대기"),
        ),
        (
            "delay",
            {"mode": "date", "date": "2026-03-01"},
            "next",
            "Wait until 2026-03-01 10:00",
            "2026-03-01 10:00까지 대기",
        ),
        (
            *("delay", {"mode": "attribute", "attribute": "renewal", "offset_days": -7}, "next missing?"),
            *("Wait until 7 days before renewal", "renewal 7일 전까지 대기"),
        ),
        (
            *("delay", {"mode": "best_hour"}, "next"),
            *("Wait until the customer's best hour", "고객이 가장 활발한 시간까지 대기"),
        ),
        (
            *("delay", {"mode": "own_interval", "event": "Order Completed", "factor": 1.5}, "next"),
            "Wait 1.5 × the customer's own interval of Order Completed",
            "고객 본인의 Order Completed 주기 1.5 × 만큼 대기",
        ),
        (
            *("wait_for_event", {"branches": AWAITED, "window": "3d"}, "bought seen timeout"),
            *("Wait for Order Completed / Viewed, up to 3 days", "Order Completed / Viewed 최대 3일 대기"),
        ),
        (
            *("wait_for_event", {"branches": AWAITED}, "bought seen"),
            *("Wait for Order Completed / Viewed", "Order Completed / Viewed 대기"),
        ),
        (
            *("wait_until", {"condition": attribute("vip", True), "window": "1h"}, "yes timeout"),
            *("Wait until vip is true, up to 1 hour", "vip = 참 만족까지 최대 1시간 대기"),
        ),
        (
            "wait_until",
            {"condition": attribute("vip", True)},
            "yes",
            "Wait until vip is true",
            "vip = 참 만족까지 대기",
        ),
        ("branch", {"branches": WAYS}, "vip otherwise", "단골", "단골"),
        ("experiment", EXPERIMENT, "red plain", "red 80% / plain 20%", "red 80% / plain 20%"),
        ("update_customer", {"changes": [{"name": "vip", "value": True}]}, "next", "Set vip", "vip 값 변경"),
        ("emit_event", {"event": "Told"}, "next", "Told", "Told"),
        ("start_journey", {"journey": "birthday"}, "next", "birthday", "birthday"),
        ("go_to", {"target": "wait"}, "", "Go to “wait”", "‘wait’ 단계로 이동"),
        ("goal", {"goal": "order"}, "next", "order", "order"),
        ("goal", {"goal": "order", "ends": True}, "", "order", "order"),
        ("exit", {"reason": "dormant"}, "", "dormant", "dormant"),
    ],
)
def test_ports_and_summary(kind: str, settings: dict[str, Any], ports: str, en: str, ko: str) -> None:
    node = made(kind, **settings)
    assert " ".join(port.name + ("" if port.required else "?") for port in node.ports()) == ports
    assert (node.summary().to("en"), node.summary().to("ko")) == (en, ko)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_named_in_both_languages(kind: str) -> None:
    node = KINDS[kind]
    assert node.model_fields["kind"].default == kind
    assert node.TITLE.to("en") != node.TITLE.to("ko")
    assert node.MEANING.to("en") != node.MEANING.to("ko")
    assert node.FAMILY in ("action", "wait", "decision", "measure", "end")
    assert node.ICON


# --- delays ----------------------------------------------------------------------------------------------------------


def rests(node: Step, now: datetime, *facts: Any) -> Outcome | None:
    """What a delay does, once the store has told what it asks."""
    outcome = node.enter(moment(now))
    if isinstance(outcome, Request):
        outcome = node.resume(moment(now), Committed(now, facts=facts)) or outcome
    return outcome


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("settings", "now", "facts", "until"),
    [
        ({"mode": "duration", "duration": "90m"}, "2026-03-29T00:30", (), "2026-03-29T02:00"),  # a span is a span
        ({"mode": "time_of_day", "at": "10:00"}, "2026-01-01T00:00", ("Asia/Seoul",), "2026-01-01T01:00"),
        ({"mode": "time_of_day", "at": "10:00"}, "2026-01-01T00:00", ("America/New_York",), "2026-01-01T15:00"),
        ({"mode": "time_of_day", "at": "10:00"}, "2026-01-01T00:00", ("Nowhere/Land",), "2026-01-01T01:00"),
        ({"mode": "time_of_day", "at": "02:30"}, "2026-03-28T20:00", ("Europe/Berlin",), "2026-03-29T01:00"),
        ({"mode": "time_of_day", "at": "02:30"}, "2026-10-24T20:00", ("Europe/Berlin",), "2026-10-25T00:30"),
        (
            {"mode": "time_of_day", "at": "10:00", "weekdays": ["mon"]},
            *("2026-01-01T00:00", ("Asia/Seoul",), "2026-01-05T01:00"),
        ),
        ({"mode": "date", "date": "2026-03-01"}, "2026-01-01T00:00", ("Asia/Seoul",), "2026-03-01T01:00"),
        ({"mode": "date", "date": "2026-03-01", "at": "00:00"}, "2026-01-01T00:00", ("UTC",), "2026-03-01T00:00"),
        (
            {"mode": "attribute", "attribute": "renewal", "offset_days": -7},
            *("2026-01-01T00:00", ("UTC", "2026-02-10T17:00:00Z"), "2026-02-03T10:00"),
        ),
        (
            {"mode": "attribute", "attribute": "birthday", "yearly": True},
            *("2026-01-01T00:00", ("UTC", "2000-02-29"), "2026-02-28T10:00"),
        ),
        (
            {"mode": "attribute", "attribute": "birthday", "yearly": True},
            *("2027-03-01T00:00", ("UTC", "2000-02-29"), "2028-02-29T10:00"),
        ),
        ({"mode": "best_hour"}, "2026-01-01T00:00", ("Asia/Seoul", 20), "2026-01-01T11:00"),
        ({"mode": "best_hour", "otherwise": "12:00"}, "2026-01-01T00:00", ("Asia/Seoul", None), "2026-01-01T03:00"),
        (
            {"mode": "own_interval", "event": "E"},
            "2026-01-01T00:00",
            (["2025-12-25T00:00+00:00", 30],),
            "2026-01-24T00:00",
        ),
        (
            {"mode": "own_interval", "event": "E", "factor": 0.5},
            *("2026-01-01T00:00", (["2025-12-25T00:00+00:00", 30],), "2026-01-09T00:00"),
        ),
        (
            {"mode": "own_interval", "event": "E"},
            "2026-01-01T00:00",
            (["2025-01-01T00:00+00:00", 3],),
            "2026-01-02T00:00",
        ),
        ({"mode": "own_interval", "event": "E", "otherwise": "5d"}, "2026-01-01T00:00", (None,), "2026-01-06T00:00"),
    ],
)
def test_a_delay_rests_until(settings: dict[str, Any], now: str, facts: tuple[Any, ...], until: str) -> None:
    assert rests(made("delay", **settings), utc(now), *facts) == Wait(utc(until))


@pytest.mark.parametrize(
    ("settings", "facts"),
    [
        ({"mode": "duration", "duration": "0s"}, ()),
        ({"mode": "date", "date": "2025-12-31"}, ("UTC",)),
        ({"mode": "attribute", "attribute": "renewal"}, ("UTC", "2025-06-01")),
    ],
)
def test_a_delay_until_what_has_passed_is_over_at_once(settings: dict[str, Any], facts: tuple[Any, ...]) -> None:
    assert rests(made("delay", **settings), T0, *facts) == ExitPort()


@pytest.mark.parametrize("value", [None, "", "soon", "2026-13-01", 3, True, {"a": 1}, "0001-01-01", "9999-12-31"])
def test_a_date_that_cannot_be_read_or_reached_is_missing(value: Any) -> None:
    node = made("delay", mode="attribute", attribute="renewal", offset_days=-1 if str(value).startswith("0001") else 1)
    assert rests(node, T0, "Asia/Seoul", value) == ExitPort("missing", {"attribute": "renewal"})


@pytest.mark.parametrize(
    ("settings", "asked"),
    [
        ({"mode": "time_of_day", "at": "10:00"}, (Fact("zone"),)),
        ({"mode": "date", "date": "2026-01-01"}, (Fact("zone"),)),
        ({"mode": "attribute", "attribute": "a.b"}, (Fact("zone"), Fact("attribute", "a.b"))),
        ({"mode": "best_hour"}, (Fact("zone"), Fact("best_hour"))),
        ({"mode": "own_interval", "event": "E"}, (Fact("own_interval", "E"),)),
    ],
)
def test_a_delay_asks_for_no_more_than_it_needs(settings: dict[str, Any], asked: tuple[Fact, ...]) -> None:
    assert made("delay", **settings).enter(moment()) == Request(facts=asked)


def test_jitter_spreads_customers_and_is_always_the_same_for_each() -> None:
    node = made("delay", mode="duration", duration="1h", jitter="30m")
    found = []
    for n in range(200):
        outcomes = [node.enter(moment(run_id=f"run-{n}")) for _ in range(2)]
        assert outcomes[0] == outcomes[1]
        assert isinstance(outcomes[0], Wait)
        assert outcomes[0].until is not None
        found.append(outcomes[0].until - after("1h"))
    assert timedelta(0) <= min(found) < timedelta(minutes=3)
    assert timedelta(minutes=27) < max(found) < timedelta(minutes=30)


def test_the_deadline_of_a_delay_is_computed_once() -> None:
    """The customer's date changes while they wait: the deadline stands."""
    run = Driver(straight(step("d", "delay", mode="attribute", attribute="renewal")))
    run.person.attributes["renewal"] = "2026-01-03"
    run.start()
    run.person.attributes["renewal"] = "2026-01-09"
    run.until("9d")
    assert run.trace[1] == "49:00 left d next"  # ten o'clock in Seoul


# --- the others ------------------------------------------------------------------------------------------------------


def test_a_message_is_delivered_and_its_result_decides_the_port() -> None:
    node = made("message", channel="email", content=TEXT)
    assert node.enter(moment()) == Deliver()
    assert node.resume(moment(), Sent(T0, "sent")) == ExitPort("next", {"outcome": "sent"})
    assert node.resume(moment(), Sent(T0, "skipped", "no_consent")) == ExitPort(
        "not_sent", {"outcome": "skipped", "reason": "no_consent"}
    )
    held = Sent(T0, "held", "legal_night", after("8h"))
    assert node.resume(moment(), held) == Wait(after("8h"), memo={"held": "legal_night"})
    assert node.resume(moment(), TimerFired(after("8h"))) == Deliver()


def test_a_wait_for_an_event_reads_back_from_what_brought_the_run_here() -> None:
    node = made("wait_for_event", branches=AWAITED, window="1h", look_back="10m")
    here = moment(after("2h"), since=after("1h"))
    assert node.enter(here) == Wait(after("3h"), ("Order Completed", "Viewed"), after("50m"))


def test_a_wait_for_an_event_declines_what_does_not_match() -> None:
    where = prop("cart_id", {"ref": "entry.cart_id"})
    node = made("wait_for_event", branches=[{"port": "same", "event": "Bought", "where": where}], window="1h")
    other, same = (CustomerEvent(f"m-{cart}", "Bought", T0, {"cart_id": cart}) for cart in ("c2", "c1"))
    assert node.resume(moment(), EventReceived(T0, other)) is None
    assert node.resume(moment(), EventReceived(T0, same)) == ExitPort("same", {"event": "Bought", "message_id": "m-c1"})
    assert node.resume(moment(), TimerFired(T0)) == ExitPort("timeout")


def test_a_branch_on_the_entry_event_is_decided_on_the_spot() -> None:
    ways = [
        {"port": "large", "when": prop("total", 50000, "gte")},
        {"port": "some", "when": prop("total", {"ref": "var.limit"}, "gte")},
    ]
    assert made("branch", branches=ways).enter(moment()) == ExitPort("some")
    assert made("branch", branches=ways).enter(moment(entry=None)) == ExitPort("otherwise")


def test_a_branch_on_the_customer_asks_all_its_conditions_at_once() -> None:
    ways = [{"port": "a", "when": attribute("x", {"ref": "entry.cart_id"})}, {"port": "b", "when": history("Viewed")}]
    node = made("branch", branches=ways)
    asked = node.enter(moment())
    assert isinstance(asked, Request)
    assert getattr(asked.ask[0], "value", None) == "c1"
    assert node.resume(moment(), Committed(T0, truths=(False, True))) == ExitPort("b")
    assert node.resume(moment(), Committed(T0, truths=(True, True))) == ExitPort("a")
    assert node.resume(moment(), Committed(T0, truths=(False, False))) == ExitPort("otherwise")


def test_an_experiment_keeps_a_customer_in_one_arm_wherever_it_stands() -> None:
    node = made("experiment", **EXPERIMENT)
    first, again = node.enter(moment()), node.enter(moment(run_id="run-2", step="other", occurrence=7))
    assert isinstance(first, Request)
    assert isinstance(again, Request)
    [one], [other] = first.facts, again.facts
    assert one.id != other.id
    assert (one.kind, one.name) == ("exposure", "colour")
    assert one.options == {**other.options, "step": "s"}
    assert one.options["weights"] == {"red": 80, "plain": 20}
    drawn = fact(one, Customer(), T0)
    assert drawn == one.options["arm"]
    # What stands in the store is what counts.
    for arm in ("red", "plain"):
        answer = Committed(T0, facts=(arm,))
        assert node.resume(moment(), answer) == ExitPort(arm, {"experiment": "colour", "variant": arm})
    assert node.resume(moment(), EventReceived(T0, CustomerEvent("m", "Viewed", T0))) is None
    # A run from before there was such a record goes by the hash, and asks nothing.
    assert node.enter(moment(exposes=False)) == ExitPort(drawn, {"experiment": "colour", "variant": drawn})


def test_changes_have_ids_of_their_own_and_look_values_up() -> None:
    changes = [
        {"name": "last_cart", "value": {"ref": "entry.cart_id"}},
        {"op": "increment", "name": "orders"},
        {"op": "add_tag", "name": "buyer"},
    ]
    node = made("update_customer", changes=changes)
    outcome, later = node.enter(moment()), node.enter(moment(occurrence=2))
    assert isinstance(outcome, ExitPort)
    assert isinstance(later, ExitPort)
    assert [(c.op, c.name, c.value) for c in outcome.changes] == [
        ("set", "last_cart", "c1"),
        ("increment", "orders", None),
        ("add_tag", "buyer", None),
    ]
    ids = [change.id for change in (*outcome.changes, *later.changes)]
    assert len(set(ids)) == 6
    assert node.enter(moment()) == outcome
    assert isinstance(outcome.changes[0], Change)


def test_an_emitted_event_carries_what_its_references_find() -> None:
    node = made("emit_event", event="Told", properties={"cart": {"ref": "entry.cart_id"}, "none": {"ref": "event.x"}})
    outcome = node.enter(moment(after("1h")))
    assert isinstance(outcome, ExitPort)
    told = outcome.emit[0]
    assert (told.name, told.occurred_at, told.properties) == ("Told", after("1h"), {"cart": "c1", "none": None})
    assert isinstance(again := node.enter(moment(after("2h"))), ExitPort)
    assert again.emit[0].message_id == told.message_id  # the same visit, told twice


def test_starting_a_journey_is_a_request_in_the_customers_log() -> None:
    node = made("start_journey", journey="birthday", properties={"journey": "not this", "limit": {"ref": "var.limit"}})
    outcome = node.enter(moment())
    assert isinstance(outcome, ExitPort)
    assert outcome.emit[0].name == "Journey Requested"
    assert outcome.emit[0].properties == {"journey": "birthday", "limit": 3}


def test_goals_exits_and_jumps() -> None:
    worth = {"goal": "order", "value": {"ref": "entry.total"}, "currency": "KRW"}
    reached = {"goal": "order", "value": 12000, "currency": "KRW"}
    assert made("goal", **worth).enter(moment()) == ExitPort(goal=reached)
    assert made("goal", **worth, ends=True).enter(moment()) == Finish("goal:order", goal=reached)
    assert made("exit", reason="dormant").enter(moment()) == Finish("dormant")
    assert made("go_to", target="d").enter(moment()) == Jump("d")


def test_a_step_that_asked_for_nothing_is_told_nothing() -> None:
    with pytest.raises(AssertionError, match="s did not ask for TimerFired"):
        made("exit").resume(moment(), TimerFired(T0))


def test_a_duration_of_more_than_a_hundred_years_is_no_duration() -> None:
    with pytest.raises(ValueError, match="less than or equal"):
        KINDS["delay"].model_validate(delay("d", "40000d"))


def test_ways_out_that_nobody_named_are_numbered_and_never_called_by_the_id_they_were_made_with() -> None:
    made = {
        "wait_for_event": {"branches": [{"port": "happened", "event": ""}, {"port": "event-2", "event": ""}]},
        "branch": {"branches": [{"port": "yes"}, {"port": "path-2"}]},
        "experiment": {"variants": [{"port": "variant"}, {"port": "variant-2"}]},
        "survey": {"groups": [{"port": "group"}, {"port": "group-2"}]},
    }
    for kind, settings in made.items():
        names = [port.label.to("ko") for port in KINDS[kind].rough_ports(settings)]
        assert names[:2] == ["경로 1", "경로 2"], kind
    chosen = KINDS["survey"].rough_ports({"groups": [{"port": "will-buy-again"}]})
    assert chosen[0].label.to("ko") == "will buy again"


def test_a_list_of_ways_out_begins_a_new_one_with_the_name_that_its_kind_knows() -> None:
    for kind in KINDS.values():
        if kind.PORT_LIST:
            settings = kind.model_fields["settings"].annotation
            assert isinstance(settings, type)
            schema = schema_of(settings)
            assert schema["properties"][kind.PORT_LIST]["x-new"]["port"] == kind.NEW_PORT
