"""The fact ``points_balance``: how many points a customer has."""

from datetime import datetime
from typing import Any

from orchestrator.core.commands import Fact
from orchestrator.core.conditions.customer import Customer
from orchestrator.core.facts import FactKind


class SimulatedBalances:
    """Everybody has 250 points."""

    def take(self, asked: Fact, customer: str, now: datetime) -> int:
        """The balance."""
        return 250


def _none_known(asked: Fact, customer: Customer, now: datetime) -> Any:
    return 0


BALANCE = FactKind("points_balance", _none_known, profile=False, simulated=SimulatedBalances)

FACTS = (BALANCE,)
