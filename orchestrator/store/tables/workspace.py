"""The workspace: one row."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from orchestrator.core.zone_settings import DEFAULT_ZONE
from orchestrator.store.columns import instant, json_value


class Workspace(SQLModel, table=True):
    """One row: the workspace's defaults and its clock."""

    __tablename__ = "workspace"
    id: int = Field(default=1, primary_key=True)
    time_zone: str = DEFAULT_ZONE
    locale: str = "ko"
    day_seconds: float | None = Field(default=None, description="Real seconds in a day of journey time; None: 86,400.")
    clock_real: datetime | None = instant(nullable=True)
    """Real and journey instant at which the clock was last set; between them lies the whole conversion."""
    clock_journey: datetime | None = instant(nullable=True)
    reconciled_at: datetime | None = instant(nullable=True)
    """When following up on messages ended last, real time: Temporal knows it as well, and whichever of the two was
    restored from a backup is behind."""
    settings: dict[str, Any] = json_value()
    """Sender name, opt-out number and the like, by name."""
