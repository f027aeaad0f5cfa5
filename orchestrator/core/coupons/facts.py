"""The fact ``coupon``: a code taken from a pool. The store part is ``store.coupons.facts``."""

from datetime import datetime
from typing import Any

from orchestrator.core.commands import Fact
from orchestrator.core.conditions.customer import Customer
from orchestrator.core.coupons.pool import VirtualPools, coupon_value, virtual_code
from orchestrator.core.facts import FactKind


def coupon_fact(pool: str, identity: str, once: bool) -> Fact:
    """Asks for a code of a pool; the same identity always gets the same code.

    The answer is ``{"code", "valid_until", "worth"}`` (:func:`~orchestrator.core.coupons.pool.coupon_value`), None
    where the pool gives none, and with ``once`` ``{"had": True}`` for a customer who has had a code of the pool before,
    by another identity.
    """
    return Fact("coupon", pool, identity, {"once": True} if once else {})


def _virtual(asked: Fact, customer: Customer, now: datetime) -> Any:
    return coupon_value(virtual_code(asked.id), None, None, "")


COUPON = FactKind("coupon", _virtual, profile=False, simulated=VirtualPools)
"""Without the store there are no pools: all others make do with a code that nobody can redeem."""

FACTS = (COUPON,)
