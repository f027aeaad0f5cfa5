"""The activity ``deliver``: decide, render, write the ledger, call the channel, record. One message, effectively once.

The ledger's row is claimed before the provider is called. An attempt that finds a row claimed by a process that is
gone cannot know whether the message went out: it repeats the call only where the provider makes the second harmless,
or where the message is information; otherwise the send is ``unknown``.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.channels.contract import (
    Ambiguous,
    DefinitionError,
    Provider,
    Temporary,
    Unreachable,
)
from activities.channels.registry import build_providers
from activities.delivery_case import Case, case_of
from orchestrator.core.content import Composed
from orchestrator.core.events import SendOutcome
from orchestrator.core.identity import send_id
from orchestrator.core.plan import Plan
from orchestrator.core.sending import Decision, Hold, Reason, Send, Skip, decide
from orchestrator.core.templates import RenderFailed, TemplateSyntaxProblem
from orchestrator.core.timing import Clock
from orchestrator.settings import Settings
from orchestrator.store.database import session_factory
from orchestrator.store.ledger import Circumstances, Entry, Ledger, Place
from orchestrator.store.presence import Presence

PROVIDER_TIMEOUT = 45.0
"""Seconds for one call; with the reads and writes around it, less than the activity's own time-out."""
AGAIN_SOON = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class DeliverInput:
    """Kept in histories, so kept small. ``at``: journey time, where the caller knows better than the clock."""

    run: str
    step: str
    occurrence: int = 1
    at: datetime | None = None
    variables: dict[str, Any] = field(default_factory=dict)
    """Those that differ from the plan's."""
    event: str = ""
    """Message id of the event that last ended a wait."""


@dataclass(frozen=True, slots=True)
class DeliverResult:
    """``held`` has ``until``, in journey time. ``reason``: a code of ``core.sending_reasons``."""

    outcome: SendOutcome
    reason: str = ""
    until: datetime | None = None

    def as_json(self) -> dict[str, str]:
        """Without what is not there."""
        told = {"outcome": self.outcome, "reason": self.reason, "until": self.until.isoformat() if self.until else ""}
        return {name: value for name, value in told.items() if value}


class PlanLoader(Protocol):
    """Finds plans by hash; raises ``LookupError``."""

    async def get(self, digest: str, /) -> Plan:
        """The plan."""


class Changed(Exception):
    """The ledger's row is not as it was read: start again from there."""


