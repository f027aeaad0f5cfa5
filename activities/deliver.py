"""The activity ``deliver``: decide, render, write the ledger, call the channel, record. One message, effectively once.

The ledger's row is claimed before the provider is called. An attempt that finds a row claimed by a process that is
gone cannot know whether the message went out: it repeats the call only where the provider makes the second harmless,
or where the message is information; otherwise the send is ``unknown``.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.channels.carriers import Carriers
from activities.channels.contract import (
    Ambiguous,
    DefinitionError,
    Provider,
    Services,
    Temporary,
    Unreachable,
)
from activities.deliver_contract import DeliverInput, DeliverResult, StepHandler, StepWork
from activities.delivery_case import Case, case_of, step_of
from activities.webhooks import Webhooks
from orchestrator.core.content import Composed
from orchestrator.core.identity import send_id
from orchestrator.core.message_words import MessageWords, NoWords
from orchestrator.core.plan import Plan
from orchestrator.core.sending import Decision, Hold, Reason, Send, Skip, decide
from orchestrator.core.templates import RenderFailed, TemplateSyntaxProblem
from orchestrator.core.timing import Clock
from orchestrator.settings import Settings
from orchestrator.store.ledger import Circumstances, Entry, Ledger, Page, Place
from orchestrator.store.presence import Presence
from orchestrator.store.template_source import TemplateSource

PROVIDER_TIMEOUT = 45.0
"""Seconds for one call; with the reads and writes around it, less than the activity's own time-out."""
AGAIN_SOON = timedelta(seconds=2)


class PlanLoader(Protocol):
    """Finds plans by hash; raises ``LookupError``."""

    async def get(self, digest: str, /) -> Plan:
        """The plan."""


