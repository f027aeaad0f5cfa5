"""What the API answers of whoever asks."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from orchestrator.core.roles import Permission, Role


class JourneyClock(BaseModel):
    """The clock by which journeys run."""

    now: datetime
    speed: float = Field(description="Seconds of journey time in a real second; 1 unless the workspace is a demo.")


class Me(BaseModel):
    """Who asks."""

    name: str
    email: str | None
    role: Role
    can: list[Permission]
    via: Literal["session", "token", "setting", "local"] = Field(
        description="How we know: signed in, an API token, the admin token of the settings, or being on this machine."
    )
    locale: str = Field(description="Of the person; else as Accept-Language wishes.")
    time_zone: str = Field(description="Of the workspace.")
    clock: JourneyClock
