"""What previews are made with, as a value: the workspace, and the customer who is looked at."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.conditions.customer import Customer
from orchestrator.core.journey.vocabulary import Vocabulary
from orchestrator.core.sending.advertising import Sender
from orchestrator.core.sending.policies import Policy
from orchestrator.core.text import Text


@dataclass(frozen=True)
class Setting:
    """The workspace, and the customer who is looked at."""

    now: datetime
    locale: str
    policy: Policy
    sender: Sender
    settings: Mapping[str, Any]
    vocabulary: Vocabulary
    customer: Customer
    known: Mapping[str, Any]
    """What a message may say of the customer."""
    links: Mapping[str, str] = field(default_factory=dict)
    """``links`` of the templates: pages that show themselves, and change nothing."""
    numbers: Mapping[str, str] = field(default_factory=dict)
    """By channel, the number that its messages come from, where they come from one."""

    def shown_sender(self, channel: str) -> str:
        """Who a message is from, as its receiver's device says: a number, or the sender's name."""
        if CHANNELS[channel].marks.opt_out == "number":
            return self.numbers.get(channel, "")
        return str(self.settings.get("sender_name") or "")


def legal_regime(channel: str, setting: Setting) -> list[Text]:
    """What is added to advertising, and what is not set that the law asks for."""
    if not CHANNELS[channel].advertises:
        name = CHANNELS[channel].in_sentence
        return [Text("{name} allows informational messages only.", name=name)]
    notes = []
    if setting.policy.label:
        label = setting.policy.label
        notes.append(Text("Starts with {label}, as the law requires.", label=label))
    by_number = CHANNELS[channel].marks.opt_out == "number"
    if by_number and setting.policy.consent and not setting.settings.get("opt_out_number"):
        notes.append(Text("No toll-free opt-out number is set, so a link is used instead. See Settings."))
    return notes