class Changed(Exception):
    """The ledger's row is not as it was read: start again from there."""


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
    ) -> None:
        """``providers`` by channel; ``handlers`` by kind of step, for steps that send no message."""
        self._plans = plans
        self._known: dict[str, Plan] = {}
        self._providers = providers
        self._handlers = handlers or {}
        self._templates = TemplateSource(engine)
        self._ledger = Ledger(engine)
        self._presence = Presence(engine)
        self._busy: dict[UUID, tuple[asyncio.Lock, int]] = {}

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
        info = activity.info()

        def now(clock: Clock) -> datetime:
            """By the server's clock: an attempt may begin hours after the run asked for it."""
            late = (info.started_time - info.scheduled_time) * clock.speed
            return clock.at(info.started_time) if given.at is None else given.at + late

        return (await self._settled(given, now)).as_json()

    async def carry_out(self, given: DeliverInput, now: datetime) -> DeliverResult:
        """Deliver at the journey's instant ``now``."""
        return await self._settled(given, lambda _: now)

    async def _settled(self, given: DeliverInput, now: Callable[[Clock], datetime]) -> DeliverResult:
        run = UUID(given.run)
        place = Place(send_id(run, given.step, given.occurrence), run, given.step, given.occurrence)
        async with self._alone(place.id):
            for _ in range(6):
                try:
                    return await self._attempt(place, given, now)
                except Changed:
                    continue
                except _UnknownPlan as unknown:
                    await self._learn(unknown.digest)
                except _StaleTemplate as stale:
                    await self._templates.learn(stale.key)
        raise _in_progress()

    async def _learn(self, digest: str) -> None:
        try:
            self._known[digest] = await self._plans.get(digest)
        except (LookupError, ValueError) as error:
            raise _definition(f"plan {digest}: {type(error).__name__}") from error

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

    async def _attempt(self, place: Place, given: DeliverInput, now: Callable[[Clock], datetime]) -> DeliverResult:
        """Until it is settled; no connection is held while a provider is being called."""
        me = await self._presence.id()
        async with self._ledger.page() as page:
            outcome = await self._open(page, me, place, given, now)
        if isinstance(outcome, StepWork):
            return await self._handlers[outcome.kind].handle(outcome)
        while isinstance(outcome, Claimed):
            answer = await self._call(outcome)
            if isinstance(answer, DeliverResult):
                return answer
            async with self._ledger.page() as page:
                outcome = await self._fall_back(page, outcome, answer)
        return outcome

    async def _open(
        self, page: Page, me: int, place: Place, given: DeliverInput, now: Callable[[Clock], datetime]
    ) -> "DeliverResult | Claimed | StepWork":
        seen = await page.read(place, given.event)
        if seen is None:
            raise ApplicationError("the run has no row", type="UnknownRun")
        plan = self._plan_of(seen)
        step = plan.steps.get(place.step)
        kind = getattr(step, "kind", "")
        if step is not None and kind in self._handlers:
            return StepWork(me, place, kind, step, plan, seen, given, now(seen.clock))
        match seen.status:
            case "sent" | "unknown" | "skipped":
                return DeliverResult(seen.status, seen.row["reason"])
            case "failed" if seen.row["reason"] == "unreachable":
                return DeliverResult("skipped", "unreachable")
        case = await self._case(page, me, place, seen, plan, given, now(seen.clock))
        if seen.status == "claimed":
            return await self._take_over(page, case)
        return await self._settle_or_claim(page, case, case.channels, {})

    def _plan_of(self, seen: Circumstances) -> Plan:
        plan = self._known.get(seen.row["plan_hash"])
        if plan is None:
            raise _UnknownPlan(seen.row["plan_hash"])
        return plan

    async def _case(
        self, page: Page, me: int, place: Place, seen: Circumstances, plan: Plan, given: DeliverInput, now: datetime
    ) -> Case:
        try:
            words = self._words(plan, place)
            case = case_of(me, place, seen, plan, words, given.variables, now)
        except (LookupError, TypeError, ValueError) as error:
            raise _definition(f"{place.step}: {type(error).__name__}") from error
        if case.only_if is None:
            return case
        customer = seen.row["customer_id"] or seen.row["run_customer"]
        wanted = await page.holds(case.only_if, customer, now, seen.entry, case.recipient.zone)
        return replace(case, standing=replace(case.standing, wanted=wanted))

    def _words(self, plan: Plan, place: Place) -> MessageWords:
        """The step's own, or those of its template. Raises ``LookupError`` for a template that is not in use."""
        settings = step_of(plan, place).settings
        if settings.template is None:
            return MessageWords(settings)
        if not self._templates.is_fresh(settings.template):
            raise _StaleTemplate(settings.template)
        return MessageWords(settings, self._templates.get(settings.template))

    async def _take_over(self, page: Page, case: Case) -> "DeliverResult | Claimed":
        """An earlier attempt claimed the row and did not say what became of it."""
        claim, channel = case.seen.claim, case.seen.row["channel"]
        own = claim.get("by") == case.me  # and not under way: ``_alone`` has seen to that
        if not own and await page.claimant_lives(case.seen):
            raise _in_progress()
        decision = self._decide(case, case.channels)
        same = isinstance(decision, Send) and decision.channel == channel
        if same and self._repeatable(case, channel):
            return await self._settle_or_claim(page, case, case.channels, {})
        reason = Reason("interrupted", {"channel": channel})
        await _write(page, case, "unknown", decision, reason, claim=claim, channel=channel)
        return DeliverResult("unknown", "interrupted")

    def _repeatable(self, case: Case, channel: str) -> bool:
        if case.message_class == "informational":
            return True
        provider = self._providers[channel]
        window = provider.capabilities.idempotent_for
        if window is None or provider.name != case.seen.row["provider"]:
            return False
        return datetime.now(UTC) - datetime.fromisoformat(case.seen.claim["at"]) < window

    def _decide(self, case: Case, channels: tuple[str, ...]) -> Decision:
        return decide(case.message(channels), case.recipient, case.policy, case.standing, case.now)

    async def _settle_or_claim(
        self, page: Page, case: Case, channels: tuple[str, ...], failed: Mapping[str, Reason]
    ) -> "DeliverResult | Claimed":
        """Decide on ``channels`` and write it down; ``failed`` are those that could not reach the customer."""
        decision = self._decide(case, channels)
        decision = replace(decision, passed={**failed, **decision.passed})
        match decision:
            case Hold(until=until, reason=reason, channel=channel):
                await _write(page, case, "held", decision, reason, channel=channel, hold_until=until)
                return DeliverResult("held", reason.code, until)
            case Skip(reason=reason):
                return await _skip(page, case, decision, next(iter(failed.values()), reason))
        try:
            composed = case.compose(decision.channel)
        except TemplateSyntaxProblem as fault:
            raise _definition(f"{case.place.step}: line {fault.line}: {fault.message}") from None
        except NoWords as fault:
            raise _definition(f"{case.place.step}: {fault}") from None
        except RenderFailed as fault:
            return await _skip(page, case, decision, Reason("template_failed", {"detail": str(fault)}))
        refused, again_at = case.refusal(composed)
        if refused is not None and again_at is not None:
            await _write(page, case, "held", decision, refused, channel=decision.channel, hold_until=again_at)
            return DeliverResult("held", refused.code, again_at)
        if refused is not None:
            return await _skip(page, case, decision, refused)
        return await self._claim(page, Claimed(case, decision, composed, channels, failed))

    async def _claim(self, page: Page, claimed: "Claimed") -> "Claimed":
        """From here on it counts as perhaps sent."""
        case, send = claimed.case, claimed.send
        claim = {"by": case.me, "at": datetime.now(UTC).isoformat()}
        columns = {"channel": send.channel, "provider": self._providers[send.channel].name}
        content = case.written(send, claimed.composed)
        await _write(page, case, "claimed", send, None, claim=claim, content=content, **columns)
        row = {**case.seen.row, "status": "claimed", "claim": claim, "channel": send.channel}
        return replace(claimed, case=replace(case, seen=replace(case.seen, row=row)))

    async def _call(self, claimed: "Claimed") -> DeliverResult | Reason:
        """Call the provider and record its answer; a reason where it says that the customer cannot be reached."""
        case, channel = claimed.case, claimed.send.channel
        about = {"channel": channel}
        try:
            async with asyncio.timeout(PROVIDER_TIMEOUT):
                message = case.outgoing(claimed.send, claimed.composed)
                receipt = await self._providers[channel].send(message, case.place.id)
        except (Ambiguous, TimeoutError):
            await self._settle(case, "unknown", Reason("ambiguous", about))
            return DeliverResult("unknown", "ambiguous")
        except Unreachable as error:
            return Reason("unreachable", {**about, "detail": str(error)})
        except Temporary as error:
            await self._settle(case, "failed", Reason("temporary", {**about, "detail": str(error)}))
            raise ApplicationError(str(error), type="Temporary", next_retry_delay=error.after) from None
        except DefinitionError as error:
            await self._settle(case, "failed", Reason("definition_error", {**about, "detail": str(error)}))
            raise _definition(f"{case.place.step}: {error}") from None
        async with self._ledger.page() as page:
            await page.settle(case.place, "sent", "", receipt.provider_message_id, case.now)
        return DeliverResult("sent")

    async def _settle(self, case: Case, status: str, reason: Reason) -> None:
        async with self._ledger.page() as page:
            await page.settle(case.place, status, reason.code, more={"reason": reason.as_json()})

    async def _fall_back(self, page: Page, claimed: "Claimed", unreachable: Reason) -> "DeliverResult | Claimed":
        """The next channel, decided by its own rules; without one, the send has failed."""
        case, channel = claimed.case, claimed.send.channel
        failed = {**claimed.failed, channel: unreachable}
        rest = claimed.channels[claimed.channels.index(channel) + 1 :]
        if rest:
            return await self._settle_or_claim(page, case, rest, failed)
        decision = replace(claimed.send, passed={**claimed.send.passed, **failed})
        return await _skip(page, case, decision, next(iter(failed.values())))


