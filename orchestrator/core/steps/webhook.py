"""webhook: a call to another system, whose answer may set variables."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from orchestrator.core.events.run_events import Sent
from orchestrator.core.labels import labelled
from orchestrator.core.steps.contract import Answer, Deliver, ExitPort, Fault, Outcome, Port, Step, StepContext, Wait
from orchestrator.core.steps.references import Reference
from orchestrator.core.templating.engine import TemplateSyntaxProblem, variables
from orchestrator.core.templating.request_secrets import (
    EXAMPLE,
    NAME_PATTERN,
    SEALED,
    change_body,
    change_url,
    is_literal_secret,
    named_secrets,
    without_named_secrets,
)
from orchestrator.core.templating.request_template import RequestProblem, check_url, json_template, shown_url, texts_of
from orchestrator.core.text import Frozen, Text, verbatim
from orchestrator.core.values import Duration

Method = Literal["POST", "PUT", "PATCH", "GET", "DELETE"]
WITHOUT_BODY: frozenset[Method] = frozenset({"GET", "DELETE"})

_METHODS = {method: verbatim(method) for method in ("POST", "PUT", "PATCH", "GET", "DELETE")}
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
            Text("Address"),
            editor="template",
            help=Text("Starts with https:// and the host; variables may follow, as in /orders/{{ entry.order_id }}."),
        ),
    )
    method: Method = Field("POST", json_schema_extra=labelled(Text("Method"), options=_METHODS))
    body: str = Field(
        "",
        description="JSON; a value may be a template, in quotes or not.",
        json_schema_extra=labelled(
            Text("Body (JSON)"),
            editor="template",
            help=Text("JSON with variables. A variable alone keeps its type: {{ entry.total }} sends a number."),
        ),
    )
    response: dict[str, str] = Field(
        default_factory=dict,
        max_length=20,
        description="Variable to a path in the JSON of the answer, such as `data.items.0.id`.",
        json_schema_extra=labelled(
            Text("Save from the response"),
            editor="value_map",
            help=Text("A variable's name, and where its value is in the response, such as data.items.0.id."),
        ),
    )
    headers: dict[str, str] = Field(
        default_factory=dict,
        max_length=20,
        json_schema_extra=labelled(
            Text("Headers"),
            editor="value_map",
            help=Text("For a key write {{ secret.name }}, and make the secret under Settings › Secrets."),
            advanced=True,
        ),
    )
    secret: str = Field(
        "",
        pattern=rf"^$|{NAME_PATTERN}",
        description="Name of the workspace's secret that signs the call; empty: the installation's.",
        json_schema_extra=labelled(
            Text("Signed with"),
            editor="secret",
            help=Text("The workspace secret that signs the call. Leave empty to use the installation's."),
            advanced=True,
        ),
    )
    timeout: Annotated[Duration, Field(ge=timedelta(seconds=1), le=timedelta(seconds=30))] = Field(
        timedelta(seconds=10),
        description="How long one call may take.",
        json_schema_extra=labelled(Text("Timeout", context="request"), editor="duration", advanced=True),
    )
    retry_for: Annotated[Duration, Field(le=timedelta(days=3))] = Field(
        timedelta(hours=1),
        description="How long calls that failed for the moment (429, 5xx, no answer) are repeated.",
        json_schema_extra=labelled(
            Text("Keep trying for"),
            editor="duration",
            help=Text("Retries for this long while the other system is busy or unavailable (429, 5xx, no response)."),
            advanced=True,
        ),
    )


class Webhook(Step):
    """Carried out like a send: at the moment itself, known by the same id at every attempt, written into the ledger."""

    kind: Literal["webhook"] = "webhook"
    settings: WebhookSettings

    TITLE: ClassVar[Text] = Text("Webhook")
    MEANING: ClassVar[Text] = Text("Calls another system.")
    HELP: ClassVar[Text] = Text(
        "Use it to send data about the customer to another system, or to request some. The call is signed and"
        " retried while the other system is busy, and values of the response can be saved as variables for "
        "later steps. If it returns an error, the customer takes “Failed”. Example: request the balance from "
        "the points service, then show it in a message."
    )
    FAMILY: ClassVar = "action"
    HANDS_OVER: ClassVar[bool] = True
    DEFAULTS: ClassVar[Mapping[str, Any]] = {
        "url": "",
        "method": "POST",
        "body": '{\n  "customer": {{ customer.external_id }}\n}',
    }
    ICON: ClassVar[str] = "webhook"
    OK: ClassVar[Port] = Port("ok", Text("Answered", context="request"))
    FAILED: ClassVar[Port] = Port("failed", Text("Failed"))
    OWN_PORTS: ClassVar[tuple[Port, ...]] = (OK, FAILED)

    def ports(self) -> tuple[Port, ...]:
        return self.OWN_PORTS

    def sets(self) -> tuple[str, ...]:
        return tuple(self.settings.response)

    def fills(self, port: str) -> tuple[str, ...]:
        return self.sets() if port == self.OK.name else ()

    def summary(self) -> Text:
        line = f"{self.settings.method} {shown_url(self.settings.url)}"
        return verbatim(line)

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

    def references(self) -> Iterator[Reference]:
        if self.settings.secret:
            yield Reference("secret", self.settings.secret, "settings.secret")
        for field, source in self.templates():
            yield from (Reference("secret", name, field) for name in sorted(named_secrets(source)))

    def faults(self) -> Iterator[Fault]:
        settings = self.settings
        yield from _literal_secrets(settings)
        for field, source in self.templates():
            if "secret" in {path.partition(".")[0] for path in _paths(without_named_secrets(source))}:
                yield Fault(field, Text("a secret can only be used on its own, as in {{ secret.name }}"))
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


def _paths(source: str) -> frozenset[str]:
    try:
        return variables(source)
    except TemplateSyntaxProblem:
        return frozenset()  # told as what it is


def _literal_secrets(settings: WebhookSettings) -> Iterator[Fault]:
    """Secrets that are written out, and those that another installation has hidden: one fault a place."""
    found: dict[str, list[str]] = {}

    def noted(field: str) -> Callable[[str], str]:
        def note(value: str) -> str:
            found.setdefault(field, []).append(value)
            return value

        return note

    change_url(settings.url, noted("settings.url"))
    if settings.method not in WITHOUT_BODY:
        change_body(settings.body, noted("settings.body"))
    for name, value in settings.headers.items():
        if is_literal_secret(name, value):
            noted(f"settings.headers.{name}")(value)
    for field, values in found.items():
        hidden = any(value.startswith(SEALED) for value in values)
        yield Fault(
            field,
            code="secret_to_enter" if hidden else "literal_secret",
            parameters={"field": field, "example": EXAMPLE},
        )


def _bad_names(settings: WebhookSettings) -> Iterator[Fault]:
    for name in settings.headers:
        if _HEADER.fullmatch(name) is None or name.lower() in _OURS or name.lower().startswith("webhook-"):
            yield Fault(
                "settings.headers",
                Text("the header “{name}” cannot be set here", name=name),
            )
    for name, path in settings.response.items():
        if _VARIABLE.fullmatch(name) is None:
            yield Fault(
                "settings.response",
                Text("“{name}” is not a valid variable name: use letters, digits and _", name=name),
            )
        elif _PATH.fullmatch(path) is None:
            yield Fault(
                "settings.response",
                Text("“{path}” is not a place in a response, such as data.items.0.id", path=path),
            )
