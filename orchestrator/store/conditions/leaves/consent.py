"""consent in SQL."""

from datetime import datetime

from orchestrator.core.conditions.leaves.consent import Consent
from orchestrator.store.conditions.json_sql import Truth, compare_json, customers, member
from orchestrator.store.conditions.tree_sql import of_customers


@of_customers(Consent)
def consent(leaf: Consent, now: datetime) -> Truth:
    """Consent that is anything but ``true`` counts as not given."""
    del now
    given = member(customers.c.consents, leaf.key(), dotted=False)
    return compare_json(given, "eq" if leaf.granted else "ne", True)
