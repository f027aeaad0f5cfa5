"""What is to be said of a channel, so that everything else can be asked of it: checks, forms, policies, pages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from typing import Any, Literal

from orchestrator.core.channels.contacts import ContactKind
from orchestrator.core.channels.content import ChannelWords
from orchestrator.core.channels.measure import Measure, MessageFacts, unlimited
from orchestrator.core.text import Text
from orchestrator.core.values import MessageClass

NIGHT = "night"
Subject = Literal["none", "optional", "shown", "required"]
Preview = Literal["mail", "notification", "page", "chat", "text"]

_OPT_OUT = Text("Opt out:")


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvertisingMarks:
    """How an advertisement on this channel says that it is one, who sends it, and how to be left alone.

    ``by_owner``: the channel's owner sees to all of it, where the provider says that the message is an advertisement.
    ``label``: what begins with the label that the law asks for: ``first``, what the receiver reads first (the subject
    where there is one, else the text); ``subject``, always the subject; ``both``.
    ``sender``: ``shown`` by the app, the browser or the page itself; else named in the text, ``after_label`` or in a
    ``footer``.
    ``opt_out``: the way out that is told first: the workspace's free ``number``, words about its ``app``, a ``link``.
    ``opt_out_text``: what introduces it, in the receiver's language.
    """

    by_owner: bool = False
    label: Literal["first", "subject", "both"] = "first"
    sender: Literal["shown", "after_label", "footer"] = "shown"
    opt_out: Literal["link", "number", "app"] = "link"
    opt_out_text: Text = _OPT_OUT


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A way to reach customers, whoever carries it. One file of ``kinds/`` each."""

    name: str
    """As it is stored and told: in plans, in the ledger, in consents. Never changes."""
    title: Text
    """At the head of a form."""
    in_sentence: Text
    """Within a sentence: "by e-mail"."""
    to_customers: Text
    """What customers call it, on the pages that they see."""
    icon: str
    """Name of a lucide icon."""
    contact: ContactKind
    """What must be known of a customer."""
    words: type[ChannelWords]
    """What a template says on it in one language: the form of the editor, too."""
    new_words: Mapping[str, Mapping[str, Any]] = field(
        default_factory=lambda: {"ko": {"body": ""}, "en": {"body": ""}}, hash=False
    )
    """By language, what new words begin with."""
    preview: Preview = "chat"
    """What a message on it looks like to its receiver."""
    classes: frozenset[MessageClass] = frozenset({"advertising", "informational"})
    """What the channel's owner lets through it."""
    subject: Subject = "none"
    """``optional``: only some messages have one. ``shown``: every message may. ``required``: none goes without."""
    opens: bool = False
    """Whether it can be known that a message was opened, or shown on a page."""
    html: bool = False
    """Whether a message has an HTML form beside its plain text, and a preview line."""
    approved: bool = False
    """The owner approves texts, letter by letter, and they are named by a code: their links stay as they are."""
    charged_by_length: bool = False
    """A link is replaced only where that makes the text no longer."""
    measure: Measure | None = None
    """How long a message is, and may be; None: no limit."""
    pictured: Measure | None = None
    """The same of a message with a picture, where that changes it."""
    marks: AdvertisingMarks = AdvertisingMarks()
    """How advertising is marked."""
    night_exempt: bool = False
    """Whether the law lets advertising through at night without a consent of its own."""
    closed: tuple[time, time] | None = None
    """Hours in which its owner takes nothing: [start, end) of the customer's day."""
    test_class: MessageClass = "informational"
    """Of a message that tries whether the channel works."""

    @property
    def consents(self) -> tuple[str, str]:
        """The names of its consents: to advertising, and to advertising at night."""
        return self.name, f"{self.name}:{NIGHT}"

    @property
    def advertises(self) -> bool:
        """Whether advertising may go by it."""
        return "advertising" in self.classes

    @property
    def fields(self) -> tuple[str, ...]:
        """Of a step's own content, what this channel shows."""
        subject = ("subject",) if self.subject != "none" else ()
        return (*subject, "body", *(("preheader",) if self.html else ()))

    @property
    def clicks(self) -> bool:
        """Whether links lead through us, so that they can be counted."""
        return not self.approved

    def measured(self, subject: str, body: str, options: Mapping[str, Any] | None = None) -> MessageFacts:
        """How long a message is here, as it would go out. ``options``: what only this channel has."""
        measure = self.pictured if self.pictured and (options or {}).get("image") else self.measure
        return (measure or unlimited(self.name))(subject, body)
