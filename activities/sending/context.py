"""One send as its activity sees it: what the store knew, turned into what the core asks for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from activities.channels.contract import Button, Coupon, OutgoingMessage
from activities.sending.message_links import MessageLinks
from orchestrator.core.conditions.binding import bind
from orchestrator.core.conditions.model import Condition
from orchestrator.core.customers.consents import consent_dates
from orchestrator.core.journey.plan import Plan
from orchestrator.core.messages.compose import Composed
from orchestrator.core.messages.context import template_context
from orchestrator.core.messages.links import NO_TRACKING
from orchestrator.core.messages.render import MessageWords
from orchestrator.core.sending.advertising import Sender, missing_marks, missing_sender
from orchestrator.core.sending.decision import Decision, Outgoing, Reason, Recipient, Send, SendContext
from orchestrator.core.sending.policies import Policy, policy_for
from orchestrator.core.steps.message import MessageSettings, Sending
from orchestrator.core.timing import zone
from orchestrator.core.values import MessageClass
from orchestrator.core.zone_settings import DEFAULT_ZONE
from orchestrator.links import Links
from orchestrator.store.customers.contacts import contacts_in
from orchestrator.store.paused import everything_paused, paused_channels, step_paused
from orchestrator.store.sending.ledger import DecisionInputs, Place


@dataclass(frozen=True, slots=True)
class DeliveryContext:
    """Everything about one send that does not depend on the channel."""

    process: int
    """This process, as ``store.presence`` numbers it."""
    place: Place
    seen: DecisionInputs
    settings: MessageSettings
    words: MessageWords
    """Those of the step, or of its template as it is now."""
    only_if: Condition | None
    """The step's own condition, its references looked up."""
    recipient: Recipient
    policy: Policy
    standing: SendContext
    sender: Sender
    context: Mapping[str, Any]
    locales: tuple[str, ...]
    now: datetime
    message_links: MessageLinks | None = None
    """The message's own addresses; None: its links stay as they are."""
    after: str = ""
    """The channel that is known not to have reached the customer; only those after it are to be tried."""

    @property
    def customer(self) -> UUID:
        """Who they are now."""
        row = self.seen.row
        found: UUID = row["customer_id"] or row["run_customer"]
        return found

    @property
    def channels(self) -> tuple[str, ...]:
        """In order of preference."""
        wanted = tuple(dict.fromkeys((self.settings.channel, *self.settings.fallback)))
        return wanted[wanted.index(self.after) + 1 :] if self.after in wanted else wanted

    @property
    def message_class(self) -> MessageClass:
        """Advertising or informational."""
        return self.words.message_class

    def message(self, channels: tuple[str, ...]) -> Outgoing:
        """What is to be decided."""
        return Outgoing(channels, self.message_class, self.words.tags, self.settings.same_goods)

    def compose(self, channel: str) -> Composed:
        """The words for this customer on a channel."""
        context, sender, tracking = self.context, self.sender_on(channel), NO_TRACKING
        if self.message_links is not None:
            context, tracking = (
                {**context, "links": self.message_links.context(channel)},
                self.message_links.tracking(channel),
            )
        tz = zone(self.recipient.zone)
        return self.words.compose(channel, context, self.policy, sender, self.locales, tz, tracking)

    def sender_on(self, channel: str) -> Sender:
        """Who sends, and how one gets away from it on a channel."""
        return self.sender if self.message_links is None else self.message_links.sender(channel)

    def outgoing(self, send: Send, composed: Composed) -> OutgoingMessage:
        """What the provider is given."""
        row = self.seen.row
        return OutgoingMessage(
            channel=send.channel,
            recipient=send.address,
            locale=composed.locale,
            subject=composed.words.subject,
            body=composed.words.body,
            html=composed.html,
            sender="",
            message_class=self.message_class,
            at=self.now,
            tags={
                "customer": str(row["customer_id"]),
                "journey": row["journey_key"],
                "step": self.place.step,
            },
            opt_out_number=self.sender.opt_out_number,
            opt_out_url=self.message_links.out(send.channel) if self.message_links else self.sender.opt_out_url,
            **extras_of(composed.options),
        )

    def written(self, send: Send, composed: Composed) -> dict[str, Any]:
        """What the ledger keeps of the words."""
        words = composed.words
        return {
            "to": send.address,
            "locale": composed.locale,
            "subject": words.subject,
            "body": words.body,
            "preheader": words.preheader,
            "missing": list(composed.missing),
            **({"options": composed.options} if composed.options else {}),
            **({"links": list(composed.targets)} if composed.targets else {}),
        }

    def refusal(self, composed: Composed) -> tuple[Reason | None, datetime | None]:
        """Why the words do not go out, and when to look again for what they lack (None: not at all)."""
        reason, wait = self.words.refusal(composed, self.now - (self.seen.row["first_at"] or self.now))
        return reason, self.now + wait if wait else None

    def missing_marks(self, channel: str, composed: Composed) -> tuple[str, ...]:
        """What the law asks of an advertisement and these words do not say."""
        return missing_marks(composed.words, channel, self.message_class, self.policy, self.sender_on(channel))

    def inputs(self, decision: Decision, reason: Reason | None) -> dict[str, Any]:
        """What the ledger keeps of the decision."""
        passed = {channel: found.as_json() for channel, found in decision.passed.items()}
        told = {"passed": passed, "reason": reason.as_json() if reason else None}
        return {**decision.inputs, **{name: value for name, value in told.items() if value}}


