"""When attributes were last spoken of, for whoever sets them beside intake: what arrives late must find it there."""

from collections.abc import Iterable
from datetime import datetime

import orjson

from orchestrator.core.customers.consent_record import microseconds
from orchestrator.core.customers.traits import attribute_name


def attributes_said_at(names: Iterable[str], at: datetime) -> str:
    """JSON to be laid over the column ``said_at``: these attributes were set, or taken away, at this instant."""
    now = microseconds(at)
    return orjson.dumps({attribute_name(name): now for name in names}).decode()
