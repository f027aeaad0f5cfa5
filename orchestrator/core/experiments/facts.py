"""The fact ``exposure``: which arm of an experiment a customer has. The store part is ``store.experiments.facts``."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from orchestrator.core.commands import Fact
from orchestrator.core.conditions.customer import Customer
from orchestrator.core.facts import FactKind


def exposure_fact(experiment: str, identity: str, step: str, arm: str, weights: Mapping[str, int]) -> Fact:
    """Asks for the customer's arm, and records that they are exposed to it.

    The answer is the arm that stands: ``arm``, which the hash gave, for who comes for the first time or has one that
    is no more among ``weights``; else the one of the first time.
    """
    return Fact("exposure", experiment, identity, {"step": step, "arm": arm, "weights": dict(weights)})


def _by_hash(asked: Fact, customer: Customer, now: datetime) -> Any:
    return asked.options["arm"]


EXPOSURE = FactKind("exposure", _by_hash, profile=False)
"""Without the store nobody was exposed before: simulations go by the hash."""

FACTS = (EXPOSURE,)
