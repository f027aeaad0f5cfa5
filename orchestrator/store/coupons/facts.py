"""What of the coupons' store answers facts: a code is taken from its pool."""

from collections.abc import Mapping

from orchestrator.store.coupons.take import take_coupon
from orchestrator.store.facts import StoredFact

FACTS: Mapping[str, StoredFact] = {"coupon": take_coupon}
