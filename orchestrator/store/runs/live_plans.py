"""The versions that customers enter, and their plans: each plan is fetched and read once a process.

Each stands alone: one that this build cannot read, as a newer one published it, keeps no other from its customers.
"""

from dataclasses import dataclass, field

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from orchestrator.core.journey.plan import Plan, load_plan

_LIVE = text("""
select j.key, case when w.settings -> 'paused' -> 'everything' is not null then 'paused' else j.status end as status,
    v.version, v.plan_hash, w.settings -> 'holdout' as holdout
from journeys j join journey_versions v on v.journey_key = j.key and v.version = j.live_version
left join workspace w on w.id = 1
where j.status in ('live', 'paused') order by j.key
""")
_BODIES = text("select hash, body from plans where hash = any(cast(:hashes as text[]))")


@dataclass(frozen=True, slots=True)
class LivePlan:
    """A journey that customers may enter (or, paused, are kept from)."""

    plan: Plan
    version: int
    paused: bool = False
    holdout: int = 0
    """Percent of customers who enter no journey of the workspace."""


@dataclass(frozen=True, slots=True)
class UnreadablePlan:
    """A live version that this build cannot read. ``error``: the type of what went wrong."""

    key: str
    version: int
    error: str


@dataclass
class LivePlans:
    """What is live, as of each look; what is live no more is forgotten."""

    _read: dict[str, Plan | str] = field(default_factory=dict)
    """By hash: a plan, or why there is none."""

    async def load(self, db: AsyncConnection | AsyncSession) -> tuple[list[LivePlan], list[UnreadablePlan]]:
        """Every journey that is live or paused, in the order of their keys; and those that cannot be read."""
        rows, known = (await db.execute(_LIVE)).all(), self._read  # others may look at the same time
        new = sorted({row.plan_hash for row in rows} - known.keys())
        if new:
            bodies = {row.hash: bytes(row.body) for row in await db.execute(_BODIES, {"hashes": new})}
            known = known | {digest: _read(bodies.get(digest)) for digest in new}
        self._read = {row.plan_hash: known[row.plan_hash] for row in rows}
        live, unreadable = [], []
        for row in rows:
            plan = known[row.plan_hash]
            if isinstance(plan, str):
                unreadable.append(UnreadablePlan(row.key, row.version, plan))
            else:
                live.append(LivePlan(plan, row.version, row.status == "paused", percent_of(row.holdout)))
        return live, unreadable


of_this_process = LivePlans()
"""For whoever looks from time to time and keeps none of their own."""


def percent_of(stored: object) -> int:
    """The workspace's holdout as its settings have it."""
    return min(max(stored, 0), 100) if isinstance(stored, int) else 0


def _read(body: bytes | None) -> Plan | str:
    if body is None:
        return "LookupError"
    try:
        return load_plan(body)
    except Exception as error:  # whatever is wrong with it, the others are served
        return type(error).__name__
