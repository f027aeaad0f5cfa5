"""Every journey of the gallery is walked by the simulator along every edge that it has."""

from functools import lru_cache

import pytest

from orchestrator.core.coupons.pool import VirtualPools
from orchestrator.core.simulation.simulator import SimulationResult
from orchestrator.journey_gallery import Template
from orchestrator.journey_gallery.pools import POOLS
from tests.gallery.lives import (
    EVERY,
    NO_CODES,
    agreed,
    answered,
    delivered,
    lived,
    never_sent,
    often,
    only_information,
    order,
    renewal,
    scored,
    silent_from,
    twice_reviewed,
)

STOCKS = (
    None,
    NO_CODES,
    VirtualPools(had={("customer", pool): "before" for pool in POOLS}),
)
"""With codes, with none, and a customer who has had one of each."""


def welcome() -> list[SimulationResult]:
    key = "welcome"
    return [
        lived(key, (0, "Signed Up")),
        *(lived(key, (0, "Signed Up"), (1, "Product Viewed"), pools=pools) for pools in STOCKS),
    ]


def first_purchase() -> list[SimulationResult]:
    return [
        lived("first-purchase", (0, "Signed Up"), *seen, id=f"c{n}")
        for n in range(20)
        for seen in ((), ((1, "Product Viewed"),))
    ]


def cart_recovery() -> list[SimulationResult]:
    cart = {"cart_id": "c1"}
    return [
        lived("cart-recovery", (0, "Product Added", cart), *more)
        for more in (
            (),
            ((0.02, "Product Added", cart), (0.03, "Cart Updated", cart)),
            ((0.2, "Checkout Started", cart),),
        )
    ]


def post_purchase() -> list[SimulationResult]:
    key = "post-purchase"
    return [
        lived(key, order(0)),
        lived(key, order(0), delivered(2)),
        lived(key, order(0), delivered(2), (9, "Product Reviewed", {"order_id": "o1"})),
        lived(key, order(0), delivered(2), attributes={"open_complaint": True}),
        lived(key, order(0), delivered(2), sent=never_sent),
        twice_reviewed(),
        twice_reviewed(closed=["review-thanks"]),
        twice_reviewed(sent=only_information),
    ]


def repurchase() -> list[SimulationResult]:
    return [
        lived("repurchase", order(0), order(20, "o2"), *more) for more in ((), (order(42, "o3"),), (order(55, "o3"),))
    ]


def birthday() -> list[SimulationResult]:
    return [
        lived("birthday", (0, "Customer Updated", {"birthday": "1990-03-01"}), attributes={"birthday": "1990-03-01"}),
        lived(
            "birthday",
            (0, "Customer Updated", {"birthday": "soon"}),
            attributes={"birthday": "soon"},
        ),
    ]


def vip() -> list[SimulationResult]:
    key = "vip"
    return [
        lived(key, *often(500), days=480),
        lived(key, order(0, revenue=600_000)),
        lived(key, order(0, revenue=600_000), order(340, "o2", revenue=550_000), days=450),
    ]


def win_back() -> list[SimulationResult]:
    return [silent_from(answered(64, "price"), pools=pools) for pools in STOCKS] + [
        silent_from(*more)
        for more in (
            (),
            (answered(64, "moved"),),
            (answered(64, "delivery"),),
            (answered(64, "delivery"), (66, "Complaint Resolved")),
            (order(64, "o2"),),
            (order(80, "o2"),),
        )
    ]


def satisfaction_survey() -> list[SimulationResult]:
    key = "satisfaction-survey"
    return [
        lived(key, delivered(0), *more)
        for day in (4.5, 10)
        for more in (
            (),
            (scored(day, 10),),
            (scored(day, 7),),
            (scored(day, 2),),
            (scored(day, 2), (day + 2, "Complaint Resolved")),
        )
    ] + [lived(key, delivered(0), sent=never_sent)]


def consent_renewal() -> list[SimulationResult]:
    return [renewal(), *(renewal(agreed(day, "confirmed")) for day in (710, 725))]


def lifecycle() -> list[SimulationResult]:
    return [
        lived("lifecycle", (0, "Signed Up"), *more, id=f"c{n}", days=500)
        for n in range(12)
        for more in (
            (),
            ((30, "Product Viewed"), (36, "Product Viewed")),
            (order(1),),
            (order(6),),
            (order(20),),
            (order(60),),
            (order(100),),
            (order(1), order(4.5, "o2")),
            tuple(order(day, f"o{day}") for day in range(1, 120, 10)),
            tuple(order(day, f"o{day}") for day in (1, 15, 29, 75)),
            tuple(order(day, f"o{day}") for day in (1, 15, 29, 52)),
            tuple(order(day, f"o{day}") for day in (1, 15, 29, 44)),
            tuple(order(day, f"o{day}") for day in (1, 40, 79, 119)),
        )
    ]


LIVES = {
    "welcome": welcome,
    "first-purchase": first_purchase,
    "cart-recovery": cart_recovery,
    "post-purchase": post_purchase,
    "repurchase": repurchase,
    "birthday": birthday,
    "vip": vip,
    "win-back": win_back,
    "satisfaction-survey": satisfaction_survey,
    "consent-renewal": consent_renewal,
    "lifecycle": lifecycle,
}


@lru_cache
def walks(key: str) -> list[SimulationResult]:
    """Lives that between them take every edge of a journey."""
    return LIVES[key]()


NEVER_BY_ITSELF = {("birthday", "still-known", "otherwise")}
"""The birthday is taken away by somebody in the middle of the wait: tests/workflows walk that."""


@pytest.mark.parametrize("template", EVERY)
def test_every_step_is_reached_and_every_way_is_taken(template: Template) -> None:
    lines = [line for passage in walks(template.id) for run in passage.runs for line in run.transitions]
    taken = {(line.step, line.port) for line in lines if line.what == "left"}
    reached = {line.step for line in lines if line.what == "entered"}
    steps = template.plan.journey.steps
    assert {step.id for step in steps} - reached == set()
    drawn = {(edge.source, edge.port) for edge in template.plan.journey.edges if edge.source != "entry"}
    missed = {(template.id, *way) for way in drawn - taken}
    assert missed <= NEVER_BY_ITSELF
