"""A process of its own that takes coupon codes, many at once: ``python coupon_taker.py URL POOL FIRST LAST``.

Each visit asks twice, both at the same time, as a commit does that Temporal carries out again before the first is
through. It writes what it got as JSON: by visit, the two answers.
"""

import asyncio
import json
import sys
from datetime import UTC, datetime
from uuid import uuid5

from orchestrator.core.commands import Fact
from orchestrator.core.events.ids import NAMESPACE
from orchestrator.store.coupons.take import take_coupon
from orchestrator.store.database import create_engine
from orchestrator.store.facts import Taker

NOW = datetime(2026, 1, 5, 1, tzinfo=UTC)


async def main(url: str, pool: str, first: int, last: int) -> None:
    """Take, all at once."""
    engine = create_engine(url, pool_size=8)

    async def visit(n: int) -> tuple[str, list[str | None]]:
        who = uuid5(NAMESPACE, str(n))
        asked, taker = Fact("coupon", pool, f"visit-{n}"), Taker(who, who)
        both = await asyncio.gather(*(take_coupon(engine, asked, taker, NOW) for _ in range(2)))
        return asked.id, [None if one is None else one["code"] for one in both]

    found = await asyncio.gather(*(visit(n) for n in range(first, last)))
    await engine.dispose()
    sys.stdout.write(json.dumps(dict(found)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
