"""The activity ``deliver``: decide, render, write the ledger, call the channel, record. One message, effectively once.

The ledger's row is claimed before the provider is called. An attempt that finds a row claimed by a process that is
gone cannot know whether the message went out: it repeats the call only where the provider makes the second harmless,
or where the message is information; otherwise the send is ``unknown``.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.channels.active_providers import ActiveProviders
from activities.channels.contract import (
    Ambiguous,
    Callback,
    DefinitionError,
    NobodyThere,
    OptedOut,
    Provider,
    Services,
    Temporary,
    Unreachable,
)
from activities.sending.attempt_time import AttemptTime
from activities.sending.claim import (
    Changed,
    Claimed,
    Claims,
    Outcome,
    PossiblySent,
    Throttled,
    Work,
)
from activities.sending.context import DeliveryContext, delivery_context, ends_by_itself, step_of
from activities.sending.contract import DeliverInput, DeliverResult, StepHandler, StepWork, in_progress, step_handlers
from activities.sending.definition_fault import DefinitionFault, reach_of, stops_its_step, wrong
from activities.sending.frequency import Counting
from activities.sending.heartbeats import heartbeats
from activities.sending.local_attempts import CommitAfter, LocalAttempts
from activities.sending.parking import Resumed, as_parked
from activities.sending.reports import Reports
from activities.sending.trouble import noted_trouble
from orchestrator.core.events.ids import later_send_id, send_id
from orchestrator.core.journey.plan import Plan
from orchestrator.core.messages.render import MessageWords
from orchestrator.core.sending.decision import Reason
from orchestrator.core.timing import Clock
from orchestrator.links import Links
from orchestrator.settings import Settings
from orchestrator.store.channels.rate import ChannelRate
from orchestrator.store.presence import Presence
from orchestrator.store.sending.frequency import Frequency, counting_redis
from orchestrator.store.sending.ledger import DecisionInputs, Ledger, Page, Place
from orchestrator.store.templates.source import TemplateSource

PROVIDER_TIMEOUT = 45.0
"""Seconds for one call; with the reads and writes around it, less than the activity's own time-out."""
CLAIM_LASTS = timedelta(minutes=2)
"""Real time after which not even a living process can be at a call that it claimed: it could not record the answer."""
SURELY_NOT = frozenset({"unreachable", "not_delivered", "not_accepted"})
"""Reasons of sends that have failed for good."""


class PlanLoader(Protocol):
    """Finds plans by hash; raises ``LookupError``."""

    async def get(self, digest: str, /) -> Plan:
        """The plan."""


class _UnknownPlan(Exception):
    """To be learned first, while no connection is held."""

    def __init__(self, digest: str) -> None:
        super().__init__(digest)
        self.digest = digest


