"""message: one message on one channel, with an ordered list of fallback channels."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Literal

from pydantic import Field

from orchestrator.core.conditions import Condition, MessageClass
from orchestrator.core.evaluation import Customer, bind, evaluate
from orchestrator.core.events import Happening, Sent
from orchestrator.core.steps.contract import NEXT, Answer, Deliver, Leave, Moment, Outcome, Port, Rest, Step
from orchestrator.core.text import Frozen, Text

Channel = Literal["email", "sms", "push", "alimtalk"]
CHANNEL_TITLES: dict[str, Text] = {
    "email": Text("E-mail", "이메일"),
    "sms": Text("SMS", "문자"),
    "push": Text("App push", "앱 푸시"),
    "alimtalk": Text("Alimtalk", "알림톡"),
}


class Content(Frozen):
    """What is said in one language: Jinja templates over ``customer``, ``entry``, ``event`` and ``var``."""

    subject: str = ""
    body: str = Field(min_length=1)
    preheader: str = ""


class MessageSettings(Frozen):
    """One message. The class is the author's word, and the law's hinge: only ``advertising`` needs consent."""

    channel: Channel
    fallback: tuple[Channel, ...] = Field((), description="Tried in order where the channel cannot reach the customer.")
    message_class: MessageClass = Field("advertising", alias="class")
    content: dict[str, Content] = Field(min_length=1, description="By language.")
    only_if: Condition | None = Field(None, description="Checked again at the moment of sending; false: skipped.")
    on_missing: Literal["blank", "skip"] = Field("blank", description="What an unset variable does to the message.")


def still_wanted(
    settings: MessageSettings,
    customer: Customer,
    now: datetime,
    entry: Happening | None,
    event: Happening | None,
    variables: Mapping[str, Any],
    began: datetime,
) -> bool:
    """Whether ``only_if`` holds at the moment of sending; it sees what a branch in the same place would see."""
    if settings.only_if is None:
        return True
    return evaluate(bind(settings.only_if, entry, event, variables, began), customer, now, entry).truth


class Message(Step):
    """Decided at the moment of sending. A held message is decided again, in full, when its time comes."""

    kind: Literal["message"] = "message"
    settings: MessageSettings

    TITLE: ClassVar[Text] = Text("Message", "메시지")
    MEANING: ClassVar[Text] = Text("Sends one message on one channel.", "한 채널로 메시지를 하나 발송합니다.")
    FAMILY: ClassVar = "action"
    ICON: ClassVar[str] = "send"
    NOT_SENT: ClassVar[Port] = Port("not_sent", Text("Not sent", "발송 안 함"), required=False)

    def ports(self) -> tuple[Port, ...]:
        return (NEXT, self.NOT_SENT)

    def summary(self) -> Text:
        title = CHANNEL_TITLES[self.settings.channel]
        kind = {"advertising": Text("advertising", "광고성"), "informational": Text("informational", "정보성")}
        word = kind[self.settings.message_class]
        return Text(f"{title.en}, {word.en}", f"{title.ko}, {word.ko}")

    def enter(self, at: Moment) -> Outcome:
        return Deliver()

    def resume(self, at: Moment, answer: Answer) -> Outcome | None:
        if not isinstance(answer, Sent):
            return Deliver()
        if answer.outcome == "held" and answer.until is not None:
            return Rest(answer.until, memo={"held": answer.reason})
        note: dict[str, str] = {"outcome": answer.outcome}
        if answer.reason:
            note["reason"] = answer.reason
        return Leave("not_sent" if answer.outcome == "skipped" else "next", note)
