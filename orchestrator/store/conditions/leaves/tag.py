"""tag in SQL."""

from datetime import datetime

from sqlalchemy import not_

from orchestrator.core.conditions.leaves.tag import Tag
from orchestrator.store.conditions.json_sql import Truth, compare_json, customers
from orchestrator.store.conditions.tree_sql import of_customers


@of_customers(Tag)
def tag(leaf: Tag, now: datetime) -> Truth:
    """A member of the list of tags."""
    del now
    has = compare_json(customers.c.tags, "contains", leaf.tag)
    return has if leaf.has else not_(has)