@dataclass(frozen=True, slots=True)
class Claimed:
    """Written down as about to be sent. ``channels`` were still to be tried; ``failed`` have been."""

    case: Case
    send: Send
    composed: Composed
    channels: tuple[str, ...]
    failed: Mapping[str, Reason]


async def _skip(page: Page, case: Case, decision: Decision, reason: Reason) -> DeliverResult:
    status = "failed" if reason.code == "unreachable" else "skipped"
    await _write(page, case, status, decision, reason)
    return DeliverResult("skipped", reason.code)


async def _write(
    page: Page,
    case: Case,
    status: str,
    decision: Decision,
    reason: Reason | None,
    *,
    claim: Mapping[str, Any] | None = None,
    **columns: Any,
) -> None:
    inputs = case.inputs(decision, reason) | ({"claim": dict(claim)} if claim else {})
    code = reason.code if reason else ""
    entry = Entry(case.message_class, status, case.now, inputs, code, **columns, **case.words.noted)
    if not await page.write(case.place, case.seen, entry):
        raise Changed


def _definition(what: str) -> ApplicationError:
    return ApplicationError(what, type="DefinitionError", non_retryable=True)


def _in_progress() -> ApplicationError:
    return ApplicationError("another process is at it", type="InProgress", next_retry_delay=AGAIN_SOON)


async def delivery_from(
    settings: Settings, engine: AsyncEngine, plans: PlanLoader, carriers: Carriers | None = None
) -> Delivery:
    """The delivery of a worker. ``carriers``: who carries each channel, where the caller keeps up with changes."""
    if carriers is None:
        carriers = Carriers(Services(settings, engine))
    await carriers.refresh()
    return Delivery(engine, plans, carriers, {"webhook": Webhooks(engine, settings)})


__all__ = ["DeliverInput", "DeliverResult", "Delivery", "delivery_from"]
