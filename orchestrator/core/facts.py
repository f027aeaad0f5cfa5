"""Facts: what a step may ask of its customer beyond conditions. One kind of fact is one value.

A folder of ``core`` whose domain has kinds of facts has a module ``facts`` that lists them as ``FACTS``. Whoever
answers facts finds them here, and knows none by name. What is taken out of the store has a second part in the same
domain's folder there (``store.facts``).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Protocol

from orchestrator.core.commands import Fact
from orchestrator.core.conditions.customer import Customer
from orchestrator.discovery import domain_modules


class FactSource(Protocol):
    """Answers one kind of fact in a simulation, and remembers what it gave to whom."""

    def take(self, asked: Fact, customer: str, now: datetime, /) -> Any:
        """The answer, as JSON; the same each time the same ``asked.id`` asks. ``customer``: their id."""


@dataclass(frozen=True, slots=True)
class FactKind:
    """How facts of one kind are answered.

    ``answer`` is pure: from the customer as conditions see them, as of an instant; JSON. ``events``: names of the
    events that it looks at, None for all of them. ``profile``: whether it looks at the customer's attributes, consents
    or stage, and not only at their time zone. ``simulated``: makes the source of one simulated customer, where
    simulations answer otherwise than ``answer`` does.
    """

    name: str
    answer: Callable[[Fact, Customer, datetime], Any]
    events: Callable[[Fact], frozenset[str] | None] = lambda asked: frozenset()
    profile: bool = True
    simulated: Callable[[], FactSource] | None = None


@cache
def fact_kinds() -> Mapping[str, FactKind]:
    """Every kind, by name. Raises ``ValueError`` where two have one name."""
    found: dict[str, FactKind] = {}
    for module in domain_modules("orchestrator.core", "facts"):
        for kind in module.FACTS:
            if found.setdefault(kind.name, kind) is not kind:
                raise ValueError(f"{module.__name__}: the kind of fact {kind.name} is there already")
    return found


def fact(asked: Fact, customer: Customer, now: datetime) -> Any:
    """The pure answer to one fact as of ``now``; JSON."""
    return fact_kinds()[asked.kind].answer(asked, customer, now)
