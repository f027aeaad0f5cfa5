"""The demo shop: publishes the examples and keeps its customers moving, through the front door. ``sojourn demo``.

Everything that a customer does is a real call to the intake, with a message id that is the same each time. How far each
has come stands in the log of events, so a restarted demo goes on where it was and nothing happens twice.
"""

import asyncio
import heapq
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import httpx2
import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from api.demo.story import DAY, Act, story
from orchestrator.core.timing import Clock
from orchestrator.files.yaml_text import load_yaml
from orchestrator.journey_gallery import FOLDER
from orchestrator.journey_gallery.pools import POOLS
from orchestrator.settings import Settings
from orchestrator.store.coupons.codes import generate_codes
from orchestrator.store.coupons.pools import PoolExists, create_pool
from orchestrator.store.database import create_engine, session_factory
from orchestrator.store.demo.acts import acts_done, introduce_shop
from orchestrator.store.demo.sample_data import is_removed
from orchestrator.store.workspace import load_clock

log = structlog.get_logger()

SEED = 7
CUSTOMERS = 120
JOURNEYS = ("birthday", "lifecycle", "cart-recovery")
"""In this order: the lifecycle starts the birthday journey."""
SHOP = {
    "sender_name": "오늘찻집",
    "sender_contact": "02-0000-0000",
    "opt_out_number": "080-000-0000",
}
CODES = 500
"""In each coupon pool."""
MOST_AT_ONCE = 50
BREATH = timedelta(milliseconds=250)
"""Between two calls, real time: what falls due meanwhile travels together."""
PATIENCE = 5.0
LOOK_EVERY = 1.0
"""Seconds between two looks whether the sample data is still wanted."""


@dataclass(order=True, slots=True)
class Due:
    """The next act of a customer; ordered by when it is due, in journey time."""

    at: datetime
    number: int
    index: int
    act: Act
    rest: Iterator[Act]


async def main(settings: Settings) -> None:
    """Load the demo workspace, and keep it moving until cancelled."""
    engine = create_engine(settings.database_url, pool_size=1, max_overflow=1, application="sojourn-demo")
    base = f"http://127.0.0.1:{settings.port}"
    try:
        async with httpx2.AsyncClient(base_url=base, timeout=10) as http:
            await _until_ready(http)
            if await is_removed(engine):
                log.info("demo_stays_away")
                return
            await _introduce(engine)
            await _stock(engine)
            await publish_examples(http, settings.admin_token.get_secret_value())
            async with session_factory(engine)() as session:
                clock = await load_clock(session)
            shop = Shop(http, settings.write_keys[0], clock, await _schedule(engine, clock))
            log.info("demo_moving", customers=CUSTOMERS, day_seconds=clock.day_seconds)
            await _either(shop.keep_moving(), _until_removed(engine))
            log.info("demo_ends")
    finally:
        await engine.dispose()


async def publish_examples(http: httpx2.AsyncClient, token: str) -> list[str]:
    """Publish the examples that the workspace does not have; those it has, also as drafts, stay as they are."""
    http.headers["authorization"] = f"Bearer {token}"
    published = []
    for key in JOURNEYS:
        if (await http.get(f"/api/journeys/{key}")).status_code == 200:
            continue
        document = load_yaml((FOLDER / f"{key}.yaml").read_text(encoding="utf-8"))
        (await http.put(f"/api/journeys/{key}", json=document)).raise_for_status()
        published_as = await http.post(f"/api/journeys/{key}/publish", json={"override": True})  # links to example.com
        published_as.raise_for_status()
        log.info("demo_published", journey=key)
        published.append(key)
    del http.headers["authorization"]
    return published


