"""Which alerts are due: one when an incident begins, one when it is over, however often it comes and goes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Literal

SETTING, TOLD = "alerts", "alerted"
"""Among the workspace's settings: what was chosen, and what was told."""
Change = Literal["opened", "closed"]


@dataclass(frozen=True)
class AlertSettings:
    """Where alerts go (empty: nowhere), from how many runs on trouble is one, and for how many minutes an incident that
    comes back is the same."""

    url: str = ""
    least: int = 10
    quiet: int = 60

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "AlertSettings":
        """Those of a workspace."""
        chosen = settings.get(SETTING) or {}
        return cls(**{one.name: chosen[one.name] for one in fields(cls) if one.name in chosen})

    @property
    def sensible(self) -> bool:
        """Whether the numbers are what a person may choose."""
        return 1 <= self.least <= 1_000_000 and 0 <= self.quiet <= 7 * 24 * 60


@dataclass(frozen=True)
class Told:
    """What is known of an incident. ``closed``: None while it lasts; ``silent``: it came back within the quiet time,
    and nothing more is told of it."""

    opened: datetime
    closed: datetime | None = None
    silent: bool = False

    def as_json(self) -> dict[str, Any]:
        """As it is kept."""
        closed = self.closed.isoformat() if self.closed else None
        return {"opened": self.opened.isoformat(), "closed": closed, "silent": self.silent}

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> "Told":
        """The inverse of :meth:`as_json`."""
        closed = datetime.fromisoformat(kept["closed"]) if kept.get("closed") else None
        return cls(datetime.fromisoformat(kept["opened"]), closed, bool(kept.get("silent")))


@dataclass(frozen=True)
class AlertDecision:
    """What becomes of one incident at a look: what is kept of it from now on (None: nothing), and what is told."""

    incident: str
    kept: Told | None
    tell: Change | None


def decide_alerts(
    told: Mapping[str, Told], now: datetime, current: Collection[str], quiet: timedelta
) -> list[AlertDecision]:
    """The incidents for which something changes, by name. ``current``: those that there are; ``now``: real time."""
    found = []
    for name in sorted({*told, *current}):
        before = told.get(name)
        if name in current:
            if before is None or (before.closed is not None and before.closed <= now - quiet):
                found.append(AlertDecision(name, Told(now), "opened"))
            elif before.closed is not None:
                found.append(AlertDecision(name, Told(before.opened, silent=True), None))
        elif before is not None and before.closed is None:
            found.append(
                AlertDecision(name, Told(before.opened, now, before.silent), None if before.silent else "closed")
            )
        elif before is not None and before.closed is not None and before.closed <= now - quiet:
            found.append(AlertDecision(name, None, None))
    return found
