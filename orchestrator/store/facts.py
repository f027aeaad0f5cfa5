"""Facts that are taken out of the store: what a domain's ``facts.py`` beside its tables says of them.

A folder of ``store`` that can answer a kind of fact has a module ``facts`` with ``FACTS``, by kind. Nothing else has
to be told of it: a commit that asks for such a fact finds the answer here.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.commands import Fact
from orchestrator.discovery import domain_modules


@dataclass(frozen=True, slots=True)
class Taker:
    """Who takes: a customer, in a run. ``superseded``: a commit that counts no more; it finds, and takes nothing."""

    customer: UUID
    run: UUID
    superseded: bool = False


StoredFact = Callable[[AsyncEngine, Fact, Taker, datetime], Awaitable[Any]]
"""Answers one fact, as JSON, on a connection of its own. Asked again with the same ``Fact.id``, also by two at once, it
gives the same answer: a commit may be carried out more than once."""


@cache
def stored_facts() -> Mapping[str, StoredFact]:
    """What the domains can answer, by kind. Raises ``ValueError`` where two answer the same."""
    found: dict[str, StoredFact] = {}
    for module in domain_modules("orchestrator.store", "facts"):
        twice = found.keys() & module.FACTS.keys()
        if twice:
            raise ValueError(f"{module.__name__}: {', '.join(sorted(twice))} is answered elsewhere")
        found |= module.FACTS
    return found
