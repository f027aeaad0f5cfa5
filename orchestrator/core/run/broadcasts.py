"""A broadcast: an audience that enters a journey, at a pace, each in their turn. An operation (``operations.py``)."""

from datetime import datetime, time
from typing import Any, Literal, get_args
from uuid import UUID

from pydantic import Field, JsonValue

from orchestrator.core.conditions.leaves.segment import SEGMENT_KEY, InSegment
from orchestrator.core.conditions.model import Condition
from orchestrator.core.conditions.tree import AllOf
from orchestrator.core.text import Frozen
from orchestrator.core.timing import next_time_of_day, resolve, zone
from orchestrator.core.zone_settings import DEFAULT_ZONE

RECALLED = "recalled"
"""Reason of a run that was ended before it had sent anything, and of an entry that was not decided by then."""
MOST_PER_MINUTE = 60_000.0
FEWEST_PER_MINUTE = 1.0

Outcome = Literal[
    "waiting", "not_entered", "asked", "refused", "under_way", "reached", "recalled", "not_reached", "failed"
]
"""What became of a customer. ``waiting``: their turn comes yet; ``not_entered``: it was recalled before; ``asked``:
it is being decided; ``refused``: they did not enter; ``under_way``: entered, and nothing was sent yet; ``reached``: at
least one message went out, or may have; ``recalled``: ended before anything was sent; ``not_reached``: their run is
over, and nothing was sent; ``failed``: nobody has decided it."""
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)


class Broadcast(Frozen):
    """What somebody wants sent to whom, and when. Journey time."""

    journey: str
    segment: str | None = Field(None, pattern=SEGMENT_KEY)
    condition: Condition | None = None
    without: str | None = Field(None, pattern=SEGMENT_KEY)
    """A segment whose members are left out."""
    reached_by: UUID | None = None
    """Those whom another broadcast has reached: it makes up for that one."""
    listed: bool = False
    """Those who were named when it was made, and stand in its list already."""
    properties: dict[str, JsonValue] = Field(default_factory=dict)
    """Of the entry event."""
    start_at: datetime | None = None
    time_of_day: time | None = None
    """Each customer by the clock where they are."""
    late: Literal["now", "tomorrow"] = "now"
    """Those for whom it is past that hour at the start."""
    share: int | None = Field(None, ge=1, le=99)
    """Percent who go first; the others when somebody says so."""

    @classmethod
    def of(cls, chosen: dict[str, Any]) -> "Broadcast":
        """As it was written down with its operation."""
        return cls.model_validate({name: value for name, value in chosen.items() if name in cls.model_fields})

    def as_json(self) -> dict[str, Any]:
        """To be written down with its operation."""
        return self.model_dump(mode="json", exclude_defaults=True)

    def audience(self) -> Condition | None:
        """Who is meant, as a condition; None: everybody."""
        parts: list[Any] = []
        if self.segment:
            parts.append(InSegment(segment=self.segment))
        if self.condition is not None:
            parts.append(self.condition)
        if self.without:
            parts.append(InSegment(segment=self.without, member=False))
        return None if not parts else parts[0] if len(parts) == 1 else AllOf(of=tuple(parts))

    def turn(self, now: datetime, zone_name: str | None, otherwise: str = DEFAULT_ZONE) -> datetime | None:
        """When it is the turn of somebody who lives by this zone; None: at once. ``now``: when it starts."""
        if self.time_of_day is None:
            return None
        tz = zone(zone_name, otherwise)
        today = resolve(now.astimezone(tz).date(), self.time_of_day, tz)
        if today > now:
            return today
        return None if self.late == "now" else next_time_of_day(now, self.time_of_day, tz)
