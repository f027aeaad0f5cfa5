"""A shop whose customers have done things: for back-tests on a real database."""

import json
import uuid
from datetime import datetime, timedelta
from random import Random
from typing import Any

import psycopg

from orchestrator.store.database import plain_dsn

CUSTOMER = """
insert into customers (id, external_id, email, consents, attributes, tags, created_at, updated_at)
values (%s, %s, %s, %s, '{}', '[]', %s, %s)
"""
EVENT = """
insert into events (message_id, customer_id, kind, name, properties, context, occurred_at, received_at, routed_at)
values (%s, %s, 'track', %s, %s, '{}', %s, %s, %s)
"""


def fill(database_url: str, customers: int, now: datetime, days: int = 60) -> None:
    """So many customers, the same each time: two in five never fill a cart, the others one to twelve times."""
    random, since = Random(5), now - timedelta(days=400)
    people: list[tuple[Any, ...]] = []
    events: list[tuple[Any, ...]] = []
    for n in range(customers):
        identity = uuid.uuid5(uuid.NAMESPACE_DNS, f"c{n}")
        consents = json.dumps({"email": random.random() < 0.8, "email:night": True})
        people.append((identity, f"c{n}", f"c{n}@example.com", consents, since, since))
        carts = 0 if random.random() < 0.4 else min(12, 1 + int(random.expovariate(0.5)))
        names = ["Cart Updated"] * carts + ["Order Completed"] * (random.random() < 0.3)
        for m, name in enumerate(names):
            at = now - timedelta(seconds=random.randrange(1, days * 86_400))
            properties = json.dumps({"total": random.randrange(100)})
            events.append((f"{n}-{m}", identity, name, properties, at, at, at))
    with psycopg.connect(plain_dsn(database_url), autocommit=True) as db, db.cursor() as cursor:
        cursor.executemany(CUSTOMER, people)
        cursor.executemany(EVENT, events)
