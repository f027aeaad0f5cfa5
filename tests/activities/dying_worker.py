"""A worker that stops dead between the provider's call and its record; run as a process of its own, to be killed.

Arguments: the database's URL, the provider ("outbox" or "recorder"), a file to touch when the call has been made.
"""

import asyncio
import sys
from pathlib import Path
from typing import Any

from activities.channels.providers.outbox import Outbox
from activities.sending.deliver import Delivery
from orchestrator.core.channels.registry import CHANNELS
from orchestrator.store.database import create_engine
from orchestrator.store.journeys.plans import Plans
from tests.activities.shop import NOON, NUDGE, Recorder
from tests.waiting import forever


async def main(database_url: str, provider_name: str, called: str) -> None:
    """Deliver the shop's message, up to the moment after the call."""
    engine = create_engine(database_url)
    provider: Any = Outbox(engine) if provider_name == "outbox" else Recorder()
    send = provider.send

    async def send_and_stop(*given: Any) -> None:
        await send(*given)
        Path(called).touch()  # noqa: ASYNC240
        await forever()

    provider.send = send_and_stop
    delivery = Delivery(engine, Plans(engine), dict.fromkeys(CHANNELS, provider))
    await delivery.carry_out(NUDGE, NOON)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
