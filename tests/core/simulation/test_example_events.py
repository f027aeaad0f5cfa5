"""Events that would do: for each trigger one that fires it, and passes the filters that can be guessed."""

from typing import Any

import pytest
from pydantic import TypeAdapter

from orchestrator.core.conditions.evaluate import matches
from orchestrator.core.conditions.model import Condition
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.run.routing import fires, run_key
from orchestrator.core.simulation.example_events import entry_events, passing
from orchestrator.journey_gallery import templates
from tests.core.run.driver import T0, leave, planned, prop, straight

_CONDITION: TypeAdapter[Condition] = TypeAdapter(Condition)


@pytest.mark.parametrize("template", [pytest.param(one, id=one.id) for one in templates()])
def test_each_example_fires_its_trigger_and_has_a_key(template: Any) -> None:
    for n, event in enumerate(entry_events(template.plan)):
        customer_event = CustomerEvent(f"m{n}", event["name"], T0, event["properties"])
        assert fires(template.plan, customer_event)
        assert run_key(template.plan, customer_event) is not None


@pytest.mark.parametrize(
    "condition",
    [
        prop("total", 100, "gt"),
        prop("total", 100, "lt"),
        prop("total", [1, 2], "in"),
        prop("cart.id", "c1"),
        prop("name", "tea", "contains"),
        prop("coupon", None, "exists"),
        prop("coupon", None, "missing"),
        prop("channel", "email", "ne"),
        {"kind": "all", "of": [prop("a", 1), prop("b", 2, "gte")]},
        {"kind": "any", "of": [prop("a", 1), prop("b", 2)]},
    ],
)
def test_properties_pass_the_filter(condition: dict[str, Any]) -> None:
    parsed = _CONDITION.validate_python(condition)
    assert matches(parsed, CustomerEvent("m", "Event", T0, passing(parsed)))


def test_a_journey_on_request_is_asked_for_by_name() -> None:
    plan = planned(straight(leave(), entry={"triggers": [{"kind": "request"}]}))
    assert entry_events(plan) == [{"name": "Journey Requested", "properties": {"journey": "test"}}]


@pytest.mark.parametrize("on", ["enter", "leave"])
def test_an_example_of_a_segment_s_trigger_lets_its_customer_in(on: str) -> None:
    plan = planned(straight(leave(), entry={"triggers": [{"kind": "segment", "segment": "vip", "on": on}]}))
    [event] = entry_events(plan)
    assert event["properties"] == {"segment": "vip"}
    assert fires(plan, CustomerEvent("m", event["name"], T0, event["properties"]))
