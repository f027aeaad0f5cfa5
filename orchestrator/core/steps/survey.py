"""survey: asks a question with a message of its own, then waits for the answer to this very asking."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal

from pydantic import Field

from orchestrator.core.commands import Transition
from orchestrator.core.events.run_events import EventReceived, Sent, TimerFired
from orchestrator.core.events.system_events import SURVEY_ANSWERED
from orchestrator.core.formatting import span
from orchestrator.core.labels import labelled
from orchestrator.core.steps.contract import (
    MOST_WAYS,
    NAME_HELP,
    WAY_HELP,
    Answer,
    Deliver,
    ExitPort,
    Outcome,
    Port,
    Span,
    Stay,
    Step,
    StepContext,
    Wait,
)
from orchestrator.core.steps.message import MessageSettings, Sending
from orchestrator.core.steps.narration import NarrationContext, Waiting, held
from orchestrator.core.steps.references import AwaitedEvent, Reference, SurveyReference
from orchestrator.core.surveys.invitations import INVITATIONS
from orchestrator.core.surveys.questionnaire import KEY
from orchestrator.core.text import Frozen, LocalText, Named, Text, spelt_out, verbatim


class AnswerGroupPort(Frozen):
    """The way of one answer group."""

    port: str = Field(
        pattern=KEY,
        json_schema_extra=labelled(Text("Answer group"), editor="port", help=WAY_HELP, advanced=True),
    )
    label: LocalText = Field(
        default_factory=dict,
        json_schema_extra=labelled(Text("Path name"), editor="local_text", help=NAME_HELP),
    )


class SurveySettings(MessageSettings):
    """Which survey, the message that asks, and the ways of its answers."""

    survey: str = Field(
        pattern=KEY,
        json_schema_extra=labelled(
            Text("Survey"),
            editor="survey",
            help=Text("The survey to send. Choosing one fills in its answer groups."),
        ),
    )
    groups: tuple[AnswerGroupPort, ...] = Field(
        min_length=1,
        max_length=MOST_WAYS,
        description="The survey's answer groups, copied, so that the ways out are known from the journey alone.",
        json_schema_extra=labelled(
            Text("Paths by answer"),
            help=Text("One for each answer group of the survey; checked before publishing."),
            item=Text("Answer group"),
            new={"port": "group"},
        ),
    )
    window: Span = Field(
        timedelta(days=7),
        description="How long an answer is waited for, from the sending on.",
        json_schema_extra=labelled(
            Text("Wait for an answer for"),
            editor="duration",
            help=Text("Counted from sending. Customers who have not answered by then take “No answer”."),
        ),
    )


class Survey(Sending):
    """An answer counts for the run that asked: for whichever asking of this survey in it waits when it comes. So who
    answers the first message after the reminder is heard, and nobody else's answer is.

    An answer that names no run, as a shop's own tool may send it, counts for whoever waits for one to this survey.
    """

    kind: Literal["survey"] = "survey"
    settings: SurveySettings

    TITLE: ClassVar[Text] = Text("Survey")
    MEANING: ClassVar[Text] = Text("Asks a question and branches on the answer.")
    HELP: ClassVar[Text] = Text(
        "Use it to ask for a score, a choice or a comment. The message links to a page that needs no login. "
        "The customer then takes the path of their answer, or “No answer” if they have not answered by then. "
        "Example: after a delivery, ask for a score from 0 to 10, and call everyone who gives 6 or less."
    )
    FAMILY: ClassVar = "wait"
    DEFAULTS: ClassVar[Mapping[str, Any]] = {
        "survey": "",
        "groups": [
            {"port": "promoter", "label": {"en": "Promoters (9–10)", "ko": "추천(9~10점)"}},
            {"port": "passive", "label": {"en": "Passives (7–8)", "ko": "중립(7~8점)"}},
            {"port": "detractor", "label": {"en": "Detractors (0–6)", "ko": "비추천(0~6점)"}},
        ],
        "window": "P7D",
        "channel": "email",
        "class": "informational",
        "content": INVITATIONS["nps"],
    }
    PORT_LIST: ClassVar[str] = "groups"
    ICON: ClassVar[str] = "clipboard-list"
    NO_ANSWER: ClassVar[Port] = Port("no_answer", Text("No answer"))
    NOT_SENT: ClassVar[Port] = Port("not_sent", Text("Not sent"), required=False, otherwise="no_answer")
    OWN_PORTS: ClassVar[tuple[Port, ...]] = (NO_ANSWER, NOT_SENT)

    def ports(self) -> tuple[Port, ...]:
        group_ports = (
            Port(answer_group.port, verbatim(answer_group.label, spelt_out(answer_group.port)))
            for answer_group in self.settings.groups
        )
        return (*group_ports, *self.OWN_PORTS)

    def summary(self) -> Text:
        name, length = self.called, span(self.settings.window)
        return Text("Ask “{name}”, wait up to {length}", name=name, length=length)

    @property
    def called(self) -> Text:
        """The survey, by its name."""
        return Named("survey", self.settings.survey)

    def reads(self) -> tuple[str, ...]:
        return ("survey", "group", "score", "run")

    def references(self) -> Iterator[Reference]:
        yield from super().references()
        group_ports = frozenset(answer_group.port for answer_group in self.settings.groups)
        yield SurveyReference("survey", self.settings.survey, "settings.survey", groups=group_ports)

    def awaits(self) -> tuple[AwaitedEvent, ...]:
        name = self.settings.survey
        groups = [answer_group.port for answer_group in self.settings.groups]
        return tuple(AwaitedEvent(SURVEY_ANSWERED, one, example={"survey": name, "group": one}) for one in groups)

    def longest_stay(self, now: datetime, time_zone: str) -> timedelta:
        return self.settings.window

    def narrate_wait(self, waiting: Waiting, narration: NarrationContext) -> Text:
        if waiting.until is None:
            return self.summary()
        name, until = self.called, narration.time(waiting.until)
        return held(waiting, narration) or Text("Waits for an answer to “{name}” until {until}", name=name, until=until)

    def narrate_exit(self, left: Transition, narration: NarrationContext) -> Text:
        if left.port == self.NOT_SENT.name:
            return narration.sent or self.through(left.port)
        score = left.note.get("score")
        return self.through(left.port, None if score is None else Text("the answer was {score}", score=score))

    def enter(self, context: StepContext) -> Outcome:
        return Deliver()

    def continues(self, other: Step) -> bool:
        return isinstance(other, Survey) and other.settings.survey == self.settings.survey

    def rejoin(self, context: StepContext, stay: Stay | None) -> Outcome:
        asked = context.memo.get("asked")
        if asked is None:
            return super().rejoin(context, stay)
        until = datetime.fromisoformat(asked) + self.settings.window if stay is None else stay.deadline
        return Wait(until, (SURVEY_ANSWERED,), read_back=context.since, memo=dict(context.memo))

    def resume(self, context: StepContext, answer: Answer) -> Outcome | None:
        match answer:
            case Sent(outcome="held", until=until, reason=reason) if until is not None:
                return Wait(until, memo={"held": reason})
            case Sent(outcome="skipped", reason=reason):
                return ExitPort("not_sent", {"outcome": "skipped", "reason": reason})
            case Sent():
                # Read back from where the step began: who is quick answers before we know that it was sent.
                asked = {"asked": context.now.isoformat()}
                return Wait(context.now + self.settings.window, (SURVEY_ANSWERED,), read_back=context.since, memo=asked)
            case TimerFired():
                return ExitPort("no_answer") if "asked" in context.memo else Deliver()
            case EventReceived():
                return self._answered(context, answer)
        return Deliver()

    def _answered(self, context: StepContext, answer: EventReceived) -> Outcome | None:
        told = answer.customer_event.properties
        if "run" in told and told["run"] != context.run_id:
            return None
        group = told.get("group")
        if told.get("survey") != self.settings.survey or group not in [
            answer_group.port for answer_group in self.settings.groups
        ]:
            return None
        note = {"group": group, "score": told.get("score"), "message_id": answer.customer_event.message_id}
        return ExitPort(str(group), {name: value for name, value in note.items() if value is not None})
