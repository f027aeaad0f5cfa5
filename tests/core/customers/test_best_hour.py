"""The hour at which somebody is usually active is told by what they did, not by what was done to them."""

from datetime import UTC, datetime, timedelta

from orchestrator.core.commands import Fact
from orchestrator.core.conditions.customer import Customer, Log
from orchestrator.core.customers.facts import BEST_HOUR
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.facts import fact

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def events(prefix: str, hour: int, count: int) -> list[CustomerEvent]:
    days = (NOW.replace(hour=hour) - timedelta(days=n + 1) for n in range(count))
    return [CustomerEvent(f"{prefix}{n}", "Viewed", at) for n, at in enumerate(days)]


def best_hour(log: Log) -> int | None:
    found: int | None = fact(Fact(BEST_HOUR.name), Customer(zone="UTC", history=log), NOW)
    return found


def test_what_journeys_add_to_the_log_is_no_act_of_the_customer() -> None:
    acts, told = events("a", 20, 6), events("t", 3, 60)
    assert best_hour(Log([*acts, *told])) == 3
    assert best_hour(Log([*acts, *told], (one.message_id for one in told))) == 20
    assert best_hour(Log([*acts[:4], *told], (one.message_id for one in told))) is None
