"""Derived ids: the same cause always has the same id, which is what makes repeating anything harmless.

Every id is a UUID version 5 (RFC 9562, 5.5) over the JSON list of its parts, so that no two lists of parts spell
the same name. None is ever reversed: what an id stands for is a row in the store. Ids go into Temporal's histories,
search attributes and logs, and therefore carry no personal data.
"""

import json
import re
from hashlib import blake2b
from uuid import UUID, uuid5

NAMESPACE = UUID("6f1d8f3e-3c0b-5e0e-9f0a-50a0c0de0001")
"""Of every id derived here. Changing it would send again what was sent: never change it."""

_PLAIN_KEY = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_PHONE_DIGITS = range(9, 16)  # E.164 allows 15; national numbers worth hiding have at least 9


def _derive(kind: str, *parts: object) -> UUID:
    return uuid5(NAMESPACE, json.dumps([kind, *(str(part) for part in parts)]))


def opaque_key(key: str, salt: str = "") -> str:
    """``key`` itself where it is a plain identifier, else ``~`` and 16 hexadecimal digits of its hash.

    What looks like an e-mail address or a telephone number (or like nothing an id should look like) is hashed; a long
    order number may be taken for a telephone number, and loses nothing but legibility. ``~`` never begins a plain key,
    so the two cannot meet. ``salt`` keeps one person's hash from being recognised as another's.
    """
    digits = re.sub(r"[.-]", "", key)
    looks_like_phone = digits.isdecimal() and len(digits) in _PHONE_DIGITS
    if _PLAIN_KEY.fullmatch(key) and not looks_like_phone:
        return key
    name = json.dumps([salt, key]).encode()
    return "~" + blake2b(name, digest_size=8).hexdigest()


def workflow_id(journey_key: str, customer_id: UUID | str, key: str = "") -> str:
    """Temporal's id of the runs of one customer through one journey (and one order, cart, … when ``key`` is given)."""
    parts = [journey_key, str(customer_id)]
    if key:
        parts.append(opaque_key(key, salt=str(customer_id)))
    return "/".join(parts)


def run_id(workflow_id: str, message_id: str) -> UUID:
    """A run is what one event began under one workflow id: the event delivered again begins no second run."""
    return _derive("run", workflow_id, message_id)


def send_id(run_id: UUID | str, step: str, occurrence: int) -> UUID:
    """One message of one visit to one step: the ledger's key and the provider's idempotency key."""
    return _derive("send", run_id, step, occurrence)


def later_send_id(run_id: UUID | str, step: str, occurrence: int, after: str) -> UUID:
    """The message that goes by another channel once it is known, later, that ``after`` could not reach the customer."""
    return _derive("send", run_id, step, occurrence, after)


def message_id(run_id: UUID | str, step: str, occurrence: int, n: int = 0) -> str:
    """Of the ``n``-th event that a visit to a step adds to its customer's log."""
    return str(_derive("message", run_id, step, occurrence, n))


def derived_id(run_id: UUID | str, step: str, occurrence: int, part: str) -> str:
    """Of any other side effect of a visit to a step, ``part`` naming which."""
    return str(_derive("part", run_id, step, occurrence, part))


def derived_event_id(name: str, *cause: str) -> str:
    """Message id of an event that the product itself adds to a customer's log: its name, and what caused it."""
    return str(_derive("event", name, *cause))


def experiment_id(journey_key: str, name: str) -> UUID:
    """An experiment is a name within a journey: two journeys that call one alike have two."""
    return _derive("experiment", journey_key, name)


def complaint_id(customer_id: UUID, source: str, reference: str) -> UUID:
    """A complaint is what one cause opened: the same cause told again opens no second."""
    return _derive("complaint", customer_id, source, reference)


def fraction(derived: str) -> float:
    """A number in [0, 1) that a derived id stands for: evenly spread, and always the same."""
    return UUID(derived).int % (1 << 48) / (1 << 48)