def extras_of(options: Mapping[str, Any]) -> dict[str, Any]:
    """What only this channel has, as fields of the message (``core.channels.content``)."""
    extras = dict(options)
    if "buttons" in extras:
        extras["buttons"] = tuple(Button(**button) for button in extras["buttons"])
    if "coupon" in extras:
        extras["coupon"] = Coupon(**extras["coupon"])
    return extras


def ends_by_itself(plan: Plan, reason: str | None) -> bool:
    """Whether a run that is over for this reason came to an exit of its own way, and was not ended."""
    exits = {step.exit_reason() for step in plan.journey.steps}
    return reason is not None and (reason == "completed" or reason in exits)


def step_of(plan: Plan, place: Place) -> Sending:
    """The step that sends. Raises ``LookupError`` or ``TypeError`` where the plan has no such step."""
    step = plan.steps[place.step]
    if not isinstance(step, Sending):
        raise TypeError(f"{place.step} is not a message")
    return step


def delivery_context(
    process: int,
    place: Place,
    seen: DecisionInputs,
    plan: Plan,
    words: MessageWords,
    variables: Mapping[str, Any],
    now: datetime,
    links: Links | None = None,
) -> DeliveryContext:
    """The case. Raises ``LookupError``, ``TypeError`` or ``ValueError`` where journey or workspace make no sense."""
    row = seen.row
    step = step_of(plan, place)
    workspace: Mapping[str, Any] = row["workspace_settings"] or {}
    all_variables = {**plan.variables, **variables}
    only_if = step.settings.only_if
    customer = row["customer_id"] or row["run_customer"]
    about = {"journey": row["journey_key"], "step": place.step, "class": words.message_class}
    recipient = Recipient(
        contacts_in(str(row["customer_id"]), row),
        row["consents"] or {},
        customer_zone(row),
        consent_dates(row["consents"] or {}, row["consented_at"] or {}, row["known_since"]),
        locale=row["locale"],
        complaint=row["complaint"],
    )
    policy, sender = policy_for(workspace.get("sending"), recipient.country), Sender.of(workspace)
    message_links = MessageLinks(links, place.id, customer, workspace, about) if links else None
    known = sender if message_links is None else message_links.sender(step.settings.channel)
    return DeliveryContext(
        process=process,
        place=place,
        seen=seen,
        settings=step.settings,
        words=words,
        only_if=only_if and bind(only_if, seen.entry, seen.event, all_variables, row["entered_at"]),
        recipient=recipient,
        policy=policy,
        standing=SendContext(
            journey_status(row),
            run_over=row["run_over"],
            since=row["first_at"],
            unsaid=missing_sender(policy, known),
            paused_channels=paused_channels(workspace),
            step_paused=step_paused(workspace, row["journey_key"], place.step),
        ),
        sender=sender,
        context=template_variables(seen, all_variables),
        locales=(row["locale"] or "", row["workspace_locale"] or ""),
        now=now,
        message_links=message_links,
    )


def customer_zone(row: Mapping[str, Any]) -> str:
    """Where the customer is, as far as is known."""
    found: str = row["time_zone"] or row["workspace_zone"] or DEFAULT_ZONE
    return found


def template_variables(seen: DecisionInputs, variables: Mapping[str, Any]) -> dict[str, Any]:
    """What templates may speak of. ``variables``: the run's, with the plan's."""
    customer = _customer(seen.row, customer_zone(seen.row))
    return template_context(customer, seen.entry, seen.event, variables, seen.row["workspace_settings"] or {})


def journey_status(row: Mapping[str, Any]) -> Any:
    """A journey that is not there sends nothing; one that is a draft again goes on for those inside. Where everything
    is paused, each is."""
    status = {"paused": "paused", "stopped": "stopped", None: "stopped"}.get(row["journey"], "live")
    return "paused" if status == "live" and everything_paused(row["workspace_settings"] or {}) else status


def _customer(row: Mapping[str, Any], time_zone: str) -> dict[str, Any]:
    own = ("external_id", "email", "phone", "locale", "stage", "tags")
    identity = {"id": str(row["customer_id"]), "time_zone": time_zone}
    return {**(row["attributes"] or {}), **{name: row[name] for name in own}, **identity}
