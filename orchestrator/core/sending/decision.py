"""What a decision about a message is made from, and what it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from orchestrator.core.channels.contacts import CONTACTS
from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.sending.frequency import Counted
from orchestrator.core.sending.policies import Policy, country_of
from orchestrator.core.sending.reasons import REASONS, ReasonCode, words_of_reason
from orchestrator.core.text import Text
from orchestrator.core.timing import zone
from orchestrator.core.values import MessageClass
from orchestrator.core.zone_settings import DEFAULT_ZONE

REVIEW = "review"
"""Tag of a message that asks for a review: not while the customer has something to complain of."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What wants to be sent: the channels in order of preference, the law's hinge, the class, and its tags."""

    channels: tuple[str, ...]
    message_class: MessageClass
    tags: tuple[str, ...] = ()
    same_goods: bool = False
    """Goes to buyers of the same kind of goods, of a sale of the last six months: the author's word, and their
    ``only_if`` asks for the sale. Where the law lets that stand for a consent (``Policy.same_goods``), it does."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who gets it. ``contacts`` by kind (``core.channels.contacts``); only ``True`` is a consent."""

    contacts: Mapping[str, str | None]
    consents: Mapping[str, Any]
    zone: str = DEFAULT_ZONE
    consented_at: Mapping[str, datetime] = field(default_factory=dict)
    """When each consent was given or last confirmed. One without a date counts as given just now: whoever reads the
    store supplies the day from which we have known the customer."""
    locale: str | None = None
    complaint: bool = False
    """Whether a complaint of theirs is open."""

    @property
    def country(self) -> str | None:
        """Whose law protects them."""
        return country_of(self.contacts.get("phone"), self.locale, self.zone)


@dataclass(frozen=True, slots=True)
class SendContext:
    """How things stand at this moment."""

    journey: Literal["live", "paused", "stopped"] = "live"
    run_over: bool = False
    wanted: bool = True
    """Whether the step's own condition, if it has one, holds."""
    counted: tuple[Counted, ...] = ()
    """The messages of the customer, of all journeys, that frequency caps count; not this one."""
    since: datetime | None = None
    """When the message was first decided; None: now."""
    free_at: Mapping[str, datetime] = field(default_factory=dict)
    """By channel: when its provider takes the next message, where it is too busy to take one now."""
    paused_channels: frozenset[str] = frozenset()
    """Channels by which nothing goes out until somebody resumes them."""
    step_paused: bool = False
    unsaid: tuple[str, ...] = ()
    """What the workspace has not said of itself and the policy asks of advertising
    (``core.sending.advertising.missing_sender``)."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A code of :data:`~orchestrator.core.sending.reasons.REASONS` with what its words need."""

    code: ReasonCode
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> Text:
        """In words."""
        return words_of_reason(REASONS[self.code], self.parameters)

    def as_json(self) -> dict[str, Any]:
        """For the ledger."""
        return {"code": self.code, **self.parameters}


@dataclass(slots=True)  # a value like the others; frozen, its making would be a good part of what a decision costs
class Basis:
    """What a decision was made from."""

    message: Outgoing
    recipient: Recipient
    policy: Policy
    standing: SendContext
    now: datetime


class _Decided:
    __slots__ = ()
    basis: Basis

    @property
    def inputs(self) -> Mapping[str, Any]:
        """What the decision saw, as JSON for the ledger; told when somebody asks."""
        return _as_json(self.basis)


@dataclass(frozen=True, slots=True)
class Send(_Decided):
    """Go, by this channel, to this address. ``passed``: why channels before it were passed over, by channel."""

    channel: str
    address: str
    passed: Mapping[str, Reason]
    basis: Basis


@dataclass(frozen=True, slots=True)
class Hold(_Decided):
    """Not now: decide again at ``until``. ``channel`` is the one that would have carried it."""

    until: datetime
    reason: Reason
    channel: str
    passed: Mapping[str, Reason]
    basis: Basis


@dataclass(frozen=True, slots=True)
class Skip(_Decided):
    """Not at all. Where every channel was passed over, the reason is that of the first, the author's own choice."""

    reason: Reason
    passed: Mapping[str, Reason]
    basis: Basis


Decision = Send | Hold | Skip


def _as_json(basis: Basis) -> dict[str, Any]:
    """Enough to make the decision again, without the addresses themselves."""
    message, recipient, policy, standing, now = basis.message, basis.recipient, basis.policy, basis.standing, basis.now
    tz = zone(recipient.zone)
    keys = [key for channel in message.channels for key in CHANNELS[channel].consents]
    kinds = sorted({CHANNELS[channel].contact.name for channel in message.channels})
    optional = {
        "tags": list(message.tags),
        "same_goods": message.same_goods,
        "unsaid": list(standing.unsaid),
        "paused_channels": sorted(standing.paused_channels),
        "step_paused": standing.step_paused,
        "consented_at": {key: at.isoformat() for key in keys if (at := recipient.consented_at.get(key)) is not None},
        "complaint": recipient.complaint,
        "counted": [[one.id, one.at.isoformat(), one.channel, *one.tags] for one in standing.counted],
        "free_at": {channel: at.isoformat() for channel, at in standing.free_at.items()},
        "since": standing.since.isoformat() if standing.since else None,
    }
    return {
        "now": now.isoformat(),
        "local": now.astimezone(tz).strftime("%Y-%m-%dT%H:%M:%S"),
        "zone": tz.key,
        "channels": list(message.channels),
        "class": message.message_class,
        "consents": {key: recipient.consents.get(key) is True for key in keys},
        "contacts": {kind: CONTACTS[kind].valid(recipient.contacts.get(kind) or "") for kind in kinds},
        "journey": standing.journey,
        "run_over": standing.run_over,
        "wanted": standing.wanted,
        "policy": policy.as_json,
        **{name: value for name, value in optional.items() if value},
    }
