"""Following up on messages: asking providers what became of those that nobody knows about, and giving the next channel
its turn where the first is known, by now, not to have reached the customer.

Providers are asked with growing patience, for three days: so long Kakao may keep a message before it delivers it. Only
what is known not to have arrived goes another way; silence, however long, never does. The later send is decided anew in
full, and stands in the ledger as a row of its own whose id is derived, so that it is made once.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import structlog
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.channels.contract import DeliveryError, Provider, SubmittedMessage, SupportsStatusLookup
from activities.sending.contract import DeliverInput, DeliverResult
from activities.sending.reports import Reports
from orchestrator.core.events.ids import later_send_id
from orchestrator.store.sending.deliveries import (
    DeliveryUpdate,
    SentMessage,
    forget,
    note,
    to_be_asked,
    to_fall_back,
    update_delivery,
)
from orchestrator.store.sending.rounds import note_round
from orchestrator.store.workspace import read_clock

PATIENCE = timedelta(seconds=30)
"""Real time until a message is asked for the first time."""
LONGEST_BREAK = timedelta(hours=6)
GIVE_UP = timedelta(days=3)
"""Real time after which a message is as it is."""
SEEN_FOR = timedelta(days=14)
MOST = 200
"""Messages of one round."""
AT_ONCE = 8

log = structlog.get_logger()


class HasProviders(Protocol):
    """Who carries each channel, and every provider that is set up (``channels.carriers.ActiveProviders``)."""

    def known(self) -> Mapping[str, Provider]:
        """All of them, by name."""


class Sending(Protocol):
    """What sends (``deliver.Delivery``)."""

    async def carry_out(self, given: DeliverInput, now: datetime) -> DeliverResult:
        """Deliver at the journey's instant ``now``."""


@dataclass(slots=True)
class Round:
    """What one round did."""

    asked: int = 0
    settled: int = 0
    given_up: int = 0
    fell_back: int = 0
    waiting: int = 0

    def as_json(self) -> dict[str, int]:
        """For the workflow's history; nothing where nothing happened."""
        return {name: count for name in self.__slots__ if (count := getattr(self, name))}


class Reconciliation:
    """One for a worker."""

    def __init__(
        self, engine: AsyncEngine, active_providers: HasProviders, delivery: Sending, redis: Redis | None = None
    ) -> None:
        self._engine = engine
        self._carriers = active_providers
        self._delivery = delivery
        self._reports = Reports(engine, redis)

    @activity.defn(name="reconcile")
    async def reconcile(self) -> dict[str, int]:
        """One round, as an activity."""
        return (await self.once(datetime.now(UTC), activity.heartbeat)).as_json()

    async def once(self, now: datetime, alive: Any = lambda: None) -> Round:
        """Look after everything that is due at ``now``, real time. ``alive`` is called now and then."""
        done, gate = Round(), asyncio.Semaphore(AT_ONCE)

        async def one(work: Any) -> None:
            async with gate:
                await work
                alive()

        providers = {name: one for name, one in self._carriers.known().items() if one.capabilities.asks}
        async with self._engine.connect() as db:
            since = now - GIVE_UP - LONGEST_BREAK
            open_ended = await to_be_asked(db, providers, now, since, PATIENCE, MOST)
        await asyncio.gather(
            *(one(self._ask(providers[message.provider], message, now, done)) for message in open_ended)
        )
        async with self._engine.connect() as db:
            journey_now = (await read_clock(db)).at(now)
            lost = await to_fall_back(db, journey_now, now - GIVE_UP, MOST)
        await asyncio.gather(*(one(self._fall_back(message, journey_now, done)) for message in lost))
        async with self._engine.begin() as db:
            await forget(db, now - GIVE_UP - timedelta(days=1), now - SEEN_FOR)
            await note_round(db)
        return done

    async def _ask(self, provider: Provider, message: SentMessage, now: datetime, done: Round) -> None:
        """Ask once; what it says is a report like any other. Without an answer, it is asked again later."""
        if not isinstance(provider, SupportsStatusLookup) or message.handed_over_at is None:
            return
        done.asked += 1
        sent = SubmittedMessage(message.channel, message.id, message.recipient, message.handed_over_at, message.number)
        try:
            told = await provider.ask(sent)
        except DeliveryError as problem:
            log.info("a provider could not be asked", provider=message.provider, problem=str(problem))
            told, answered = None, False
        else:
            answered = True
        if told is not None:
            await self._reports.take(message.provider, told)
            if told.what != "accepted":
                done.settled += 1
                return
        age = now - message.handed_over_at
        if told is None and answered and age >= GIVE_UP and message.status == "unknown":
            await self._never_taken(message, done)
            return
        wait = min(max(age / 2, PATIENCE), LONGEST_BREAK)
        asked = {"times": message.asked + 1, "next": (now + wait).isoformat()}
        async with self._engine.begin() as db:
            await note(db, message.id, {"asked": asked})

    async def _never_taken(self, message: SentMessage, done: Round) -> None:
        """After so long, what the provider knows nothing of was never taken over. It is not sent again for that."""
        done.given_up += 1
        reason = {"code": "not_accepted", "channel": message.channel}
        async with self._engine.begin() as db:
            at = (await read_clock(db)).now()
            delivery_update = DeliveryUpdate(
                "failed", "not_accepted", None, counts=False, over=True, more={"reason": reason}
            )
            await update_delivery(db, message, delivery_update, at)

    async def _fall_back(self, message: SentMessage, now: datetime, done: Round) -> None:
        """The channels after this one, decided anew. What is held comes again when its time comes."""
        later = message.later or {}
        given = DeliverInput(
            str(message.run),
            message.step,
            message.occurrence,
            None,
            later.get("variables") or {},
            later.get("event") or "",
            after=message.channel,
        )
        try:
            result = await self._delivery.carry_out(given, now)
        except ApplicationError as problem:
            if problem.type != "DefinitionError":
                done.waiting += 1
                return
            result = DeliverResult("skipped", "definition_error")
        async with self._engine.begin() as db:
            if result.outcome == "held" and result.until is not None:
                done.waiting += 1
                await note(db, message.id, {"later": {**later, "until": result.until.isoformat()}})
                return
            done.fell_back += 1
            own = later_send_id(message.run, message.step, message.occurrence, message.channel)
            fallback = {"send": str(own), "outcome": result.outcome, "reason": result.reason}
            reason = "unreachable" if message.status == "failed" else ""
            delivery_update = DeliveryUpdate(
                message.status, reason, message.delivery, counts=False, over=True, more={"fallback": fallback}
            )
            await update_delivery(db, message, delivery_update, now)
