"""property in SQL."""

from orchestrator.core.conditions.leaves.property import Property
from orchestrator.core.conditions.operators import bound_operand
from orchestrator.store.conditions.json_sql import Truth, compare_json, events, member
from orchestrator.store.conditions.tree_sql import of_events


@of_events(Property)
def property_(leaf: Property) -> Truth:
    """A member of the event's properties, compared."""
    return compare_json(member(events.c.properties, leaf.name), leaf.op, bound_operand(leaf.value))
