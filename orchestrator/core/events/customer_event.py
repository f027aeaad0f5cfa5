"""An event of a customer: what they did, as journeys, conditions and the simulator see it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class CustomerEvent:
    """One event of the customer's log, as a run sees it."""

    message_id: str
    name: str
    occurred_at: datetime
    properties: dict[str, Any] = field(default_factory=dict)
