"""Events as the front door hands them to the writer."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import orjson

from orchestrator.core.customers.traits import Traits
from orchestrator.store.intake.incoming import Incoming, Kind

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
_numbers = count(1)


def incoming(
    user: str | None = None,
    visitor: str | None = None,
    *,
    kind: Kind = "track",
    name: str = "Viewed",
    message: str | None = None,
    minute: int = 0,
    previous: str | None = None,
    **properties: Any,
) -> Incoming:
    """One event; of an identify, the properties are traits."""
    at = NOON + timedelta(minutes=minute)
    return Incoming(
        message_id=message or f"message-{next(_numbers)}",
        kind=kind,
        name=name,
        user_id=user,
        anonymous_id=visitor,
        properties=properties,
        properties_json=orjson.dumps(properties),
        context_json=b"{}",
        occurred_at=at,
        received_at=at,
        traits=Traits(at, attributes=properties) if kind == "identify" else None,
        previous_id=previous,
    )


def identify(user: str | None = None, visitor: str | None = None, **more: Any) -> Incoming:
    return incoming(user, visitor, kind="identify", name="Customer Updated", **more)


def alias(previous: str, user: str) -> Incoming:
    return incoming(user, kind="alias", name="Identity Linked", previous=previous)
