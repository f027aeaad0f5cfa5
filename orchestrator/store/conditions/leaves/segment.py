"""segment in SQL."""

from datetime import datetime

from sqlalchemy import Text, and_, exists, literal, literal_column, not_, select

from orchestrator.core.conditions.leaves.segment import InSegment
from orchestrator.store.conditions.json_sql import Truth, customers
from orchestrator.store.conditions.tree_sql import of_customers
from orchestrator.store.tables.segments import Segment, SegmentMember

segments = Segment.metadata.tables[str(Segment.__tablename__)]
members = SegmentMember.metadata.tables[str(SegmentMember.__tablename__)]


@of_customers(InSegment)
def segment(leaf: InSegment, now: datetime) -> Truth:
    """Membership as it stands in the build that is in use; without one, neither in it nor not."""
    del now
    key = literal(leaf.segment, Text)
    live = select(segments.c.live_build).where(segments.c.key == key, segments.c.archived_at.is_(None))
    live_build = live.scalar_subquery()
    member = exists(
        select(literal_column("1"))
        .select_from(members)
        .where(
            members.c.customer_id == customers.c.id,
            members.c.segment_key == key,
            members.c.build == live_build,
            members.c.member,
        )
        .correlate(customers)
    )
    return and_(live_build.is_not(None), member if leaf.member else not_(member))
