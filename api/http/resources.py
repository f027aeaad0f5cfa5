"""What the API holds open while it runs."""

from dataclasses import dataclass
from functools import cached_property

from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.settings import Settings
from orchestrator.store.database import Sessions
from orchestrator.store.journeys.plans import Plans
from orchestrator.store.media.storage import Storage, open_storage


@dataclass(frozen=True)
class Resources:
    """Settings, database and Redis of this process; ``app.state.resources``."""

    settings: Settings
    engine: AsyncEngine
    sessions: Sessions
    redis: Redis

    @cached_property
    def plans(self) -> Plans:
        """The plans that this process has read."""
        return Plans(self.engine)

    @cached_property
    def media(self) -> Storage:
        """Where the pixels of pictures lie."""
        return open_storage(self.settings)
