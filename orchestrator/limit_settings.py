"""Settings that bound what one process takes on, and how long one waits for another."""

from pydantic import Field
from pydantic_settings import BaseSettings


class LimitSettings(BaseSettings):
    """A part of ``Settings``. The defaults suit a machine of two cores; few installations need others."""

    most_starts: int = Field(
        default=100,
        ge=1,
        description="Journeys that one customer may begin within an hour, all together; further entries are refused. "
        "It ends what goes round by way of another system.",
    )
    intake_requests: int = Field(
        default=1_000,
        ge=1,
        description="Requests with events that one API process works on at once; more are answered with 429 and "
        "`Retry-After`.",
    )
    intake_queue: int = Field(
        default=20_000,
        ge=1,
        description="Events that wait to be stored in one API process; more are answered with 429 and `Retry-After`.",
    )
    share_port: bool = Field(
        default=False,
        description="Whether several API processes of this host listen on one port, and the system spreads callers "
        "over them (Linux). `sojourn run --api 2` sets it.",
    )
    silent_after: float = Field(
        default=30.0,
        ge=3.0,
        description="Seconds without a sign of life after which `sojourn run` replaces a worker, router or API that "
        "hangs.",
    )
