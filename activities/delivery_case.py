"""One send as its activity sees it: what the store knew, turned into what the core asks for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from activities.channels.contract import OutgoingMessage
from orchestrator.core.advertising import Sender
from orchestrator.core.binding import bind
from orchestrator.core.conditions import Condition, MessageClass
from orchestrator.core.content import Composed, choose_locale, compose
from orchestrator.core.events import Happening
from orchestrator.core.plan import Plan
from orchestrator.core.policies import Policy, policy_for
from orchestrator.core.sending import Decision, Outgoing, Reason, Recipient, Send, Standing
from orchestrator.core.steps.message import MessageSettings, Sending
from orchestrator.core.timing import zone
from orchestrator.store.ledger import Circumstances, Place

DEFAULT_ZONE = "Asia/Seoul"


@dataclass(frozen=True, slots=True)
class Case:
    """Everything about one send that does not depend on the channel."""

    me: int
    """This process, as ``store.presence`` numbers it."""
    place: Place
    seen: Circumstances
    settings: MessageSettings
    only_if: Condition | None
    """The step's own condition, its references looked up."""
    recipient: Recipient
    policy: Policy
    standing: Standing
    sender: Sender
    context: Mapping[str, Any]
    locales: tuple[str, ...]
    now: datetime

    @property
    def channels(self) -> tuple[str, ...]:
        """In order of preference."""
        return (self.settings.channel, *self.settings.fallback)

    @property
    def message_class(self) -> MessageClass:
        """Advertising or informational."""
        return self.settings.message_class

    @property
    def skip_on_missing(self) -> bool:
        """Whether an unset variable keeps the message back."""
        return self.settings.on_missing == "skip"

    def message(self, channels: tuple[str, ...]) -> Outgoing:
        """What is to be decided."""
        return Outgoing(channels, self.message_class, self.settings.tags)

    def compose(self, channel: str) -> Composed:
        """The words for this customer on a channel."""
        contents = self.settings.content
        locale = choose_locale(contents, *self.locales)
        where = zone(self.recipient.zone)
        return compose(
            contents[locale], channel, self.message_class, self.context, self.policy, self.sender, locale, where
        )

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
        }

    def inputs(self, decision: Decision, reason: Reason | None) -> dict[str, Any]:
        """What the ledger keeps of the decision."""
        passed = {channel: found.as_json() for channel, found in decision.passed.items()}
        told = {"passed": passed, "reason": reason.as_json() if reason else None}
        return {**decision.inputs, **{name: value for name, value in told.items() if value}}


def case_of(
    me: int, place: Place, seen: Circumstances, plan: Plan, variables: Mapping[str, Any], now: datetime
) -> Case:
    """The case. Raises ``LookupError``, ``TypeError`` or ``ValueError`` where journey or workspace make no sense."""
    row = seen.row
    step = plan.steps[place.step]
    if not isinstance(step, Sending):
        raise TypeError(f"{place.step} is not a message")
    workspace: Mapping[str, Any] = row["workspace_settings"] or {}
    customer_zone = row["time_zone"] or row["workspace_zone"] or DEFAULT_ZONE
    all_variables = {**plan.variables, **variables}
    only_if = step.settings.only_if
    recipient = Recipient(_contacts(row), row["consents"] or {}, customer_zone, locale=row["locale"])
    return Case(
        me=me,
        place=place,
        seen=seen,
        settings=step.settings,
        only_if=only_if and bind(only_if, seen.entry, seen.event, all_variables, row["entered_at"]),
        recipient=recipient,
        policy=policy_for(workspace.get("sending"), recipient.country),
        standing=Standing(journey=_standing(row["journey"]), run_over=row["run_over"]),
        sender=Sender.of(workspace),
        context={
            "customer": _customer(row, customer_zone),
            "entry": _properties(seen.entry),
            "event": _properties(seen.event or seen.entry),
            "var": all_variables,
            "workspace": workspace,
        },
        locales=(row["locale"] or "", row["workspace_locale"] or ""),
        now=now,
    )


def _standing(status: str | None) -> Any:
    """A journey that is not there sends nothing; one that is a draft again goes on for those inside."""
    return {"paused": "paused", "stopped": "stopped", None: "stopped"}.get(status, "live")


def _contacts(row: Mapping[str, Any]) -> dict[str, str | None]:
    token = (row["attributes"] or {}).get("push_token")
    return {
        "email": row["email"],
        "phone": row["phone"],
        "push_token": token if isinstance(token, str) else None,
        "customer": str(row["customer_id"]),
    }


def _customer(row: Mapping[str, Any], customer_zone: str) -> dict[str, Any]:
    own = ("external_id", "email", "phone", "locale", "stage", "tags")
    identity = {"id": str(row["customer_id"]), "time_zone": customer_zone}
    return {**(row["attributes"] or {}), **{name: row[name] for name in own}, **identity}


def _properties(happening: Happening | None) -> Mapping[str, Any]:
    return happening.properties if happening else {}