class _StaleTemplate(Exception):
    """To be looked at again first, while no connection is held."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class Delivery:
    """One for a worker. ``deliver`` is the activity; ``carry_out`` is the same without Temporal."""

    def __init__(
        self,
        engine: AsyncEngine,
        plans: PlanLoader,
        providers: Mapping[str, Provider],
        handlers: Mapping[str, StepHandler] | None = None,
        redis: Redis | None = None,
        links: Links | None = None,
        commit: CommitAfter | None = None,
    ) -> None:
        """``providers`` by channel; ``handlers`` by kind of step, for steps that send no message. Without ``redis`` no
        advertisement that a frequency cap looks at is sent; without ``links`` the links of messages stay as they are
        written, and no message has a way out of its own; without ``commit`` runs commit for themselves."""
        self._links, self._engine = links, engine
        self._local = LocalAttempts(commit)
        self._plans = plans
        self._known: dict[str, Plan] = {}
        self._providers = providers
        self._handlers = handlers or {}
        self._templates = TemplateSource(engine)
        self._ledger = Ledger(engine)
        self._presence = Presence(engine)
        self._reports = Reports(engine)
        counting = Counting(Frequency(redis) if redis else None)
        self._claims = Claims(providers, counting, ChannelRate(redis) if redis else None)
        self._busy: dict[UUID, tuple[asyncio.Lock, int]] = {}
        self._under_way: set[asyncio.Task[DeliverResult]] = set()

    async def close(self) -> None:
        """Give back what the handlers hold."""
        for handler in self._handlers.values():
            await handler.close()

    @activity.defn(name="deliver")
    async def deliver(self, given: DeliverInput) -> dict[str, Any]:
        """Deliver one message, or say why not. Defaults are left out of the answer.

        Raises an ``ApplicationError`` of type ``Temporary``, ``InProgress`` or ``UnknownRun`` (to be tried again), or
        ``DefinitionError`` (not to be).
        """
        time_of_attempt = AttemptTime(given.at)
        with heartbeats(), self._local.attempt(given):
            async with noted_trouble(self._engine, given) as noted:
                result: DeliverResult | Resumed = Resumed()
                while isinstance(result, Resumed):
                    settled = await self._settled_or_stopped(given, time_of_attempt.now)
                    result = await as_parked(self._engine, given, settled)
                noted.result = result
            answer = result.as_json(at=time_of_attempt.end())
            return answer | await self._local.committed(given, result)

    async def carry_out(self, given: DeliverInput, now: datetime) -> DeliverResult:
        """Deliver at the journey's instant ``now``."""
        return await self._settled(given, lambda _: now)

    async def _settled_or_stopped(self, given: DeliverInput, now: Callable[[Clock], datetime]) -> DeliverResult:
        """What is wrong for everybody stops the step, where the run can wait for that to be put right."""
        try:
            return await self._settled(given, now)
        except DefinitionFault as fault:
            if await stops_its_step(self._engine, given, fault) and given.parks:
                return DeliverResult("held", "step_paused")
            raise

    async def _settled(self, given: DeliverInput, now: Callable[[Clock], datetime]) -> DeliverResult:
        """Until it is settled. Cancelled before anything was claimed, it stops; after that it goes to its end first."""
        run = UUID(given.run)
        own = (run, given.step, given.occurrence)
        place = Place(later_send_id(*own, given.after) if given.after else send_id(*own), *own)
        work = Work(place, given, now)
        task = asyncio.create_task(self._carry_on(work))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if not work.committed:
                task.cancel()
            await asyncio.wait([task])
            raise

    async def _carry_on(self, work: Work) -> DeliverResult:
        async with self._alone(work.place.id):
            for _ in range(6):
                try:
                    return await self._attempt(work)
                except Changed:
                    continue
                except _UnknownPlan as unknown:
                    await self._learn(unknown.digest)
                except _StaleTemplate as stale:
                    await self._templates.learn(stale.key)
        raise in_progress()

    async def _learn(self, digest: str) -> None:
        try:
            self._known[digest] = await self._plans.get(digest)
        except (LookupError, ValueError) as error:
            raise wrong(f"plan {digest}: {type(error).__name__}", "worker") from error

    @asynccontextmanager
    async def _alone(self, key: UUID) -> AsyncIterator[None]:
        """Within this process, one delivery of a send at a time."""
        lock, waiting = self._busy.get(key, (asyncio.Lock(), 0))
        self._busy[key] = lock, waiting + 1
        try:
            async with lock:
                yield
        finally:
            lock, waiting = self._busy.pop(key)
            if waiting > 1:
                self._busy[key] = lock, waiting - 1

    async def _attempt(self, work: Work) -> DeliverResult:
        """One walk through everything; no connection is held while a provider is being called or waited for."""
        process = await self._presence.id()
        async with self._ledger.page() as page:
            outcome = await self._open(page, process, work)
        while True:
            match outcome:
                case DeliverResult():
                    return outcome
                case StepWork():
                    return await self._handlers[outcome.kind].handle(outcome)
                case Throttled(wait, case, channels, failed):
                    await asyncio.sleep(wait.total_seconds())
                    case = replace(case, now=work.now(case.seen.clock))
                    async with self._ledger.page() as page:
                        outcome = await self._claims.settle_or_claim(page, work, case, channels, failed)
                case Claimed():
                    answer = await self._call(work, outcome)
                    if isinstance(answer, DeliverResult):
                        return answer
                    async with self._ledger.page() as page:
                        outcome = await self._fall_back(page, work, outcome, answer)

    async def _open(self, page: Page, process: int, work: Work) -> Outcome | StepWork:
        place = work.place
        seen = await page.read(place, work.given.event)
        if seen is None:
            raise ApplicationError("the run has no row", type="UnknownRun")
        plan = self._plan_of(seen)
        step = plan.steps.get(place.step)
        if step is None and work.given.after:  # its run was moved to a version without it, and goes no further
            return DeliverResult("skipped", "moved")
        kind = getattr(step, "kind", "")
        if step is not None and kind in self._handlers:
            return StepWork(process, place, kind, step, plan, seen, work.given, work.now(seen.clock))
        match seen.status:
            case "sent" | "unknown" | "skipped":
                return DeliverResult(seen.status, seen.row["reason"])
            case "failed" if seen.row["reason"] in SURELY_NOT:
                return DeliverResult("skipped", seen.row["reason"])
        case = await self._case(page, process, work, seen, plan)
        if seen.status == "claimed":
            return await self._take_over(page, work, case)
        return await self._claims.settle_or_claim(page, work, case, case.channels, _known_before(case))

    def _plan_of(self, seen: DecisionInputs) -> Plan:
        plan = self._known.get(seen.row["plan_hash"])
        if plan is None:
            raise _UnknownPlan(seen.row["plan_hash"])
        return plan

    async def _case(self, page: Page, process: int, work: Work, seen: DecisionInputs, plan: Plan) -> DeliveryContext:
        now = work.now(seen.clock)
        words = self._words(plan, work.place)
        try:
            case = delivery_context(process, work.place, seen, plan, words, work.given.variables, now, self._links)
        except (LookupError, TypeError, ValueError) as error:
            raise wrong(f"{work.place.step}: {type(error).__name__}") from error
        if work.given.after:
            case = _deferred(case, plan, work.given.after)
        if case.only_if is None:
            return case
        wanted = await page.holds(case.only_if, case.customer, now, seen.entry, case.recipient.zone)
        return replace(case, standing=replace(case.standing, wanted=wanted))

    def _words(self, plan: Plan, place: Place) -> MessageWords:
        """The step's own, or those of its template."""
        try:
            settings = step_of(plan, place).settings
        except (LookupError, TypeError) as error:
            raise wrong(f"{place.step}: {type(error).__name__}") from error
        if settings.template is None:
            return MessageWords(settings)
        if not self._templates.is_fresh(settings.template):
            raise _StaleTemplate(settings.template)
        try:
            return MessageWords(settings, self._templates.get(settings.template))
        except LookupError as error:
            reason = Reason("template_not_in_use", {"template": settings.template})
            raise wrong(f"{place.step}: {error}", "everybody", reason) from None

    async def _take_over(self, page: Page, work: Work, case: DeliveryContext) -> Outcome:
        """An earlier attempt claimed the row and did not say what became of it."""
        claim, channel = case.seen.claim, case.seen.row["channel"]
        own = claim.get("by") == case.process  # and not under way: ``_alone`` has seen to that
        called = datetime.now(UTC) - datetime.fromisoformat(claim["at"]) > CLAIM_LASTS
        if not own and not called and await page.claimant_lives(case.seen):
            raise in_progress()
        if self._repeatable(case, channel):
            work.possibly_sent = True
            with suppress(PossiblySent):
                return await self._claims.settle_or_claim(page, work, case, case.channels, _known_before(case))
        reason = Reason("interrupted", {"channel": channel})
        if not await page.interrupted(case.place, case.seen, reason.code, {"reason": reason.as_json()}):
            raise Changed
        return DeliverResult("unknown", "interrupted")

    def _repeatable(self, case: DeliveryContext, channel: str) -> bool:
        if case.message_class == "informational":
            return True
        provider = self._providers[channel]
        window = provider.capabilities.idempotent_for
        if window is None or provider.name != case.seen.row["provider"]:
            return False
        return datetime.now(UTC) - datetime.fromisoformat(case.seen.claim["at"]) < window

    async def _call(self, work: Work, claimed: Claimed) -> DeliverResult | Reason:
        """Call the provider and record its answer; a reason where it says that the customer cannot be reached."""
        case, channel = claimed.case, claimed.send.channel
        about = {"channel": channel}
        try:
            async with asyncio.timeout(PROVIDER_TIMEOUT):
                message = case.outgoing(claimed.send, claimed.composed)
                receipt = await claimed.provider.send(message, case.place.id)
        except (Ambiguous, TimeoutError):
            await self._settle(case, "unknown", Reason("ambiguous", about))
            return DeliverResult("unknown", "ambiguous")
        except Unreachable as error:
            work.possibly_sent = False
            if isinstance(error, OptedOut):
                await self._withdrawn(claimed)
            if isinstance(error, NobodyThere):
                await self._reports.note_bounce(case.place.id, case.now)
            return Reason("unreachable", {**about, "detail": str(error)})
        except Temporary as error:
            await self._settle(case, "failed", Reason("temporary", {**about, "detail": str(error)}))
            await self._claims.release(work, case)
            raise ApplicationError(str(error), type="Temporary", next_retry_delay=error.after) from None
        except DefinitionError as error:
            reason = Reason("definition_error", {**about, "detail": str(error)})
            await self._settle(case, "failed", reason)
            await self._claims.release(work, case)
            raise wrong(f"{case.place.step}: {error}", reach_of(error), reason) from None
        async with self._ledger.page() as page:
            await page.settle(case.place, "sent", "", receipt.provider_message_id, case.now)
        return DeliverResult("sent")

    async def _withdrawn(self, claimed: Claimed) -> None:
        """The provider knows what we did not: the customer has opted out there. It is a report like any other."""
        key, channel = claimed.case.place.id, claimed.send.channel
        told = Callback("", "unsubscribed", datetime.now(UTC), key=key, id=f"{key}:{channel}:refused")
        await self._reports.take(claimed.provider.name, told)

    async def _settle(self, case: DeliveryContext, status: str, reason: Reason) -> None:
        async with self._ledger.page() as page:
            await page.settle(case.place, status, reason.code, more={"reason": reason.as_json()})

    async def _fall_back(self, page: Page, work: Work, claimed: Claimed, unreachable: Reason) -> Outcome:
        """The next channel, decided by its own rules; without one, the send has failed."""
        case, channel = claimed.case, claimed.send.channel
        failed = {**claimed.failed, channel: unreachable}
        rest = claimed.channels[claimed.channels.index(channel) + 1 :]
        if rest:
            return await self._claims.settle_or_claim(page, work, case, rest, failed)
        decision = replace(claimed.send, passed={**claimed.send.passed, **failed})
        return await self._claims.skip(page, work, case, decision, next(iter(failed.values())))


