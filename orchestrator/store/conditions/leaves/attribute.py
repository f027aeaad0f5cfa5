"""attribute in SQL."""

from datetime import datetime

from orchestrator.core.conditions.leaves.attribute import Attribute
from orchestrator.core.conditions.operators import bound_operand
from orchestrator.store.conditions.json_sql import Truth, compare_json, customers, member
from orchestrator.store.conditions.tree_sql import of_customers


@of_customers(Attribute)
def attribute(leaf: Attribute, now: datetime) -> Truth:
    """A member of the customer's attributes, compared."""
    del now
    return compare_json(member(customers.c.attributes, leaf.name), leaf.op, bound_operand(leaf.value))
