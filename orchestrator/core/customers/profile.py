"""How a change changes a customer. One function for the store and the simulator."""

import math
from collections.abc import Collection, MutableMapping
from typing import Any

from orchestrator.core.commands import Change
from orchestrator.core.conditions.compare import is_number

_WHOLE = range(-(2**63), 2**63)
"""Whole numbers that JSON carries exactly everywhere that we send it."""


def _sum(before: Any, by: Any) -> Any:
    """The sum as a number that can be kept: beyond 64 bits to the nearest, and never beyond all bounds."""
    total = before + by
    if type(total) is int and total not in _WHOLE:
        total = float(total)
    return total if math.isfinite(total) else before


def apply_change(
    change: Change,
    attributes: MutableMapping[str, Any],
    consents: MutableMapping[str, Any],
    tags: list[str],
    refused: Collection[str] = (),
) -> None:
    """Apply one change in place. Incrementing what is no number starts from 0: bad input never stops a journey.

    ``refused``: consents that the customer themselves refused, which no journey gives back.
    """
    match change.op:
        case "set":
            attributes[change.name] = change.value
        case "remove":
            attributes.pop(change.name, None)
        case "increment":
            before: Any = attributes.get(change.name)
            by: Any = change.value if is_number(change.value) else 1
            attributes[change.name] = _sum(before if is_number(before) else 0, by)
        case "add_tag":
            if change.name not in tags:
                tags.append(change.name)
        case "remove_tag":
            if change.name in tags:
                tags.remove(change.name)
        case "grant" | "withdraw":
            consents[change.name] = change.op == "grant" and change.name not in refused