class Shop:
    """Sends what falls due."""

    def __init__(self, http: httpx2.AsyncClient, write_key: str, clock: Clock, due: list[Due]) -> None:
        self.http = http
        self.write_key = write_key
        self.clock = clock
        self.due = due
        heapq.heapify(self.due)

    async def keep_moving(self) -> None:
        """For ever: customers never run out of plans."""
        while self.due:
            await self.send_due(datetime.now(UTC))
            ahead = self.clock.wait(self.due[0].at - self.clock.now()) if self.due else timedelta(0)
            await asyncio.sleep(max(BREATH, min(ahead, timedelta(seconds=60))).total_seconds())

    async def send_due(self, real: datetime) -> int:
        """Send all that is due at a real instant, at most one batch; how many calls that were."""
        now = self.clock.at(real)
        taken: list[Due] = []
        while self.due and self.due[0].at <= now and len(taken) < MOST_AT_ONCE:
            taken.append(one := heapq.heappop(self.due))
            following = next(one.rest, None)
            if following is not None:
                heapq.heappush(self.due, Due(one.at + following.after, one.number, one.index + 1, following, one.rest))
        if taken:
            await self._post([self._call(one, real - self.clock.wait(now - one.at)) for one in taken])
        return len(taken)

    def _call(self, due: Due, at: datetime) -> dict[str, Any]:
        call = {
            "messageId": f"demo-{SEED}-{due.number:03d}-{due.index:05d}",
            "userId": f"demo-{due.number:03d}",
            "timestamp": at.isoformat(),
            "context": {"library": {"name": "sojourn-demo", "version": "1"}},
        }
        if due.act.event:
            return {**call, "type": "track", "event": due.act.event, "properties": due.act.properties}
        return {**call, "type": "identify", "traits": due.act.properties}

    async def _post(self, calls: list[dict[str, Any]]) -> None:
        """Until it is taken: the ids are the same each time, so sending again is harmless."""
        while True:
            body = {"batch": calls, "sentAt": datetime.now(UTC).isoformat()}
            try:
                answer = await self.http.post("/v1/batch", json=body, auth=(self.write_key, ""))
                if answer.status_code < 500 and answer.status_code != 429:
                    answer.raise_for_status()
                    return
                log.warning("demo_refused", status=answer.status_code)
            except httpx2.TransportError as error:
                log.warning("demo_unanswered", error=type(error).__name__)
            await asyncio.sleep(PATIENCE)


async def _until_ready(http: httpx2.AsyncClient) -> None:
    while True:
        try:
            if (await http.get("/readyz")).status_code == 200:
                return
        except httpx2.TransportError:
            pass
        await asyncio.sleep(0.5)


async def _either(*ways: Coroutine[Any, Any, None]) -> None:
    """Until one of them ends, in whatever way; the others are given up."""
    tasks = [asyncio.ensure_future(way) for way in ways]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


async def _until_removed(engine: AsyncEngine) -> None:
    """Until somebody removes the sample data from the workspace."""
    while not await is_removed(engine):  # noqa: ASYNC110 - another process says so, in the database
        await asyncio.sleep(LOOK_EVERY)


async def _stock(engine: AsyncEngine) -> None:
    """The gallery's coupon pools with codes; those that are there stay as they are."""
    async with session_factory(engine)() as session:
        now = (await load_clock(session)).now()
    for key, document in POOLS.items():
        try:
            await create_pool(engine, key, document, now, "demo")
        except PoolExists:
            continue
        await generate_codes(engine, key, document.pattern, CODES)
        log.info("demo_stocked", pool=key, codes=CODES)


async def _introduce(engine: AsyncEngine) -> None:
    """The shop's name and contact, as the law wants them on advertisements; what is set already stays."""
    await introduce_shop(engine, SHOP)


async def _schedule(engine: AsyncEngine, clock: Clock) -> list[Due]:
    return schedule(await acts_done(engine, SEED), clock.now())


def schedule(done: dict[int, tuple[int, datetime]], now: datetime) -> list[Due]:
    """The next act of everybody, given the number and the instant of each one's last.

    What fell due while nobody was here is spread over the coming day. Those who have not come yet come in the same
    order and at the same distances, the first of them soon.
    """
    found, late = [], Random(SEED)  # noqa: S311 - to be repeated, not to be unguessable
    coming: datetime | None = None
    for number in range(CUSTOMERS):
        acts = story(SEED, number)
        last, at = done.get(number, (0, now))
        for _ in range(last):
            next(acts)
        act = next(acts)
        if number in done:
            when = at + act.after if at + act.after > now else now + DAY * late.random()
        else:
            first = now + act.after
            coming = coming or (first if done else now)
            when = now + (first - coming)
        found.append(Due(max(when, now), number, last + 1, act, acts))
    return found
