"""Whether a message goes out, by which channel and when: decided at the moment of sending, by a table of checks.

``decide`` is a pure function of what is known at that moment; it is asked again, in full, when a held message's time
comes. The channels ``[channel, *fallback]`` are tried in order. For each, the checks of :data:`CHECKS` run in order;
the first that objects decides what happens: the next channel, a hold, or no message at all. Every decision carries
its reasons and what it was made from, for the ledger.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any, Literal

from pydantic import Field

from orchestrator.core.channels import CHANNELS, VALID
from orchestrator.core.conditions import Duration, MessageClass
from orchestrator.core.sending_reasons import REASONS, ReasonCode
from orchestrator.core.text import Frozen, Text
from orchestrator.core.timing import next_time_of_day, within_window, zone

NIGHT = "night"
"""A channel's consent to advertising is kept under its name, the one for the night under ``{channel}:night``."""


class Hours(Frozen):
    """A window of the customer's local day, [start, end), which may cross midnight; ``exempt`` channels ignore it."""

    start: time
    end: time
    exempt: frozenset[str] = frozenset()


class Policy(Frozen):
    """The rules that a workspace sends by. The default is Korea's law; not legal advice.

    Sources: Act on Promotion of Information and Communications Network Utilization and Information Protection, Art. 50
    (prior consent, (1); night-time consent, (3); marking and opt-out, (4)); its Enforcement Decree, Art. 61 (21:00 to
    08:00; e-mail exempt) and Annex 6 (the label ``(광고)``, the sender's name and contact, a free way to opt out).
    """

    name: str = "KR"
    consent: bool = Field(True, description="Advertising needs the customer's consent for the channel.")
    night: Hours | None = Field(
        Hours(start=time(21), end=time(8), exempt=frozenset({"email"})),
        description="Advertising in these hours needs the customer's night-time consent as well.",
    )
    label: str = Field("(광고)", description="What advertising must begin with; empty: nothing.")
    quiet_hours: Hours | None = Field(None, description="The workspace's own: no advertising, consent or not.")
    ask_again: Duration = Field(
        timedelta(hours=1), description="How long a message of a paused journey waits before it is decided again."
    )


KR = Policy()
NO_POLICY = Policy(name="none", consent=False, night=None, label="")
POLICIES: Mapping[str, Policy] = {"KR": KR, "none": NO_POLICY}
"""By the name under which a workspace chooses; whatever it changes is laid over one of these."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What wants to be sent: the channels in order of preference, and the law's hinge, the class."""

    channels: tuple[str, ...]
    message_class: MessageClass


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who gets it. ``contacts`` by kind (``email``, ``phone``, ``push_token``); only ``True`` is a consent."""

    contacts: Mapping[str, str | None]
    consents: Mapping[str, Any]
    zone: str = "Asia/Seoul"


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand at this moment. What a frequency cap counts will join here."""

    journey: Literal["live", "paused", "stopped"] = "live"
    run_over: bool = False
    wanted: bool = True
    """Whether the step's own condition, if it has one, holds."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A code of :data:`~orchestrator.core.sending_reasons.REASONS` with what its words need."""

    code: ReasonCode
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> Text:
        """In words."""
        return REASONS[self.code].format(**self.parameters)

    def as_json(self) -> dict[str, Any]:
        """For the ledger."""
        return {"code": self.code, **self.parameters}


@dataclass(frozen=True, slots=True)
class Send:
    """Go, by this channel, to this address. ``passed``: why channels before it were passed over, by channel."""

    channel: str
    address: str
    passed: Mapping[str, Reason]
    inputs: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Hold:
    """Not now: decide again at ``until``. ``channel`` is the one that would have carried it."""

    until: datetime
    reason: Reason
    channel: str
    passed: Mapping[str, Reason]
    inputs: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Skip:
    """Not at all. Where every channel was passed over, the reason is that of the first, the author's own choice."""

    reason: Reason
    passed: Mapping[str, Reason]
    inputs: Mapping[str, Any]


Decision = Send | Hold | Skip


@dataclass(frozen=True, slots=True)
class _Case:
    channel: str
    message: Outgoing
    recipient: Recipient
    policy: Policy
    standing: Standing
    now: datetime

    @property
    def advertising(self) -> bool:
        return self.message.message_class == "advertising"

    @property
    def address(self) -> str:
        return self.recipient.contacts.get(CHANNELS[self.channel].contact) or ""


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
        return _Wait(Reason("journey_paused", {"until": until.isoformat()}), until)
    return None


