"""The examples compile without a word of complaint, and do what docs/examples.md says they do."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.run_events import Sent
from orchestrator.core.journey.plan import Plan, compile_journey
from orchestrator.core.journey.vocabulary import Vocabulary
from orchestrator.core.run.routing import Routes
from orchestrator.core.simulation.simulator import Person, SimulationResult, walk
from orchestrator.core.steps.message import Message, MessageSettings

EXAMPLES = Path(__file__).parent.parent / "examples"
JOURNEYS = ("lifecycle", "cart-recovery", "birthday")
START = datetime(2026, 1, 5, 1, tzinfo=UTC)
"""Ten in the morning in Seoul."""

CART = frozenset({"cart_id", "product_id", "name", "category", "price", "quantity"})
ORDER = frozenset({"order_id", "cart_id", "revenue", "currency", "category", "products"})
VOCABULARY = Vocabulary(
    events={
        "Signed Up": frozenset({"method"}),
        "Product Viewed": frozenset({"product_id", "name", "category", "price"}),
        "Product Added": CART,
        "Cart Updated": CART,
        "Cart Viewed": frozenset({"cart_id"}),
        "Checkout Started": frozenset({"cart_id", "revenue"}),
        "Order Completed": ORDER,
    },
    attributes=frozenset({"birthday", "open_complaint"}),
    journeys=frozenset(JOURNEYS),
)


def document(key: str) -> dict[str, Any]:
    loaded = yaml.safe_load((EXAMPLES / f"{key}.yaml").read_text())
    assert isinstance(loaded, dict)
    return loaded


def plan(key: str) -> Plan:
    compiled = compile_journey(document(key), VOCABULARY).plan
    assert compiled is not None
    return compiled


def always_sent(person: Person, settings: MessageSettings, now: datetime) -> tuple[Sent, str]:
    return Sent(now, "sent"), settings.channel


def lived(
    *events: tuple[float, str] | tuple[float, str, dict[str, Any]], days: float = 400, **person: Any
) -> SimulationResult:
    """What becomes of a customer to whom these events happen, so many days after the start."""
    customer_events = [
        CustomerEvent(f"m{n:03d}", event[1], START + timedelta(days=event[0]), event[2] if len(event) > 2 else {})
        for n, event in enumerate(events)
    ]
    routes = Routes(tuple(plan(key) for key in JOURNEYS))
    return walk(routes, Person("customer", **person), customer_events, START + timedelta(days=days), always_sent)


def sends(passage: SimulationResult, journey: str = "lifecycle") -> list[str]:
    """The steps of the messages that went out, in order."""
    return [send.step for send in passage.sends if send.journey == journey and send.outcome == "sent"]


def cart(day: float, name: str, cart_id: str = "c1", **more: Any) -> tuple[float, str, dict[str, Any]]:
    return day, name, {"cart_id": cart_id, **more}


def orders(days: Iterable[float]) -> list[tuple[float, str, dict[str, Any]]]:
    return [(day, "Order Completed", {"order_id": f"o{day}", "revenue": 30_000, "category": "차"}) for day in days]


@pytest.mark.parametrize("key", JOURNEYS)
def test_compiles_without_errors_or_warnings(key: str) -> None:
    assert compile_journey(document(key), VOCABULARY).problems == ()


@pytest.mark.parametrize("key", JOURNEYS)
def test_speaks_both_languages(key: str) -> None:
    journey = plan(key).journey
    assert set(journey.name) == {"ko", "en"}
    assert set(journey.description) == {"ko", "en"}
    for step in journey.steps:
        assert set(step.label) == {"ko", "en"}, step.id
        if isinstance(step, Message):
            assert set(step.settings.content) == {"ko", "en"}, step.id
            assert all(content.subject for content in step.settings.content.values()), step.id


def test_the_lifecycle_has_all_four_stages() -> None:
    assert {step.stage for step in plan("lifecycle").journey.steps} == {
        "intake",
        "adaptation",
        "retention",
        "churn_signal",
    }


def test_a_buyer_never_gets_the_nudge() -> None:
    passage = lived((0, "Signed Up"), *orders([2]), days=20)
    assert sends(passage) == ["welcome", "thanks", "survey", "related"]
    assert passage.person.attributes["last_category"] == "차"


def test_a_guest_who_bought_and_then_signed_up_is_thanked_not_nudged() -> None:
    passage = lived(*orders([0]), (0.01, "Signed Up"), days=9)
    assert sends(passage)[:2] == ["welcome", "thanks"]


def test_somebody_who_signed_up_and_bought_nothing_is_nudged_asked_and_let_go() -> None:
    passage = lived((0, "Signed Up"))
    assert [step for step in sends(passage) if step != "benefit"] == ["welcome", "nudge", "ask-why", "win-back"]
    assert [run.state.reason for run in passage.runs if run.journey == "lifecycle"] == ["dormant"]
    assert passage.person.stage == "churn_signal"


def test_somebody_who_still_looks_around_is_not_asked_why() -> None:
    passage = lived((0, "Signed Up"), (30, "Product Viewed"), (36, "Product Viewed"), days=45)
    assert "ask-why" not in sends(passage)


def test_no_survey_while_a_complaint_is_open() -> None:
    passage = lived((0, "Signed Up"), *orders([1]), days=20, attributes={"open_complaint": True})
    assert "survey" not in sends(passage)


def test_the_repurchase_reminder_comes_at_the_customers_own_interval() -> None:
    passage = lived((0, "Signed Up"), *orders([1, 3, 21, 41]), days=62)
    reminders = [send.at for send in passage.sends if send.step == "repurchase"]
    mean = timedelta(days=40) / 3
    assert reminders[-1] == START + timedelta(days=41) + mean
    assert passage.person.stage == "churn_signal" or "ask-why" not in sends(passage)


def test_a_silent_buyer_is_asked_won_back_and_returns_to_retention() -> None:
    passage = lived((0, "Signed Up"), *orders([1, 15, 29, 75]), days=79)
    lifecycle = sends(passage)
    assert lifecycle[-4:] == ["repurchase", "ask-why", "win-back", "welcome-back"]
    assert passage.person.stage == "retention"
    asked = next(send.at for send in passage.sends if send.step == "ask-why")
    assert asked == START + timedelta(days=29 + 14 * 1.5)  # half as long again as their own interval


def test_a_first_order_after_the_win_back_is_a_first_order() -> None:
    passage = lived((0, "Signed Up"), *orders([60]), days=62)
    assert sends(passage)[-1] == "thanks"
    assert passage.person.stage == "adaptation"


def test_the_fifth_order_makes_a_vip_once() -> None:
    passage = lived((0, "Signed Up"), *orders(range(1, 120, 10)), days=125)
    assert sends(passage).count("vip") == 1
    assert passage.person.attributes["tier"] == "vip"


def test_every_order_counts_as_a_conversion() -> None:
    passage = lived((0, "Signed Up"), *orders([2, 30]), days=40)
    reached = [t.port for run in passage.runs for t in run.transitions if t.what == "goal"]
    assert sorted(reached) == ["first-order", "order", "order"]


def test_birthdays_come_every_year() -> None:
    passage = lived((0, "Signed Up"), days=800, attributes={"birthday": "1990-03-01"})
    greeted = [send.at for send in passage.sends if send.step == "greeting"]
    assert greeted == [datetime(year, 3, 1, 1, tzinfo=UTC) for year in (2026, 2027, 2028)]


def test_without_a_birthday_nobody_waits_for_one() -> None:
    passage = lived((0, "Signed Up"), days=30)
    assert [entered.admission.reason for entered in passage.entries if entered.journey == "birthday"] == ["filter"]


def test_a_purchase_ends_cart_recovery_at_once_without_a_reminder() -> None:
    passage = lived(cart(0, "Product Added"), cart(0.02, "Order Completed", revenue=12_000))
    (run,) = [run for run in passage.runs if run.journey == "cart-recovery"]
    assert run.state.reason == "goal:recovered"
    assert run.transitions[-1].at == START + timedelta(days=0.02)
    goals = [transition.note for transition in run.transitions if transition.what == "goal"]
    assert [(goal["value"], goal["currency"]) for goal in goals] == [(12_000, "KRW")]
    assert sends(passage, "cart-recovery") == []


def test_another_cart_bought_means_no_reminder_either() -> None:
    passage = lived(cart(0, "Product Added"), cart(0.02, "Order Completed", "c2"))
    assert [run.state.reason for run in passage.runs] == ["ordered_elsewhere"]
    assert sends(passage, "cart-recovery") == []


def test_a_cart_left_alone_is_recalled_twice_an_hour_after_the_last_product() -> None:
    passage = lived(cart(0, "Product Added"), cart(0.03, "Product Added"), cart(0.031, "Cart Viewed"))
    assert sends(passage, "cart-recovery") == ["reminder", "last-reminder"]
    assert passage.sends[0].at == START + timedelta(days=0.03, hours=1)
    assert [run.state.reason for run in passage.runs] == ["abandoned"]


def test_an_interrupted_checkout_gets_help_instead_of_a_second_reminder() -> None:
    passage = lived(cart(0, "Product Added"), cart(0.04, "Checkout Started"))  # before the reminder: looked back to
    assert sends(passage, "cart-recovery") == ["reminder", "trouble"]


def test_each_cart_is_a_run_of_its_own() -> None:
    passage = lived(cart(0, "Product Added", "c1"), cart(0.01, "Product Added", "c2"), days=1)
    assert sorted(run.key for run in passage.runs) == ["c1", "c2"]


def test_a_cart_and_a_birthday_leave_the_stage_alone() -> None:
    passage = lived((0, "Signed Up"), cart(0.1, "Product Added"), days=1, attributes={"birthday": "1990-01-06"})
    assert sends(passage, "birthday") == ["greeting"]
    assert passage.person.stage == "intake"


def test_the_clickstream_map_names_events_that_the_journeys_know() -> None:
    names = set(document("clickstream.map")["events"].values()) | {document("clickstream.map")["first_event"]}
    awaited = {name for name in VOCABULARY.events if name != "Cart Updated"}
    assert awaited <= names
