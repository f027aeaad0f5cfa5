"""From a case to a claim: decide, compose, wait for the provider's turn, reserve a place under the caps, write it down.

Whatever comes of it stands in the ledger before anybody is told: a hold and a skip with their reason, or the claim,
which is the last word before the provider is called.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.exceptions import ApplicationError

from activities.channels.contract import Provider
from activities.sending.context import DeliveryContext
from activities.sending.contract import DeliverInput, DeliverResult
from activities.sending.definition_fault import wrong
from activities.sending.frequency import Counting
from orchestrator.core.messages.compose import Composed
from orchestrator.core.messages.render import NoTemplateContent
from orchestrator.core.sending.decide import decide
from orchestrator.core.sending.decision import Decision, Hold, Reason, Send, Skip
from orchestrator.core.sending.reasons import PAUSES
from orchestrator.core.templating.engine import RenderFailed, TemplateSyntaxProblem
from orchestrator.core.timing import Clock
from orchestrator.store.channels.rate import AT_ONCE, ChannelRate, Turn
from orchestrator.store.sending.frequency import Counts, CountsUnavailable
from orchestrator.store.sending.ledger import Entry, Page, Place

PATIENCE = timedelta(seconds=2)
"""Real time for which a delivery waits for its provider's turn; a longer wait is a hold."""
_TRIES = 30
"""Each is lost to somebody who did get a place, so they are over soon."""


class Changed(Exception):
    """The ledger's row is not as it was read: start again from there."""


class PossiblySent(Exception):
    """It would not be sent now, or not in the same way, but an earlier attempt may have sent it."""


