"""Whether a message goes out, by which channel and when: decided at the moment of sending, by a table of checks.

``decide`` is a pure function of what is known at that moment; it is asked again, in full, when a held message's time
comes. The channels ``[channel, *fallback]`` are tried in order. For each, the checks of :data:`CHECKS` run in order;
the first that objects decides what happens: the next channel, a hold, or no message at all. Every decision carries
its reasons and what it was made from, for the ledger.

Nothing held is lost: the instant of a hold always lies ahead, every rule that holds opens again, and a message that a
frequency cap has kept back for longer than the cap allows is given up by name.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.sending.decision import (
    Basis,
    Decision,
    Hold,
    Outgoing,
    Reason,
    Recipient,
    Send,
    SendContext,
    Skip,
)
from orchestrator.core.sending.frequency import Full, full_caps
from orchestrator.core.sending.policies import Hours, Policy
from orchestrator.core.sending.reasons import ReasonCode
from orchestrator.core.timing import within_window, zone

REVIEW = "review"
"""Tag of a message that asks for a review: not while the customer has something to complain of."""


@dataclass(slots=True)
class _Case(Basis):
    channel: str

    @property
    def advertising(self) -> bool:
        return self.message.message_class == "advertising"

    @property
    def marketing(self) -> bool:
        """Whether it is something that the customer may find too much: an advertisement, or a request for a review."""
        return self.advertising or REVIEW in self.message.tags

    @property
    def tz(self) -> ZoneInfo:
        return zone(self.recipient.zone)

    @property
    def address(self) -> str:
        return self.recipient.contacts.get(CHANNELS[self.channel].contact.name) or ""


@dataclass(frozen=True, slots=True)
class _Wait:
    reason: Reason
    until: datetime


@dataclass(frozen=True, slots=True)
class _NextChannel:
    reason: Reason


@dataclass(frozen=True, slots=True)
class _Never:
    reason: Reason


_Objection = _Wait | _NextChannel | _Never


def _run_goes_on(case: _Case) -> _Objection | None:
    return _Never(Reason("run_over")) if case.standing.run_over else None


def _journey_live(case: _Case) -> _Objection | None:
    if case.standing.journey == "stopped":
        return _Never(Reason("journey_stopped"))
    if case.standing.journey == "paused":
        until = case.now + case.policy.ask_again
        return _Wait(Reason("journey_paused"), until)
    return None


def _step_paused(case: _Case) -> _Objection | None:
    return _Wait(Reason("step_paused"), case.now + case.policy.ask_again) if case.standing.step_paused else None


def _still_wanted(case: _Case) -> _Objection | None:
    return None if case.standing.wanted else _Never(Reason("not_wanted"))


def _complaint_objection(case: _Case) -> _Objection | None:
    if case.policy.complaints and case.recipient.complaint and case.marketing:
        return _Never(Reason("complaint_open"))
    return None


def _class_allowed(case: _Case) -> _Objection | None:
    message_class = case.message.message_class
    if message_class in CHANNELS[case.channel].classes:
        return None
    return _NextChannel(Reason("class_not_allowed", {"channel": case.channel, "class": message_class}))


def _consent(case: _Case) -> _Objection | None:
    if not case.advertising or not case.policy.consent or _same_goods(case):
        return None
    if case.recipient.consents.get(case.channel) is not True:
        return _NextChannel(Reason("no_consent", {"channel": case.channel}))
    if not _fresh(case, case.channel):
        return _NextChannel(Reason("consent_expired", {"channel": case.channel}))
    return None


def _same_goods(case: _Case) -> bool:
    """Whether a sale stands for the consent. Nothing stands for a refusal."""
    allowed = case.message.same_goods and case.policy.same_goods
    return allowed and case.recipient.consents.get(case.channel) is not False


def _fresh(case: _Case, name: str) -> bool:
    """Whether a consent was given or confirmed recently enough to count."""
    given, lasts = case.recipient.consented_at.get(name), case.policy.reconfirm_after
    return given is None or lasts is None or case.now < given + lasts


def _address_valid(case: _Case) -> _Objection | None:
    contact = CHANNELS[case.channel].contact
    return None if contact.valid(case.address) else _NextChannel(Reason("no_address", {"contact": contact.name}))


def _sender_known(case: _Case) -> _Objection | None:
    """An advertisement whose sender cannot be told is sent to nobody, by whichever channel."""
    if not case.advertising or not case.standing.unsaid:
        return None
    return _Never(Reason("no_sender", {"marks": list(case.standing.unsaid)}))


def _channel_paused(case: _Case) -> _Objection | None:
    """It waits for this channel: to go by another is not what whoever paused it has asked for."""
    if case.channel not in case.standing.paused_channels:
        return None
    return _Wait(Reason("channel_paused", {"channel": case.channel}), case.now + case.policy.ask_again)


def _frequency_cap(case: _Case) -> _Objection | None:
    if not case.advertising or not case.policy.caps:
        return None
    full = full_caps(case.policy.caps, case.channel, case.message.tags, case.standing.counted, case.now, case.tz)
    if not full:
        return None
    for one in full:
        if one.cap.when_full == "skip":
            return _Never(_capped(case, one))
    for one in full:
        if one.cap.when_full == "reroute":
            return _NextChannel(_capped(case, one))
    last = max(full, key=lambda one: one.free_at)
    patience = (case.standing.since or case.now) + min(one.cap.within for one in full)
    if last.free_at > patience:
        return _Never(_capped(case, last, "frequency_cap_too_long"))
    return _Wait(_capped(case, last, "frequency_cap_held", until=_local(case, last.free_at)), last.free_at)


def _capped(case: _Case, full: Full, code: ReasonCode = "frequency_cap", **more: Any) -> Reason:
    return Reason(code, {"cap": full.cap.text.by_locale(), "by": list(full.by), **more, "zone": case.tz.key})


def _legal_night(case: _Case) -> _Objection | None:
    consent = CHANNELS[case.channel].consents[1]
    if not case.advertising or (case.recipient.consents.get(consent) is True and _fresh(case, consent)):
        return None
    return _outside(case, case.policy.night, "legal_night")


def _open_channel(case: _Case) -> _Objection | None:
    return _outside(case, case.policy.closed.get(case.channel), "channel_closed", channel=case.channel)


def _quiet_hours(case: _Case) -> _Objection | None:
    return _outside(case, case.policy.quiet_hours, "quiet_hours") if case.advertising else None


def _by_day(case: _Case) -> _Objection | None:
    """Information that the workspace wants to keep to the day."""
    if case.advertising or case.channel not in case.policy.day_only:
        return None
    return _outside(case, case.policy.night, "quiet_hours") or _outside(case, case.policy.quiet_hours, "quiet_hours")


def _outside(case: _Case, hours: Hours | None, code: ReasonCode, **more: str) -> _Objection | None:
    if hours is None or case.channel in hours.exempt:
        return None
    if not within_window(case.now, hours.start, hours.end, case.tz):
        return None
    until = hours.open_after(case.now, case.tz)
    return _Wait(Reason(code, {**more, "until": _local(case, until), "zone": case.tz.key}), until)


def _local(case: _Case, instant: datetime) -> str:
    return instant.astimezone(case.tz).strftime("%Y-%m-%d %H:%M")


def _channel_rate(case: _Case) -> _Objection | None:
    until = case.standing.free_at.get(case.channel)
    if until is None or until <= case.now:
        return None
    return _Wait(Reason("rate_limit", {"channel": case.channel, "until": until.isoformat()}), until)


CHECKS: tuple[Callable[[_Case], _Objection | None], ...] = (
    _run_goes_on,
    _journey_live,
    _step_paused,
    _still_wanted,
    _complaint_objection,
    _class_allowed,
    _consent,
    _address_valid,
    _sender_known,
    _channel_paused,
    # A message that may go and can arrive is counted; one held for the night is counted again in the morning.
    _frequency_cap,
    _legal_night,
    _open_channel,
    _quiet_hours,
    _by_day,
    # Last: it delays what nothing else objects to.
    _channel_rate,
)
"""The order is part of the product's meaning: it decides which of several reasons a customer's record names."""


def decide(message: Outgoing, recipient: Recipient, policy: Policy, standing: SendContext, now: datetime) -> Decision:
    """What happens to a message now. ``now`` is an aware instant of journey time."""
    basis = Basis(message, recipient, policy, standing, now)
    passed: dict[str, Reason] = {}
    for channel in dict.fromkeys(message.channels):
        case = _Case(message, recipient, policy, standing, now, channel)
        match _objection(case):
            case None:
                return Send(channel, case.address, passed, basis)
            case _Wait(reason, until):
                return Hold(until, reason, channel, passed, basis)
            case _Never(reason):
                return Skip(reason, passed, basis)
            case _NextChannel(reason):
                passed[channel] = reason
    return Skip(next(iter(passed.values())), passed, basis)


def _objection(case: _Case) -> _Objection | None:
    for check in CHECKS:
        found = check(case)
        if found is not None:
            return found
    return None
