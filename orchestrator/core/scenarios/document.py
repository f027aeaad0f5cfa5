"""The scenario file: journeys, customers, what happens to them, and what is to come of it. Written by people, in YAML.

One file holds scenarios of the journeys that it names. What a file does not say is taken as for somebody who can be
reached everywhere and has consented to everything: a scenario says only what it is about.
"""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, ValidationError

from orchestrator.core.conditions.model import Condition
from orchestrator.core.journey.schema_errors import sentence_of
from orchestrator.core.scenarios.problems import ScenarioProblem
from orchestrator.core.steps.contract import Span
from orchestrator.core.text import Frozen, LocalText, Text
from orchestrator.core.values import Comparable, Stage
from orchestrator.core.zone_settings import DEFAULT_ZONE

MOST_SCENARIOS = 1_000
MOST_ACTS = 1_000
Value = Any


class CustomerGiven(Frozen):
    """Who the customer is when the scenario begins. ``consents``: by name, as in ``email`` or ``sms:night``."""

    seed: str = Field("customer", max_length=100, description="Another one is another customer to experiments.")
    attributes: dict[str, Value] = Field(default_factory=dict, max_length=200)
    consents: dict[str, bool] | Literal["all", "none"] = Field("all", description="Beside what is given: all.")
    contacts: dict[str, str | None] = Field(
        default_factory=dict, description="`email`, `phone`, `push_token`; null: none."
    )
    tags: tuple[str, ...] = ()
    segments: tuple[str, ...] = Field((), description="Those that they are in; they are in no other.")
    stage: Stage | None = None
    time_zone: str | None = None
    locale: str | None = None


class CustomerChange(Frozen):
    """What changes of the customer. A null attribute or contact is removed."""

    attributes: dict[str, Value] = Field(default_factory=dict, max_length=200)
    consents: dict[str, bool] = Field(default_factory=dict)
    contacts: dict[str, str | None] = Field(default_factory=dict)
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    enters: tuple[str, ...] = Field((), description="Segments that they come into.")
    leaves: tuple[str, ...] = Field((), description="Segments that they leave.")
    time_zone: str | None = None


class SurveyAnswer(Frozen):
    """An answer to a survey that a run has asked, by its group."""

    survey: str = Field(min_length=1)
    group: str = Field(min_length=1)
    score: int | None = None


class WebhookAnswer(Frozen):
    """The JSON that the other system answers."""

    answer: Value


Result = Literal["ok", "unreachable", "unknown", "failed"] | WebhookAnswer
"""What the world outside makes of a send. Of a message ``unreachable`` (the next channel has its turn) and ``unknown``
(nobody knows whether it arrived); of a webhook ``failed``, or what it answers; ``ok`` again."""
PoolState = Literal["open", "empty", "had"]
"""Of a coupon pool: it has codes, it has none, or the customer has had one of its codes before."""


class Act(Frozen):
    """Something that happens, at an instant: so long ``after`` the start, or ``at`` a local time; else with the act
    before. One of ``event``, ``answer``, ``customer``, ``results``, ``pools``, ``stop``."""

    after: Span | None = None
    at: str | None = Field(None, description="`2026-03-02 10:00`, in the file's zone unless it names one.")
    event: Comparable | None = Field(None, min_length=1, max_length=200)
    properties: dict[str, Value] = Field(default_factory=dict, max_length=500)
    id: str | None = Field(None, description="The same id twice is one event that comes twice.")
    late: Span | None = Field(None, description="How long before it arrives the event has happened.")
    answer: SurveyAnswer | None = None
    customer: CustomerChange | None = None
    results: dict[str, Result] | None = Field(None, description="By step or channel, from here on.")
    pools: dict[str, PoolState] | None = Field(None, description="Coupon pools, from here on.")
    stop: str | None = Field(None, min_length=1, description="An operator ends the run, with this reason.")

    @property
    def kinds(self) -> list[str]:
        """Which of the things it is; a sound act is one of them."""
        return [name for name in ACTS if getattr(self, name) is not None]


ACTS = ("event", "answer", "customer", "results", "pools", "stop")


class SendExpected(Frozen):
    """A message that goes out."""

    step: str
    channel: str | None = None
    after: Span | None = Field(None, description="Since the start.")
    at: str | None = None
    subject: str | None = Field(None, description="Is part of its subject.")
    says: str | tuple[str, ...] = Field((), description="Parts of its subject and text.")
    link: str | None = Field(None, description="Is part of its link, or of a button's.")


class NotSent(Frozen):
    """A message that does not: held for now, or skipped."""

    step: str
    reason: str | None = None


class CustomerExpected(Frozen):
    """The customer as the journeys leave them; what is not named is not looked at. ``stage: none``: in none yet."""

    attributes: dict[str, Value] = Field(default_factory=dict)
    consents: dict[str, bool] = Field(default_factory=dict)
    tags: tuple[str, ...] = ()
    stage: Stage | Literal["none"] | None = None