@dataclass(slots=True)
class Work:
    """One delivery under way in this process."""

    place: Place
    given: DeliverInput
    now: Callable[[Clock], datetime]
    committed: bool = False
    """A claim has been begun: from here on it goes to its end, for nobody else could say what became of it."""
    reserved: bool = False
    """A place under the caps is taken for it."""
    possibly_sent: bool = False
    """An earlier attempt may have sent it: it may be sent again as it was, and otherwise nobody knows."""
    turns: set[str] = field(default_factory=set)
    """Providers at which it has its turn."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """Written down as about to be sent. ``channels`` were still to be tried; ``failed`` have been."""

    case: DeliveryContext
    send: Send
    composed: Composed
    channels: tuple[str, ...]
    failed: Mapping[str, Reason]
    provider: Provider
    """The one that the ledger names: which it is may change at any moment."""


@dataclass(frozen=True, slots=True)
class Throttled:
    """Its turn comes in a moment, real time: to be decided again then, while no connection is held meanwhile."""

    wait: timedelta
    case: DeliveryContext
    channels: tuple[str, ...]
    failed: Mapping[str, Reason]


Outcome = DeliverResult | Claimed | Throttled


class Claims:
    """One for a worker."""

    def __init__(self, providers: Mapping[str, Provider], counting: Counting, rate: ChannelRate | None) -> None:
        self._providers = providers
        self._counting = counting
        self._rate = rate

    async def _decide(
        self, page: Page, case: DeliveryContext, channels: tuple[str, ...]
    ) -> tuple[DeliveryContext, Decision, Counts | None]:
        """What happens to it now, and what that was decided from; without counts where no cap looks at it."""
        counts = None
        if self._counting.concerns(case, channels):
            case, counts = await self._counting.count(page, case)
        return case, decide(case.message(channels), case.recipient, case.policy, case.standing, case.now), counts

    async def settle_or_claim(
        self, page: Page, work: Work, case: DeliveryContext, channels: tuple[str, ...], failed: Mapping[str, Reason]
    ) -> Outcome:
        """Decide on ``channels`` and write it down; ``failed`` are those that could not reach the customer."""
        away = "counts that never settle"
        try:
            for _ in range(_TRIES):
                outcome = await self._once(page, work, case, channels, failed)
                if isinstance(outcome, DeliveryContext):
                    case = outcome
                    continue
                if not isinstance(outcome, Claimed):
                    return outcome
                case = outcome.case
                if not work.possibly_sent and await self._overtaken(page, work, outcome):
                    raise Changed
                if not work.reserved or await self._counting.confirm(case):
                    return outcome
                # Redis was lost since the place was reserved: with the claim in hand, decide again.
        except CountsUnavailable as problem:
            away = str(problem)
        return await self._uncounted(page, work, case, away)

    async def _once(
        self, page: Page, work: Work, case: DeliveryContext, channels: tuple[str, ...], failed: Mapping[str, Reason]
    ) -> Outcome | DeliveryContext:
        """The outcome, or the case anew where something came in between."""
        case, decision, counts = await self._decide(page, case, channels)
        decision = replace(decision, passed={**failed, **decision.passed})
        match decision:
            case Hold(until=until, reason=reason, channel=channel):
                hold_until = None if work.given.parks and reason.code in PAUSES else until
                await self.write(page, work, case, "held", decision, reason, channel=channel, hold_until=hold_until)
                return DeliverResult("held", reason.code, until)
            case Skip(reason=reason):
                return await self.skip(page, work, case, decision, next(iter(failed.values()), reason))
        if work.possibly_sent and decision.channel != case.seen.row["channel"]:
            raise PossiblySent
        composed = await self._composed(page, work, case, decision)
        if not isinstance(composed, Composed):
            return composed
        turn = await self._turn(work, decision.channel)
        if not turn.taken:
            free_at = {**case.standing.free_at, decision.channel: case.now + turn.wait * case.seen.clock.speed}
            return replace(case, standing=replace(case.standing, free_at=free_at))
        if turn.wait:
            return Throttled(turn.wait, case, channels, failed)
        if counts is not None:
            work.reserved = True
            if not await self._counting.reserve(case, counts, decision.channel):
                return case
        provider = self._providers[decision.channel]
        return await self._claim(page, work, Claimed(case, decision, composed, channels, failed, provider))

    async def _composed(self, page: Page, work: Work, case: DeliveryContext, send: Send) -> Composed | DeliverResult:
        """The words; or that there are none to send, which is written down."""
        try:
            composed = await asyncio.to_thread(case.compose, send.channel)
        except (TemplateSyntaxProblem, NoTemplateContent) as fault:
            detail = f"line {fault.line}: {fault.message}" if isinstance(fault, TemplateSyntaxProblem) else str(fault)
            reason = Reason("definition_error", {"channel": send.channel, "detail": detail})
            await self.write(page, work, case, "failed", send, reason)
            raise wrong(f"{case.place.step}: {detail}", "everybody", reason) from None
        except RenderFailed as fault:
            return await self.skip(page, work, case, send, Reason("template_failed", {"detail": str(fault)}))
        refused, again_at = case.refusal(composed)
        if refused is None:
            return await self._marked(page, work, case, send, composed)
        if again_at is None:
            return await self.skip(page, work, case, send, refused)
        await self.write(page, work, case, "held", send, refused, channel=send.channel, hold_until=again_at)
        return DeliverResult("held", refused.code, again_at)

    async def _marked(self, page: Page, work: Work, case: DeliveryContext, send: Send, composed: Composed) -> Composed:
        """The words, if they say what the law asks of an advertisement. What is missing, everybody's message misses."""
        missing = case.missing_marks(send.channel, composed)
        if not missing:
            return composed
        reason = Reason("unmarked", {"marks": list(missing)})
        await self.write(page, work, case, "failed", send, reason)
        raise wrong(f"{case.place.step}: not marked: {', '.join(missing)}", "everybody", reason)

    async def _turn(self, work: Work, channel: str) -> Turn:
        provider = self._providers[channel]
        per_second = provider.capabilities.rate_per_second
        if per_second is None or self._rate is None or provider.name in work.turns:
            return AT_ONCE
        turn = await self._rate.take(provider.name, per_second, PATIENCE)
        if turn.taken:
            work.turns.add(provider.name)
        return turn

    async def _claim(self, page: Page, work: Work, claimed: Claimed) -> Claimed:
        """From here on it counts as perhaps sent."""
        work.committed = True
        case, send = claimed.case, claimed.send
        claim = {"by": case.process, "at": datetime.now(UTC).isoformat()}
        columns = {"channel": send.channel, "provider": claimed.provider.name}
        content = case.written(send, claimed.composed)
        noted = {"claim": claim} | self._deferred(work, claimed)
        await self.write(page, work, case, "claimed", send, None, noted=noted, content=content, **columns)
        row = {**case.seen.row, "status": "claimed", "claim": claim, "channel": send.channel}
        return replace(claimed, case=replace(case, seen=replace(case.seen, row=row)))

    async def _overtaken(self, page: Page, work: Work, claimed: Claimed) -> bool:
        """Whether an advertisement was decided on what no longer holds: its customer was merged, they withdrew, or the
        rules were changed, caps switched on among them. Then the claim is given back, to be decided again in full.

        Looked at after the claim, for whoever decides after that finds the claim: one of the two sees the other.
        """
        case = claimed.case
        if case.message_class != "advertising" or await page.still_stands(case.seen):
            return False
        reason = Reason("overtaken", {"channel": claimed.send.channel})
        channel = claimed.send.channel
        await self.write(page, work, case, "held", claimed.send, reason, channel=channel, hold_until=case.now)
        return True

    def _deferred(self, work: Work, claimed: Claimed) -> dict[str, Any]:
        """What the next channel would need if this one turns out, later, not to reach the customer.

        The run will have gone on by then, and its variables with it. Kept only until it is known.
        """
        send, provider = claimed.send, claimed.provider
        rest = claimed.channels[claimed.channels.index(send.channel) + 1 :]
        if not rest or not (provider.capabilities.callbacks or provider.capabilities.asks):
            return {}
        return {"later": {"variables": work.given.variables, "event": work.given.event}}

    async def _uncounted(self, page: Page, work: Work, case: DeliveryContext, problem: str) -> DeliverResult:
        """Nobody knows whether it may go: nothing goes, its claim does not stay, and it is tried again."""
        again = ApplicationError(f"frequency caps cannot be counted: {problem}", type="Temporary")
        if work.possibly_sent:
            raise again
        decision = decide(case.message(case.channels), case.recipient, case.policy, case.standing, case.now)
        await self.write(page, work, case, "failed", decision, Reason("counts_away", {"detail": problem}))
        raise again

    async def skip(
        self, page: Page, work: Work, case: DeliveryContext, decision: Decision, reason: Reason
    ) -> DeliverResult:
        """Write down that it is not sent."""
        await self.write(page, work, case, "failed" if reason.code == "unreachable" else "skipped", decision, reason)
        return DeliverResult("skipped", reason.code)

    async def write(
        self,
        page: Page,
        work: Work,
        case: DeliveryContext,
        status: str,
        decision: Decision,
        reason: Reason | None,
        *,
        noted: Mapping[str, Any] | None = None,
        **columns: Any,
    ) -> None:
        """A line of the ledger; what it surely does not send gives its place under the caps back.

        Raises :class:`Changed` and :class:`PossiblySent`.
        """
        if work.possibly_sent and status not in ("claimed", "unknown"):
            raise PossiblySent
        inputs = case.inputs(decision, reason) | dict(noted or {}) | ({"after": case.after} if case.after else {})
        code = reason.code if reason else ""
        words = {"tags": case.words.tags, "counts": True, **case.words.noted}
        entry = Entry(case.message_class, status, case.now, inputs, code, **words, **columns)
        if not await page.write(case.place, case.seen, entry):
            raise Changed
        if status not in ("claimed", "unknown"):
            await self.release(work, case)

    async def release(self, work: Work, case: DeliveryContext) -> None:
        """Give back the place under the caps, if there is one."""
        if work.reserved:
            work.reserved = False
            await self._counting.release(case)
