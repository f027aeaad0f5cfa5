"""webhook: a call to another system, whose answer may set variables."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from orchestrator.core.events.run_events import Sent
from orchestrator.core.labels import labelled
from orchestrator.core.steps.contract import Answer, Deliver, ExitPort, Fault, Outcome, Port, Step, StepContext, Wait
from orchestrator.core.templating.request_template import RequestProblem, check_url, json_template, shown_url, texts_of
from orchestrator.core.text import Frozen, Text
from orchestrator.core.values import Duration

Method = Literal["POST", "PUT", "PATCH", "GET", "DELETE"]
WITHOUT_BODY: frozenset[Method] = frozenset({"GET", "DELETE"})

_METHODS = {method: Text(method, method) for method in ("POST", "PUT", "PATCH", "GET", "DELETE")}
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_OURS = frozenset({"host", "content-length", "content-type", "transfer-encoding", "connection", "accept-encoding"})
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_PATH = re.compile(r"[^.]{1,100}(?:\.[^.]{1,100}){0,19}")


class WebhookSettings(Frozen):
    """The request, what is kept of its answer, and how long one tries."""

    url: str = Field(
        min_length=1,
        max_length=2_000,
        json_schema_extra=labelled(
            "Address",
            "주소",
            editor="template",
            help=(
                "Begins with https:// and the host; variables may follow, as in /orders/{{ entry.order_id }}.",
                "https://와 호스트로 시작하고 그 뒤에 /orders/{{ entry.order_id }}처럼 변수를 쓸 수 있습니다.",
            ),
        ),
    )
    method: Method = Field("POST", json_schema_extra=labelled("Method", "방식", options=_METHODS))
    body: str = Field(
        "",
        description="JSON; a value may be a template, in quotes or not.",
        json_schema_extra=labelled(
            "Body (JSON)",
            "본문(JSON)",
            editor="template",
            help=(
                "JSON with variables. A variable alone keeps its type: {{ entry.total }} sends a number.",
                "변수를 쓸 수 있는 JSON입니다. {{ entry.total }}처럼 변수만 쓰면 숫자는 숫자로 보냅니다.",
            ),
        ),
    )
    response: dict[str, str] = Field(
        default_factory=dict,
        max_length=20,
        description="Variable to a path in the JSON of the answer, such as `data.items.0.id`.",
        json_schema_extra=labelled(
            "Keep from the answer",
            "응답에서 저장할 값",
            editor="value_map",
            help=(
                "A variable's name, and where its value stands in the answer, such as data.items.0.id.",
                "변수 이름과 응답에서의 위치(예: data.items.0.id)를 적습니다.",
            ),
        ),
    )
    headers: dict[str, str] = Field(
        default_factory=dict,
        max_length=20,
        json_schema_extra=labelled(
            "Headers",
            "헤더",
            editor="value_map",
            help=(
                "Whoever may read the journey can read them. Every call is signed, so a key is rarely needed.",
                "여정을 볼 수 있는 사람은 헤더도 볼 수 있습니다. 호출마다 서명이 붙어 키는 대개 필요 없습니다.",
            ),
            advanced=True,
        ),
    )
    timeout: Annotated[Duration, Field(ge=timedelta(seconds=1), le=timedelta(seconds=30))] = Field(
        timedelta(seconds=10),
        description="How long one call may take.",
        json_schema_extra=labelled("Time-out", "응답 대기 시간", editor="duration", advanced=True),
    )
    retry_for: Annotated[Duration, Field(le=timedelta(days=3))] = Field(
        timedelta(hours=1),
        description="How long calls that failed for the moment (429, 5xx, no answer) are repeated.",
        json_schema_extra=labelled(
            "Keep trying for",
            "재시도 기간",
            editor="duration",
            help=(
                "While the other system is busy or away (429, 5xx, no answer) the call is repeated for so long.",
                "상대 시스템이 바쁘거나 응답이 없을 때(429, 5xx, 무응답) 이 기간 동안 다시 시도합니다.",
            ),
            advanced=True,
        ),
    )


class Webhook(Step):
    """Carried out like a send: at the moment itself, known by the same id at every attempt, written into the ledger."""

    kind: Literal["webhook"] = "webhook"
    settings: WebhookSettings

    TITLE: ClassVar[Text] = Text("Webhook", "웹훅")
    MEANING: ClassVar[Text] = Text("Calls another system.", "다른 시스템을 호출합니다.")
    HELP: ClassVar[Text] = Text(
        "Use it to tell another system about the customer, or to ask it something. The call is signed, repeated while "
        "the other side is busy, and values of its answer can be kept as variables for the steps that follow. Whoever "
        "answers with an error leaves by “Failed”. Example: ask the points service for the balance, then mention it in "
        "a message.",
        "고객에 대해 다른 시스템에 알리거나 물어볼 때 씁니다. 호출에는 서명이 붙고 상대가 바쁘면 다시 시도합니다. "
        "응답의 값을 변수로 저장해 다음 단계에서 쓸 수 있으며, 오류로 응답하면 “실패”로 나갑니다. "
        "예: 포인트 서비스에 잔액을 물어 메시지에 넣기.",
    )
    FAMILY: ClassVar = "action"
    DEFAULTS: ClassVar[Mapping[str, Any]] = {
        "url": "",
        "method": "POST",
        "body": '{\n  "customer": {{ customer.external_id }}\n}',
    }
    ICON: ClassVar[str] = "webhook"
    OK: ClassVar[Port] = Port("ok", Text("Answered", "성공"))
    FAILED: ClassVar[Port] = Port("failed", Text("Failed", "실패"))
    OWN_PORTS: ClassVar[tuple[Port, ...]] = (OK, FAILED)

    def ports(self) -> tuple[Port, ...]:
        return self.OWN_PORTS

    def sets(self) -> tuple[str, ...]:
        return tuple(self.settings.response)

    def summary(self) -> Text:
        line = f"{self.settings.method} {shown_url(self.settings.url)}"
        return Text(line, line)

    def templates(self) -> Iterator[tuple[str, str]]:
        settings = self.settings
        yield "settings.url", settings.url
        for name, value in settings.headers.items():
            yield f"settings.headers.{name}", value
        if settings.method not in WITHOUT_BODY and settings.body:
            try:
                yield from (("settings.body", source) for source in texts_of(json_template(settings.body)))
            except RequestProblem:
                return  # told by ``faults``

    def faults(self) -> Iterator[Fault]:
        settings = self.settings
        try:
            check_url(settings.url)
        except RequestProblem as problem:
            yield Fault("settings.url", problem.text)
        if settings.method not in WITHOUT_BODY and settings.body:
            try:
                json_template(settings.body)
            except RequestProblem as problem:
                yield Fault("settings.body", problem.text)
        yield from _bad_names(settings)

    def enter(self, context: StepContext) -> Outcome:
        return Deliver()

    def resume(self, context: StepContext, answer: Answer) -> Outcome | None:
        if not isinstance(answer, Sent):
            return Deliver()
        if answer.outcome == "held" and answer.until is not None:
            return Wait(answer.until, memo={"held": answer.reason})
        kept = {name: answer.values.get(name) for name in self.settings.response} if answer.outcome == "sent" else {}
        note = {"reason": answer.reason} if answer.reason else {}
        return ExitPort(self.OK.name if answer.outcome == "sent" else self.FAILED.name, note, kept)


def _bad_names(settings: WebhookSettings) -> Iterator[Fault]:
    for name in settings.headers:
        if _HEADER.fullmatch(name) is None or name.lower() in _OURS or name.lower().startswith("webhook-"):
            yield Fault(
                "settings.headers",
                Text(f"“{name}” is no header that can be set here", f"‘{name}’ 헤더는 여기서 정할 수 없습니다"),
            )
    for name, path in settings.response.items():
        if _VARIABLE.fullmatch(name) is None:
            yield Fault(
                "settings.response",
                Text(
                    f"“{name}” is no name for a variable: letters, digits and _",
                    f"‘{name}’은(는) 변수 이름으로 쓸 수 없습니다. 영문자, 숫자, _만 쓰세요",
                ),
            )
        elif _PATH.fullmatch(path) is None:
            yield Fault(
                "settings.response",
                Text(
                    f"“{path}” is no place in an answer, such as data.items.0.id",
                    f"‘{path}’은(는) 응답의 위치가 아닙니다. data.items.0.id처럼 적어 주세요",
                ),
            )
