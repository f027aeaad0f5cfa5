"""Customers who have ordered, for conditions to ask about."""

from datetime import datetime, timedelta
from typing import Any

from orchestrator.core.conditions.customer import Customer, Log
from orchestrator.core.conditions.evaluate import evaluate
from orchestrator.core.conditions.model import Condition
from orchestrator.core.events.customer_event import CustomerEvent
from tests.strategies.conditions import NOW

TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)
ORDER = "Order Completed"


def order(ago: timedelta, message_id: str = "", **properties: Any) -> CustomerEvent:
    return CustomerEvent(message_id or f"m{ago}", ORDER, NOW - ago, properties)


def buyer(*orders: CustomerEvent) -> Customer:
    return Customer(history=Log(orders))


def truth(condition: Condition, customer: Customer, now: datetime = NOW) -> bool:
    return evaluate(condition, customer, now).truth