class Expected(Frozen):
    """What is to come of it. What is not named is not looked at; lists are whole, except ``passes`` and ``never``."""

    journey: str | None = Field(None, description="Whose run is meant; the file's first one otherwise.")
    key: str | None = Field(None, description="Which of its runs: the value that tells entries apart.")
    run: int = Field(1, ge=1, description="Which of those runs, in the order in which they began.")
    entered: bool | str | None = Field(None, description="Whether, or the reason of the refusal.")
    entries: tuple[str, ...] | None = Field(
        None, description="What came of each trigger that fired, in order: `admitted`, or the reason of the refusal."
    )
    path: tuple[str, ...] | None = Field(None, description="Every step that was entered, in order.")
    passes: tuple[str, ...] | None = Field(None, description="Steps that were entered in this order, among others.")
    never: tuple[str, ...] = ()
    sends: tuple[SendExpected | str, ...] | None = Field(None, description="Every message that went out, in order.")
    not_sent: tuple[NotSent | str, ...] = ()
    ends: str | None = Field(None, description="The reason of the run's end.")
    ends_after: Span | None = Field(None, description="Since the start.")
    waits_at: str | None = Field(None, description="The step at which the run still is.")
    goals: tuple[str, ...] | None = None
    variables: dict[str, Value] = Field(default_factory=dict)
    customer: CustomerExpected | None = None


class Always(Frozen):
    """What must hold whenever something happens, whatever is done to a customer: for scenarios and for the fuzzer."""

    name: LocalText = Field(min_length=1)
    whenever: Literal["sent", "entered", "left", "ended"] = "sent"
    step: str | None = Field(None, description="Of this step alone.")
    condition: Condition = Field(description="On the customer, and on the entry event.")


class Scenario(Frozen):
    """One story and what is to come of it."""

    name: str = Field(min_length=1, max_length=300)
    start: str | None = None
    customer: CustomerGiven = CustomerGiven()
    before: tuple[Act, ...] = Field(
        (), max_length=MOST_ACTS, description="History: `after` counts back from the start."
    )
    when: tuple[Act, ...] = Field(min_length=1, max_length=MOST_ACTS)
    until: Span | None = Field(None, description="Since the start; 90 days unless it is given.")
    expect: Expected | tuple[Expected, ...] = Expected()


class ScenarioFile(Frozen):
    """A whole file. ``journeys`` and ``templates`` are paths beside it."""

    journeys: tuple[str, ...] = Field(min_length=1, max_length=50)
    templates: dict[str, str] = Field(default_factory=dict, description="Template key to its file.")
    time_zone: str = DEFAULT_ZONE
    locale: str = "ko"
    start: str = "2026-01-05 10:00"
    workspace: dict[str, Value] = Field(default_factory=dict, description="Settings that messages and rules look at.")
    customer: CustomerGiven = CustomerGiven()
    always: tuple[Always, ...] = ()
    scenarios: tuple[Scenario, ...] = Field(max_length=MOST_SCENARIOS)


def read_scenario_file(document: object) -> tuple[ScenarioFile | None, tuple[ScenarioProblem, ...]]:
    """The file, or everything that is wrong with its shape, with the place of each."""
    if not isinstance(document, Mapping):
        return None, (ScenarioProblem("", Text("a scenario file is a mapping with journeys and scenarios")),)
    try:
        return ScenarioFile.model_validate(document), ()
    except ValidationError as error:
        found: dict[str, ScenarioProblem] = {}
        faults = error.errors(include_url=False)
        inner = {fault["loc"][:n] for fault in faults for n in range(len(fault["loc"]))}
        for fault in faults:
            if fault["type"] == "too_short" and fault["loc"] in inner:
                continue  # pydantic counts the sound members only, and of the others it has told
            problem = _problem(document, fault)
            found.setdefault(problem.place, problem)
        return None, tuple(found.values())


def _problem(document: Mapping[str, Any], fault: Mapping[str, Any]) -> ScenarioProblem:
    """``place``: as a person points at it, without the names that pydantic gives a union's members."""
    place: list[str] = []
    node: Any = document
    for part in fault["loc"]:
        inside = isinstance(node, Mapping) and part in node
        inside = inside or (isinstance(node, list | tuple) and isinstance(part, int) and part < len(node))
        if inside:
            node = node[part]
            place.append(str(part + 1) if isinstance(part, int) else str(part))
    if fault["type"] == "missing":
        place.append(str(fault["loc"][-1]))
        return ScenarioProblem(" › ".join(place), Text("this is needed here"))
    if fault["type"] == "extra_forbidden":
        return ScenarioProblem(" › ".join(place), Text("there is no such field here"))
    return ScenarioProblem(" › ".join(place), sentence_of(fault))
