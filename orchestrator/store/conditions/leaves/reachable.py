"""reachable in SQL."""

from datetime import datetime

from sqlalchemy import Text, exists, false, func, literal, literal_column, not_, or_, select, true

from orchestrator.core.channels.contacts import ContactKind
from orchestrator.core.conditions.leaves.reachable import Reachable
from orchestrator.store.conditions.json_sql import Truth, compare_json, customers, member
from orchestrator.store.conditions.tree_sql import of_customers
from orchestrator.store.tables.customers import Device

devices = Device.metadata.tables[str(Device.__tablename__)]


@of_customers(Reachable)
def reachable(leaf: Reachable, now: datetime) -> Truth:
    """The column, or the device, that the channel needs."""
    del now
    kind = leaf.contact()
    known = false() if kind is None else _known(kind)
    return known if leaf.reachable else not_(known)


def _known(kind: ContactKind) -> Truth:
    if kind.kept == "id":
        return true()
    if kind.kept == "column":
        return func.coalesce(customers.c[kind.name] != literal("", Text), false())
    device = exists(
        select(literal_column("1"))
        .select_from(devices)
        .where(
            devices.c.customer_id == customers.c.id,
            devices.c.kind == literal(kind.name, Text),
            devices.c.dropped_at.is_(None),
        )
        .correlate(customers)
    )
    told = compare_json(member(customers.c.attributes, kind.name, dotted=False), "gt", "")
    return or_(device, told) if kind.attribute else device
