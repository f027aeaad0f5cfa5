"""stage in SQL."""

from datetime import datetime

from sqlalchemy import false, func

from orchestrator.core.conditions.leaves.stage import InStage
from orchestrator.store.conditions.json_sql import Truth, customers
from orchestrator.store.conditions.tree_sql import of_customers


@of_customers(InStage)
def stage(leaf: InStage, now: datetime) -> Truth:
    """A customer without a stage is in none."""
    del now
    return func.coalesce(customers.c.stage.in_(leaf.of), false())