def _deferred(case: DeliveryContext, plan: Plan, after: str) -> DeliveryContext:
    """The case once ``after`` is known not to have reached the customer. The run has gone on meanwhile: that it came to
    its end is no reason against the message, that it was ended is one."""
    over = case.standing.run_over and not ends_by_itself(plan, case.seen.row["run_reason"])
    return replace(case, after=after, standing=replace(case.standing, run_over=over))


def _known_before(case: DeliveryContext) -> dict[str, Reason]:
    return {case.after: Reason("unreachable", {"channel": case.after})} if case.after else {}


async def delivery_from(
    settings: Settings,
    engine: AsyncEngine,
    plans: PlanLoader,
    active_providers: ActiveProviders | None = None,
    redis: Redis | None = None,
    commit: CommitAfter | None = None,
) -> Delivery:
    """The delivery of a worker. ``active_providers``: who carries each channel, where the caller keeps up with changes;
    ``redis``: for what is counted, where the caller closes it; ``commit``: what carries out commits."""
    if active_providers is None:
        active_providers = ActiveProviders(Services(settings, engine))
    await active_providers.refresh()
    if redis is None and settings.redis_url:
        redis = counting_redis(settings.redis_url)
    links = Links(settings.secret_key.get_secret_value(), settings.public_url)
    return Delivery(engine, plans, active_providers, step_handlers(engine, settings), redis, links, commit)


__all__ = ["DeliverInput", "DeliverResult", "Delivery", "delivery_from"]