def _still_wanted(case: _Case) -> _Objection | None:
    return None if case.standing.wanted else _Never(Reason("not_wanted"))


def _class_allowed(case: _Case) -> _Objection | None:
    message_class = case.message.message_class
    if message_class in CHANNELS[case.channel].classes:
        return None
    return _NextChannel(Reason("class_not_allowed", {"channel": case.channel, "class": message_class}))


def _consent(case: _Case) -> _Objection | None:
    if not case.advertising or not case.policy.consent or case.recipient.consents.get(case.channel) is True:
        return None
    return _NextChannel(Reason("no_consent", {"channel": case.channel}))


def _address_valid(case: _Case) -> _Objection | None:
    contact = CHANNELS[case.channel].contact
    return None if VALID[contact](case.address) else _NextChannel(Reason("no_address", {"contact": contact}))


def _legal_night(case: _Case) -> _Objection | None:
    if case.recipient.consents.get(f"{case.channel}:{NIGHT}") is True:
        return None
    return _outside(case, case.policy.night, "legal_night")


def _quiet_hours(case: _Case) -> _Objection | None:
    return _outside(case, case.policy.quiet_hours, "quiet_hours")


def _outside(case: _Case, hours: Hours | None, code: ReasonCode) -> _Objection | None:
    if hours is None or not case.advertising or case.channel in hours.exempt:
        return None
    where = zone(case.recipient.zone)
    if not within_window(case.now, hours.start, hours.end, where):
        return None
    until = next_time_of_day(case.now, hours.end, where)
    local = until.astimezone(where).strftime("%Y-%m-%d %H:%M")
    return _Wait(Reason(code, {"until": local, "zone": where.key}), until)


CHECKS: tuple[Callable[[_Case], _Objection | None], ...] = (
    _run_goes_on,
    _journey_live,
    _still_wanted,
    _class_allowed,
    _consent,
    _address_valid,
    # The frequency cap stands here: a message that may go and can arrive is counted; one held for the night is counted
    # again in the morning. Its counts come in with ``Standing``.
    _legal_night,
    _quiet_hours,
    # A channel's rate limit comes last: it delays what nothing else objects to.
)
"""The order is part of the product's meaning: it decides which of several reasons a customer's record names."""


def decide(message: Outgoing, recipient: Recipient, policy: Policy, standing: Standing, now: datetime) -> Decision:
    """What happens to a message now. ``now`` is an aware instant of journey time."""
    inputs = _inputs(message, recipient, policy, standing, now)
    passed: dict[str, Reason] = {}
    for channel in dict.fromkeys(message.channels):
        case = _Case(channel, message, recipient, policy, standing, now)
        match next((found for check in CHECKS if (found := check(case)) is not None), None):
            case None:
                return Send(channel, case.address, passed, inputs)
            case _Wait(reason, until):
                return Hold(until, reason, channel, passed, inputs)
            case _Never(reason):
                return Skip(reason, passed, inputs)
            case _NextChannel(reason):
                passed[channel] = reason
    return Skip(next(iter(passed.values())), passed, inputs)


def _inputs(
    message: Outgoing, recipient: Recipient, policy: Policy, standing: Standing, now: datetime
) -> dict[str, Any]:
    """What the decision saw, as JSON: enough to make it again, without the addresses themselves."""
    where = zone(recipient.zone)
    keys = [key for channel in message.channels for key in (channel, f"{channel}:{NIGHT}")]
    kinds = sorted({CHANNELS[channel].contact for channel in message.channels})
    return {
        "now": now.isoformat(),
        "local": now.astimezone(where).strftime("%Y-%m-%dT%H:%M:%S"),
        "zone": where.key,
        "channels": list(message.channels),
        "class": message.message_class,
        "consents": {key: recipient.consents.get(key) is True for key in keys},
        "contacts": {kind: VALID[kind](recipient.contacts.get(kind) or "") for kind in kinds},
        "journey": standing.journey,
        "run_over": standing.run_over,
        "wanted": standing.wanted,
        "policy": policy.model_dump(mode="json"),
    }
