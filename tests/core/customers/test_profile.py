"""Changes of a customer: whatever the numbers, what comes out can be kept."""

import math
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.core.commands import Change
from orchestrator.core.customers.profile import apply_change
from orchestrator.core.journey.plan import compile_journey

NUMBERS = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
"""As JSON brings them in."""


def incremented(before: Any, by: Any) -> Any:
    attributes = {"points": before}
    apply_change(Change("c", "increment", "points", by), attributes, {}, [])
    return attributes["points"]


@given(before=NUMBERS, by=NUMBERS)
def test_a_sum_can_always_be_kept(before: Any, by: Any) -> None:
    total = incremented(before, by)
    assert math.isfinite(total)
    assert orjson.loads(orjson.dumps(total)) == total
    if type(before) is type(by) is int and abs(before + by) < 2**63:
        assert total == before + by


@pytest.mark.parametrize(
    ("before", "by", "total"),
    [
        (18446744073709551615, 1, 18446744073709551616.0),
        (1.7e308, 1.7e308, 1.7e308),
        (-(2**63), -1, -9223372036854775808.0),
    ],
)
def test_what_is_beyond_64_bits_goes_on_as_the_nearest_number(before: Any, by: Any, total: Any) -> None:
    assert incremented(before, by) == total


@pytest.mark.parametrize("value", [2**63, 2**64, 10**30, -(10**30)])
def test_a_journey_cannot_bring_in_a_number_that_cannot_be_kept(value: int) -> None:
    changed = {"changes": [{"op": "set", "name": "points", "value": value}]}
    document = {
        "key": "points",
        "name": {"en": "Points", "ko": "점수"},
        "entry": {"triggers": [{"kind": "event", "event": "Signed Up"}]},
        "steps": [
            {"id": "give", "kind": "update_customer", "stage": "intake", "settings": changed},
            {"id": "end", "kind": "exit", "stage": "intake", "settings": {"reason": "over"}},
        ],
        "edges": [{"from": "entry", "to": "give"}, {"from": "give", "to": "end"}],
    }
    plan = compile_journey(document).plan
    assert plan is None or orjson.loads(plan.body)
