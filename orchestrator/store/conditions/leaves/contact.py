"""contact in SQL."""

from datetime import datetime

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import JSONB

from orchestrator.core.conditions.leaves.contact import Contact
from orchestrator.core.conditions.operators import bound_operand
from orchestrator.store.conditions.json_sql import Truth, compare_json, customers
from orchestrator.store.conditions.tree_sql import of_customers


@of_customers(Contact)
def contact(leaf: Contact, now: datetime) -> Truth:
    """A column of the customer, compared as the JSON text that it would be."""
    del now
    value = func.to_jsonb(customers.c[leaf.field], type_=JSONB())
    return compare_json(value, leaf.op, bound_operand(leaf.value))
