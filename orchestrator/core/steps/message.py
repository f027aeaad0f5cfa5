"""message: one message on one channel, with an ordered list of fallback channels."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal

from pydantic import Field

from orchestrator.core.channels.content import Content
from orchestrator.core.channels.registry import CHANNELS, ChannelName, channel_titles
from orchestrator.core.commands import Transition
from orchestrator.core.conditions.binding import bind
from orchestrator.core.conditions.customer import Customer
from orchestrator.core.conditions.evaluate import evaluate
from orchestrator.core.conditions.leaves.history import History
from orchestrator.core.conditions.model import Condition
from orchestrator.core.conditions.tree import AllOf, AnyOf
from orchestrator.core.email.samples import untouched_blocks
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.run_events import Sent
from orchestrator.core.labels import labelled
from orchestrator.core.steps.contract import (
    NEXT,
    Answer,
    Deliver,
    ExitPort,
    Fault,
    Outcome,
    Port,
    Step,
    StepContext,
    Wait,
)
from orchestrator.core.steps.narration import NarrationContext, Waiting, held
from orchestrator.core.steps.references import AskedCondition, Reference, TemplateReference
from orchestrator.core.text import Frozen, Text, language_text
from orchestrator.core.values import MessageClass

CLASS_TITLES: dict[str, Text] = {
    "advertising": Text("Advertising"),
    "informational": Text("Informational"),
}
SIX_MONTHS = timedelta(days=180)
TEMPLATE_KEY = r"^[a-z0-9][a-z0-9_-]{0,63}$"


class MessageSettings(Frozen):
    """One message. The class is the author's word, and the law's hinge: only ``advertising`` needs consent."""

    channel: ChannelName = Field(json_schema_extra=labelled(Text("Channel"), options=channel_titles()))
    fallback: tuple[ChannelName, ...] = Field(
        (),
        max_length=10,
        description="Tried in order where the channel cannot reach the customer.",
        json_schema_extra=labelled(
            Text("Fallback channels"),
            options=channel_titles(),
            help=Text("Tried in this order for customers the channel cannot reach."),
        ),
    )
    message_class: MessageClass = Field(
        "advertising",
        alias="class",
        json_schema_extra=labelled(
            Text("Class"),
            options=CLASS_TITLES,
            help=Text("Advertising needs consent and follows frequency caps, quiet hours and night-time rules."),
        ),
    )
    tags: tuple[str, ...] = Field(
        (),
        max_length=20,
        description="Words by which frequency caps and reports group messages; `review` asks for a review.",
        json_schema_extra=labelled(
            Text("Tags"),
            help=Text(
                "Frequency caps can count by tag. “review” marks a request for a review: an open complaint stops it."
            ),
            advanced=True,
        ),
    )
    template: str | None = Field(
        None,
        min_length=1,
        pattern=TEMPLATE_KEY,
        description="Key of the template whose words are sent, as they are at the moment of sending.",
        json_schema_extra=labelled(
            Text("Template"),
            editor="message_template",
            help=Text(
                "Sends the template's content as it is at that moment. Without a template, write the content here."
            ),
        ),
    )
    content: dict[str, Content] = Field(
        default_factory=dict,
        max_length=20,
        description="By language; empty where a template is used.",
        json_schema_extra=labelled(Text("Content"), editor="content"),
    )
    only_if: Condition | None = Field(
        None,
        description="Checked again at the moment of sending; false: skipped.",
        json_schema_extra=labelled(
            Text("Send only if"),
            editor="condition",
            help=Text("Checked at the moment of sending. Customers who do not match get nothing and continue."),
        ),
    )
    on_missing: Literal["essential", "blank", "skip"] = Field(
        "essential",
        description="What an unset variable does to the message. `essential`: no message without a value of a coupon, "
        "of an event, of the journey or in a link; others are left blank. `blank`: all are. `skip`: no message without "
        "any of them.",
        json_schema_extra=labelled(
            Text("If a variable has no value"),
            options={
                "essential": Text("Do not send if a coupon, link or event value is missing; leave others blank"),
                "blank": Text("Leave it blank"),
                "skip": Text("Do not send"),
            },
            advanced=True,
        ),
    )
    same_goods: bool = Field(
        False,
        description="Goes without a consent to buyers of the same kind of goods, where the law allows it (Korea's "
        "Network Act, Art. 50 (1) 1). `only_if` has to ask for the sale: an event in the last 180 days.",
        json_schema_extra=labelled(
            Text("Send without consent to buyers of similar goods"),
            help=Text(
                "Only where the law lets a sale stand for the consent (Korea: Network Act, Art. 50 (1) 1): you sold "
                "them goods of the same kind within the last six months, and they gave you this contact when they "
                "bought. “Send only if” has to ask for that sale. Who refused gets nothing, the night rule holds, "
                "and you have to be able to prove it. Have it checked by somebody who knows the law."
            ),
            advanced=True,
        ),
    )


def asks_for_a_sale(condition: Condition | None) -> bool:
    """Whether nobody meets a condition without an event of the last six months (of 180 days)."""
    match condition:
        case AllOf(of=parts):
            return any(asks_for_a_sale(part) for part in parts)
        case AnyOf(of=parts):
            return bool(parts) and all(asks_for_a_sale(part) for part in parts)
        case History(measure="count", op="gte" | "gt" as op, value=int() | float() as value):
            within = condition.within
            return within is not None and within <= SIX_MONTHS and (value > 0 or (op == "gt" and value == 0))
    return False


def still_wanted(
    settings: MessageSettings,
    customer: Customer,
    now: datetime,
    entry: CustomerEvent | None,
    event: CustomerEvent | None,
    variables: Mapping[str, Any],
    began: datetime,
) -> bool:
    """Whether ``only_if`` holds at the moment of sending; it sees what a branch in the same place would see."""
    if settings.only_if is None:
        return True
    return evaluate(bind(settings.only_if, entry, event, variables, began), customer, now, entry).truth


class Sending(Step):
    """What every step that writes to a customer has in common: settings by which a message is decided and composed."""

    settings: MessageSettings

    SETTLES_AT_ONCE: ClassVar[bool] = True
    HANDS_OVER: ClassVar[bool] = True

    def is_urgent(self) -> bool:
        return self.settings.message_class == "informational"

    def references(self) -> Iterator[Reference]:
        settings = self.settings
        if settings.template is not None:
            places = ["settings.channel", *(f"settings.fallback.{n}" for n in range(len(settings.fallback)))]
            channels = dict(zip(places, (settings.channel, *settings.fallback), strict=True))
            field, kind = "settings.template", settings.message_class
            yield TemplateReference("template", settings.template, field, channels=channels, message_class=kind)

    def conditions(self) -> Iterator[AskedCondition]:
        if self.settings.only_if is not None:
            yield AskedCondition("settings.only_if", self.settings.only_if)

    def faults(self) -> Iterator[Fault]:
        """It has words of its own, or those of a template: one of the two."""
        if self.settings.same_goods and not asks_for_a_sale(self.settings.only_if):
            yield Fault("settings.only_if", code="same_goods_without_sale")
        own, named = bool(self.settings.content), self.settings.template is not None
        approved = [one for one in (self.settings.channel, *self.settings.fallback) if CHANNELS[one].approved]
        if approved and not named:
            told = {"channel": CHANNELS[approved[0]].title}
            yield Fault("settings.template", code="approved_text_needed", parameters=told)
            return
        if own and named:
            yield Fault("settings.template", code="words_and_template")
        elif not own and not named:
            yield Fault("settings.content", code="no_words")


class Message(Sending):
    """Decided at the moment of sending. A held message is decided again, in full, when its time comes."""

    kind: Literal["message"] = "message"

    TITLE: ClassVar[Text] = Text("Message")
    MEANING: ClassVar[Text] = Text("Sends one message on one channel.")
    HELP: ClassVar[Text] = Text(
        "Use it to message the customer by e-mail, SMS, app push or Alimtalk. Consent, frequency caps and "
        "night-time rules are checked at the moment of sending. A held message waits; if it cannot be sent, "
        "the customer continues, or takes “Not sent” if you connect it. Example: “Your cart is waiting” by "
        "push, and by e-mail for those without the app."
    )
    FAMILY: ClassVar = "action"
    DEFAULTS: ClassVar[Mapping[str, Any]] = {
        "channel": "email",
        "class": "advertising",
        "content": {
            "ko": {
                "subject": "{{ customer.first_name | default('고객') }}님께 드리는 소식",
                "body": "안녕하세요, {{ customer.first_name | default('고객') }}님.\n\n여기에 내용을 써 주세요.",
            },
            "en": {
                "subject": "News for {{ customer.first_name | default('you') }}",
                "body": "Hello {{ customer.first_name | default('there') }},\n\nWrite your message here.",
            },
        },
    }
    ICON: ClassVar[str] = "send"
    TOLD_BY_ITS_SEND: ClassVar[bool] = True
    NOT_SENT: ClassVar[Port] = Port("not_sent", Text("Not sent"), required=False)
    OWN_PORTS: ClassVar[tuple[Port, ...]] = (NEXT, NOT_SENT)

    def ports(self) -> tuple[Port, ...]:
        return (NEXT, self.NOT_SENT)

    def summary(self) -> Text:
        title = CHANNELS[self.settings.channel].title
        kind = {"advertising": Text("advertising"), "informational": Text("informational")}
        word = kind[self.settings.message_class]
        return Text("{title}, {word}", title=title, word=word)

    def faults(self) -> Iterator[Fault]:
        """What a new message begins with is written anew in each language, or customers of the other one get it."""
        yield from super().faults()
        for locale, content in self.settings.content.items():
            for field in untouched(content, locale, (self.settings.channel, *self.settings.fallback)):
                words = {"language": language_text(locale)}
                yield Fault(f"settings.content.{locale}.{field}", code="sample_text", parameters=words)

    def narrate_entry(self, narration: NarrationContext) -> Text:
        return self.summary()

    def narrate_wait(self, waiting: Waiting, narration: NarrationContext) -> Text:
        return held(waiting, narration) or self.summary()

    def narrate_exit(self, left: Transition, narration: NarrationContext) -> Text:
        return narration.sent or self.through(left.port)

    def enter(self, context: StepContext) -> Outcome:
        return Deliver()

    def resume(self, context: StepContext, answer: Answer) -> Outcome | None:
        if not isinstance(answer, Sent):
            return Deliver()
        if answer.outcome == "held" and answer.until is not None:
            return Wait(answer.until, memo={"held": answer.reason})
        note: dict[str, str] = {"outcome": answer.outcome}
        if answer.reason:
            note["reason"] = answer.reason
        return ExitPort("not_sent" if answer.outcome == "skipped" else "next", note)


def untouched(words: object, locale: str, channels: Iterable[str]) -> tuple[str, ...]:
    """The fields of a message's words that still say what a new message begins with, of those that are shown."""
    sample: Mapping[str, str] = Message.DEFAULTS["content"].get(locale, {})
    shown = {field for channel in channels for field in CHANNELS[channel].fields}
    blocks = getattr(words, "blocks", ()) if any(CHANNELS[channel].html for channel in channels) else ()
    return (
        *(field for field, text in sample.items() if field in shown and getattr(words, field, "").strip() == text),
        *untouched_blocks(blocks, locale),
    )
