"""What a wait asks of a customer is told apart by what it is, whatever a shop calls its attributes."""

from datetime import UTC, datetime

import pytest

from orchestrator.core.conditions.customer import Customer, Log
from orchestrator.core.facts import fact
from orchestrator.core.journey.plan import compile_journey
from orchestrator.core.steps.delay import ForOwnInterval, UntilAttribute
from tests.hostile import with_step

NOW = datetime(2026, 3, 2, 3, tzinfo=UTC)


@pytest.mark.parametrize("name", ["zone", "best_hour", "attribute", "own_interval", "renews_on", "생일", "a.b"])
def test_an_attribute_may_have_any_name(name: str) -> None:
    customer = Customer({name: "2026-05-01"}, {}, None, "Asia/Seoul", Log())
    form = UntilAttribute.model_validate({"attribute": name})
    facts = {one: fact(one, customer, NOW) for one in form.facts()}
    assert form.until(NOW, facts) == datetime(2026, 5, 1, 1, tzinfo=UTC)  # ten in the morning in Seoul


def test_a_stored_plan_without_a_name_goes_on() -> None:
    date = UntilAttribute.model_validate_json('{"attribute": ""}')
    answers = {one: "Asia/Seoul" if one.kind == "zone" else None for one in date.facts()}
    assert date.until(NOW, answers) is None
    interval = ForOwnInterval.model_validate_json('{"event": ""}')
    assert interval.until(NOW, dict.fromkeys(interval.facts())) == NOW + interval.otherwise


@pytest.mark.parametrize(
    "settings", [{"mode": "attribute", "attribute": " \u200b"}, {"mode": "own_interval", "event": ""}]
)
def test_one_without_a_name_is_not_published(settings: dict[str, str]) -> None:
    found = compile_journey(with_step(0, settings=settings))
    assert {problem.code for problem in found.errors} <= {"empty_value", "invalid_value"}
    assert found.plan is None