class Delivery:
    """One for a worker. ``deliver`` is the activity; ``carry_out`` is the same without Temporal."""

    def __init__(self, engine: AsyncEngine, plans: PlanLoader, providers: Mapping[str, Provider]) -> None:
        self._engine = engine
        self._plans = plans
        self._providers = providers
        self._ledger = Ledger(engine)
        self._presence = Presence(engine)
        self._busy: dict[UUID, tuple[asyncio.Lock, int]] = {}

    @activity.defn(name="deliver")
    async def deliver(self, given: DeliverInput) -> dict[str, str]:
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
            for _ in range(3):
                with suppress(Changed):
                    return await self._attempt(place, given, now)
        raise _in_progress()

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
        seen = await self._ledger.read(place, given.event)
        if seen is None:
            raise ApplicationError("the run has no row", type="UnknownRun")
        match seen.status:
            case "sent" | "unknown" | "skipped":
                return DeliverResult(seen.status, seen.row["reason"])
            case "failed" if seen.row["reason"] == "unreachable":
                return DeliverResult("skipped", "unreachable")
        case = await self._case(place, seen, given, now(seen.clock))
        if seen.status == "claimed":
            return await self._take_over(case)
        return await self._send_by(case, case.channels, {})

    async def _case(self, place: Place, seen: Circumstances, given: DeliverInput, now: datetime) -> Case:
        try:
            plan = await self._plans.get(seen.row["plan_hash"])
            case = case_of(place, seen, plan, given.variables, now)
        except (LookupError, TypeError, ValueError) as error:
            raise _definition(f"{place.step}: {type(error).__name__}") from error
        if case.only_if is None:
            return case
        customer = seen.row["customer_id"] or seen.row["run_customer"]
        wanted = await self._ledger.holds(case.only_if, customer, now, seen.entry, case.recipient.zone)
        return replace(case, standing=replace(case.standing, wanted=wanted))

    async def _take_over(self, case: Case) -> DeliverResult:
        """An earlier attempt claimed the row and did not say what became of it."""
        claim, channel = case.seen.claim, case.seen.row["channel"]
        own = claim.get("by") == await self._presence.id()  # ours, and not under way: ``_alone`` has seen to that
        if not own and await self._presence.alive(int(claim.get("by", 0))):
            raise _in_progress()
        decision = self._decide(case, case.channels)
        same = isinstance(decision, Send) and decision.channel == channel
        if same and self._repeatable(case, channel):
            return await self._send_by(case, case.channels, {})
        reason = Reason("interrupted", {"channel": channel})
        await self._write(case, "unknown", decision, reason, claim=claim, channel=channel)
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

    async def _send_by(self, case: Case, channels: tuple[str, ...], failed: dict[str, Reason]) -> DeliverResult:
        """Send by the first of ``channels`` that the decision allows; ``failed`` could not reach the customer."""
        decision = self._decide(case, channels)
        decision = replace(decision, passed={**failed, **decision.passed})
        match decision:
            case Hold(until=until, reason=reason, channel=channel):
                await self._write(case, "held", decision, reason, channel=channel, hold_until=until)
                return DeliverResult("held", reason.code, until)
            case Skip(reason=reason):
                return await self._skip(case, decision, next(iter(failed.values()), reason))
        try:
            composed = case.compose(decision.channel)
        except TemplateSyntaxProblem as fault:
            raise _definition(f"{case.place.step}: line {fault.line}: {fault.message}") from None
        except RenderFailed as fault:
            return await self._skip(case, decision, Reason("template_failed", {"detail": str(fault)}))
        if composed.missing and case.skip_on_missing:
            return await self._skip(case, decision, Reason("missing_variable", {"names": list(composed.missing)}))
        if composed.blank:
            return await self._skip(case, decision, Reason("no_content"))
        return await self._hand_over(case, decision, composed, channels, failed)

    async def _skip(self, case: Case, decision: Decision, reason: Reason) -> DeliverResult:
        status = "failed" if reason.code == "unreachable" else "skipped"
        await self._write(case, status, decision, reason)
        return DeliverResult("skipped", reason.code)

    async def _hand_over(
        self, case: Case, send: Send, composed: Composed, channels: tuple[str, ...], failed: dict[str, Reason]
    ) -> DeliverResult:
        provider = self._providers[send.channel]
        case = await self._claim(case, send, composed, provider)
        about: dict[str, Any] = {"channel": send.channel}
        try:
            async with asyncio.timeout(PROVIDER_TIMEOUT):
                receipt = await provider.send(case.outgoing(send, composed), case.place.id)
        except (Ambiguous, TimeoutError):
            reason = Reason("ambiguous", about)
            await self._ledger.settle(case.place, "unknown", reason.code, more={"reason": reason.as_json()})
            return DeliverResult("unknown", reason.code)
        except Unreachable as error:
            failed = {**failed, send.channel: Reason("unreachable", {**about, "detail": str(error)})}
        except Temporary as error:
            await self._ledger.settle(case.place, "failed", "temporary", more=_failure("temporary", about, error))
            raise ApplicationError(str(error), type="Temporary", next_retry_delay=error.after) from None
        except DefinitionError as error:
            more = _failure("definition_error", about, error)
            await self._ledger.settle(case.place, "failed", "definition_error", more=more)
            raise _definition(f"{case.place.step}: {error}") from None
        else:
            await self._ledger.settle(case.place, "sent", "", receipt.provider_message_id, case.now)
            return DeliverResult("sent")
        rest = channels[channels.index(send.channel) + 1 :]
        if rest:
            return await self._send_by(case, rest, failed)
        return await self._skip(case, replace(send, passed={**send.passed, **failed}), next(iter(failed.values())))

    async def _claim(self, case: Case, send: Send, composed: Composed, provider: Provider) -> Case:
        """From here on it counts as perhaps sent. The case as it then stands in the ledger."""
        claim = {"by": await self._presence.id(), "at": datetime.now(UTC).isoformat()}
        content = case.written(send, composed)
        await self._write(
            case, "claimed", send, None, claim=claim, channel=send.channel, provider=provider.name, content=content
        )
        row = {**case.seen.row, "status": "claimed", "claim": claim, "channel": send.channel}
        return replace(case, seen=replace(case.seen, row=row))

    async def _write(
        self,
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
        entry = Entry(case.message_class, status, case.now, inputs, code, **columns)
        if not await self._ledger.write(case.place, case.seen, entry):
            raise Changed


def _failure(code: str, about: Mapping[str, Any], error: Exception) -> dict[str, Any]:
    return {"reason": {"code": code, **about, "detail": str(error)}}


def _definition(what: str) -> ApplicationError:
    return ApplicationError(what, type="DefinitionError", non_retryable=True)


def _in_progress() -> ApplicationError:
    return ApplicationError("another process is at it", type="InProgress", next_retry_delay=AGAIN_SOON)


async def delivery_from(settings: Settings, engine: AsyncEngine, plans: PlanLoader) -> Delivery:
    """The delivery of a worker, its providers chosen by the settings."""
    return Delivery(engine, plans, build_providers(settings, session_factory(engine)))
