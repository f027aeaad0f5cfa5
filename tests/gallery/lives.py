"""Customers of the gallery's journeys: what happens to them, and what becomes of them, by the simulator."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from orchestrator.core.coupons.pool import VirtualPools
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.run_events import Sent
from orchestrator.core.journey.vocabulary import Vocabulary
from orchestrator.core.run.routing import Routes
from orchestrator.core.simulation.simulator import Person, SimulationResult, walk
from orchestrator.core.steps.message import MessageSettings
from orchestrator.journey_gallery import ORDER, find_template, templates
from orchestrator.journey_gallery.pools import POOLS

START = datetime(2026, 1, 5, 1, tzinfo=UTC)
"""Monday, ten in the morning in Seoul."""
ORDER_SAYS = frozenset({"order_id", "cart_id", "revenue", "currency", "category", "name"})
SURVEY = frozenset({"survey", "answer", "score"})
VOCABULARY = Vocabulary(
    events={
        **dict.fromkeys(
            ("Signed Up", "Product Viewed", "Product Added", "Cart Updated", "Checkout Started", "Order Completed",
             "Order Delivered", "Order Cancelled", "Order Refunded", "Product Reviewed", "Complaint Resolved"),
            ORDER_SAYS,
        ),
        "Survey Answered": SURVEY,
        "Survey Asked": SURVEY,
    },
    attributes=frozenset({"birthday", "open_complaint", "tier", "last_category"}),
    journeys=frozenset(ORDER),
    coupons=dict.fromkeys(POOLS, "ready"),
    surveys={"satisfaction": frozenset({"promoter", "passive", "detractor"})},
)  # fmt: skip
GIVEN = {"coupon": {"code": "THANKS-7", "valid_until": "2026-02-01T23:59:59+09:00", "worth": "10%"}}
"""Variables that steps before a message set."""
Told = tuple[float, str] | tuple[float, str, dict[str, Any]]


def always_sent(person: Person, settings: MessageSettings, now: datetime) -> tuple[Sent, str]:
    return Sent(now, "sent"), settings.channel


def never_sent(person: Person, settings: MessageSettings, now: datetime) -> tuple[Sent, str]:
    return Sent(now, "skipped", "no_consent"), settings.channel


NO_CODES = VirtualPools(closed=frozenset(POOLS))


def lived(key: str, *events: Told, days: float = 400, sent: Any = always_sent, **person: Any) -> SimulationResult:
    """What becomes of a customer to whom these events happen, so many days after the start."""
    template = find_template(key)
    assert template is not None
    customer_events = [
        CustomerEvent(f"m{n:03d}", event[1], START + timedelta(days=event[0]), dict(*event[2:]))
        for n, event in enumerate(events)
    ]
    pools = person.pop("pools", None) or VirtualPools(closed=frozenset(person.pop("closed", ())))
    customer = Person(person.pop("id", "customer"), **person)
    until = START + timedelta(days=days)
    return walk(Routes((template.plan,)), customer, customer_events, until, sent, sources={"coupon": pools})


def sends(passage: SimulationResult) -> list[str]:
    return [send.step for send in passage.sends if send.outcome == "sent"]


def ends(passage: SimulationResult) -> list[str]:
    return [run.state.reason for run in passage.runs if not run.live]


def order(day: float, number: str = "o1", **more: Any) -> Told:
    return (day, "Order Completed", {"order_id": number, "revenue": 20_000, **more})


EVERY = [pytest.param(one, id=one.id) for one in templates()]


def delivered(day: float, number: str = "o1") -> Told:
    return (day, "Order Delivered", {"order_id": number})


def twice_reviewed(**more: Any) -> SimulationResult:
    second = (order(20, "o2"), delivered(22, "o2"), (29, "Product Reviewed", {"order_id": "o2"}))
    return lived("post-purchase", order(0), delivered(2), (9, "Product Reviewed", {"order_id": "o1"}), *second, **more)


def only_information(person: Person, settings: MessageSettings, now: datetime) -> tuple[Sent, str]:
    return (never_sent if settings.message_class == "advertising" else always_sent)(person, settings, now)


def often(last: int, every: int = 20) -> list[Told]:
    return [order(day, f"o{day}") for day in range(0, last, every)]


def silent_from(*more: Told, days: float = 400, **person: Any) -> SimulationResult:
    """One order, and then nothing for sixty days: asked on Tuesday, the 62nd."""
    return lived("win-back", order(0), *more, days=days, **person)


def answered(day: float, answer: str) -> Told:
    return (day, "Survey Answered", {"survey": "win-back", "answer": answer})


def scored(day: float, score: int) -> Told:
    group = "promoter" if score >= 9 else "passive" if score >= 7 else "detractor"
    return (day, "Survey Answered", {"survey": "satisfaction", "score": score, "group": group})


def agreed(day: float, how: str = "granted") -> Told:
    return (day, "Consent Changed", {how: ["email"]})


def renewal(*more: Told, days: float = 800) -> SimulationResult:
    return lived("consent-renewal", agreed(0), *more, days=days)
