"""Stored events that nobody has been offered yet."""

from dataclasses import dataclass
from uuid import UUID

from orchestrator.core.events.customer_event import CustomerEvent


@dataclass(frozen=True, slots=True)
class Unrouted:
    """A stored event that nobody has been offered yet."""

    customer_id: UUID
    customer_event: CustomerEvent
    chain: int = 0
    """How many journeys' events led to it, one to the next, within the hour; 0 for what a customer did."""
