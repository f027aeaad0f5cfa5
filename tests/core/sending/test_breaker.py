"""When a journey's complaints or bounces are too many."""

from typing import Any

import pytest

from orchestrator.core.sending.breaker import Bounds, Feedback, past_bound


@pytest.mark.parametrize(
    ("sent", "complaints", "bounces", "code"),
    [
        (1000, 3, 50, None),  # at the bounds, not past them
        (1000, 4, 0, "complaints"),
        (1000, 0, 51, "bounces"),
        (1000, 4, 51, "complaints"),
        (2, 1, 1, None),  # too few to say anything
        (199, 199, 199, None),
        (200, 1, 0, "complaints"),
    ],
)
def test_past_its_bound_and_of_enough_messages(sent: int, complaints: int, bounces: int, code: str | None) -> None:
    reason = past_bound(Bounds(), Feedback("news", sent, complaints, bounces))
    assert (reason and reason["code"]) == code
    assert past_bound(Bounds(on=False), Feedback("news", sent, complaints, bounces)) is None


def test_a_reason_says_what_was_counted() -> None:
    chosen = Bounds.of({"breaker": {"complaints": 0.5, "least": 50, "hours": 6}})
    assert (chosen.bounces, chosen.window.total_seconds()) == (5.0, 6 * 3600)
    assert past_bound(chosen, Feedback("news", 120, 3, 0)) == {
        "code": "complaints",
        "rate": "2.5%",
        "bound": "0.5%",
        "many": 3,
        "sent": 120,
    }


@pytest.mark.parametrize("odd", [{"complaints": 0.0}, {"bounces": float("nan")}, {"least": 1}, {"hours": 0}])
def test_bounds_that_mean_nothing_are_not_sensible(odd: dict[str, Any]) -> None:
    assert Bounds().sensible
    assert not Bounds(**odd).sensible
