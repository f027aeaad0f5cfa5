"""What every kind of step is: settings, labels, ports, and two pure functions, ``enter`` and ``resume``.

A step says what it wants by returning an outcome; ``core.run.advance`` alone turns outcomes into state and commands.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, NamedTuple

from pydantic import Field

from orchestrator.core.commands import Change, Fact, Transition
from orchestrator.core.conditions.binding import bind
from orchestrator.core.conditions.model import Condition
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.ids import derived_id
from orchestrator.core.events.run_events import Committed, EventReceived, Sent, TimerFired
from orchestrator.core.labels import labelled
from orchestrator.core.paths import lookup
from orchestrator.core.steps.narration import NarrationContext, Waiting
from orchestrator.core.steps.references import AskedCondition, AwaitedEvent, EmittedEvent, Reference
from orchestrator.core.steps.way_names import nameless, rough_label, ways_in
from orchestrator.core.text import Frozen, LocalText, Text, verbatim
from orchestrator.core.values import STAGE_TEXT, Duration, Ref, Stage

StepId = str
STEP_ID = r"^[a-z0-9][a-z0-9_-]{0,63}$"
ENTRY = "entry"
"""The name by which an edge leaves the entry of a journey; no step may bear it."""

Span = Annotated[Duration, Field(le=timedelta(days=36_525), description="ISO 8601 (P7D) or short (7d, 1h30m).")]
"""How long something may last: at most a hundred years, so that every deadline is a date."""

SHORTEST_WAIT = timedelta(minutes=1)
"""A stay that is shorter does not count as a wait: a loop that waits a millisecond is one that does not wait."""

MOST_WAYS = 50
"""Ways out of one step: more than anybody can look through."""
WAY_HELP = Text("Lines and reports know the path by this id. Changing it disconnects the line.")
NAME_HELP = Text("Shown on the canvas. Leave empty to name it by what it does.")

Family = Literal["action", "wait", "decision", "measure", "end"]


@dataclass(frozen=True, slots=True)
class Port:
    """A named way out. An optional port that leads nowhere is taken as the one called ``otherwise``."""

    name: str
    label: Text
    required: bool = True
    otherwise: str = "next"


NEXT = Port("next", Text("Next"))
TIMEOUT = Port("timeout", Text("No response by then"))


@dataclass
class StepContext:
    """What a step may look at when the run gets to it, and nobody writes to. ``memo`` is its own scratch memory between
    two looks. (A turn of a run *is* one, so that no step costs a copy of what it mostly does not look at.)"""

    step: StepId
    occurrence: int
    now: datetime
    since: datetime
    """The instant that brought the run here: of an event or a deadline. From it on, events count for a wait; what lasts
    for a time lasts from ``now``."""
    run_id: str
    customer_id: str
    began: datetime
    entry: CustomerEvent | None
    event: CustomerEvent | None
    variables: Mapping[str, Any]
    memo: Mapping[str, Any]
    exposes: bool = True
    """Whether experiments ask the store for the customer's arm, which records it."""

    def id_for(self, part: str) -> str:
        """An id of a side effect of this visit, the same each time it is derived."""
        return derived_id(self.run_id, self.step, self.occurrence, part)

    def bound(self, condition: Condition) -> Condition:
        """The condition with its references looked up."""
        return bind(condition, self.entry, self.event, self.variables, self.began)

    def value(self, operand: Any) -> Any:
        """The operand itself, or what a :class:`Ref` finds (dotted path; nothing there: None)."""
        return referred(operand, self.entry, self.event, self.variables)


def referred(
    operand: Any, entry: CustomerEvent | None, event: CustomerEvent | None, variables: Mapping[str, Any]
) -> Any:
    """The operand itself, or what a :class:`Ref` finds in these (dotted path; nothing there: None)."""
    if not isinstance(operand, Ref):
        return operand
    source, _, path = operand.ref.partition(".")
    customer_event = {"entry": entry, "event": event}.get(source)
    found: Any = variables if source == "var" else customer_event.properties if customer_event else {}
    return lookup(found, path)


_NOTHING: Mapping[str, Any] = MappingProxyType({})


class ExitPort(NamedTuple):
    """Go on through a port; what is to be changed or emitted on the way is committed with the run's next commit."""

    port: str = "next"
    note: Mapping[str, Any] = _NOTHING
    variables: Mapping[str, Any] = _NOTHING
    changes: tuple[Change, ...] = ()
    emit: tuple[CustomerEvent, ...] = ()
    goal: Mapping[str, Any] | None = None


class Wait(NamedTuple):
    """Stay until an instant, or until an event of one of ``names`` that ``resume`` does not decline.

    ``read_back``: events of these names since that instant count, also those that arrived before the run listened.
    None: an event ends nothing by itself, it is only offered to ``resume``, whenever it occurred.
    """

    until: datetime | None
    names: tuple[str, ...] = ()
    read_back: datetime | None = None
    memo: Mapping[str, Any] = _NOTHING


class Request(NamedTuple):
    """Ask the store; the answer comes to ``resume`` as ``Committed``. ``names`` are listened for before it is asked."""

    ask: tuple[Condition, ...] = ()
    facts: tuple[Fact, ...] = ()
    names: tuple[str, ...] = ()
    memo: Mapping[str, Any] = _NOTHING


class Deliver(NamedTuple):
    """Send this step's message; the result comes to ``resume`` as ``Sent``."""

    memo: Mapping[str, Any] = _NOTHING


class Jump(NamedTuple):
    """Go on at another step."""

    to: StepId


class Finish(NamedTuple):
    """The run is over."""

    reason: str
    goal: Mapping[str, Any] | None = None


class Stay(NamedTuple):
    """How a run that was moved stood at a step: its deadline, and (``fired``) the instant at which that is to count."""

    until: datetime | None
    fired: datetime | None = None

    @property
    def deadline(self) -> datetime | None:
        """When the stay is over."""
        return self.fired or self.until


Outcome = ExitPort | Wait | Request | Deliver | Jump | Finish
Answer = Committed | Sent | TimerFired | EventReceived


class Fault(NamedTuple):
    """Something wrong in a step's own settings that their types do not tell. ``field``: dotted, within the step.

    Either in words of the kind's own (``message``), or as one of the product's problems (``code``, ``core.problems``).
    """

    field: str
    message: Text | None = None
    code: str = "invalid_value"
    parameters: Mapping[str, Any] = _NOTHING


class Step(Frozen):
    """A node of a journey. Kinds add ``kind`` and ``settings``; the class attributes are the palette's words."""

    if TYPE_CHECKING:
        kind: str

    id: StepId = Field(pattern=STEP_ID, json_schema_extra=labelled(Text("Id")))
    stage: Stage | None = Field(
        None,
        description="The lane it lies in; entering it moves the customer there.",
        json_schema_extra=labelled(Text("Lifecycle stage"), options=STAGE_TEXT),
    )
    label: LocalText = Field(
        default_factory=dict,
        description="Its own title, by language.",
        json_schema_extra=labelled(Text("Step name"), editor="local_text"),
    )

    TITLE: ClassVar[Text]
    MEANING: ClassVar[Text]
    HELP: ClassVar[Text]
    """When one uses it, what happens, an example: for whoever sees it for the first time."""
    FAMILY: ClassVar[Family]
    ICON: ClassVar[str]
    """Name of a lucide icon."""
    DEFAULTS: ClassVar[Mapping[str, Any]]
    """Settings that a new step starts with. They may be unfinished: then the compiler says what is missing."""
    PORT_LIST: ClassVar[str] = ""
    """The setting that lists ways out, each with its ``port``, if the kind has one."""
    NEW_PORT: ClassVar[str] = ""
    """The ``port`` of an entry that is added to that list; numbered where it is taken."""
    PORT_NAME: ClassVar[str] = ""
    """The ``port`` of one that does not say."""
    OWN_PORTS: ClassVar[tuple[Port, ...]] = (NEXT,)
    """The ways out that every step of the kind has, after those of the list."""
    SUMMARY_LINES: ClassVar[int] = 1
    """How many lines a drawing gives the summary; none for a kind whose ports say it all."""
    TOLD_BY_ITS_SEND: ClassVar[bool] = False
    """Whether the message that it sends tells all there is to tell of a visit."""
    SETTLES_AT_ONCE: ClassVar[bool] = False
    """Whether what it hands over to the world is settled within a moment as a rule: then that is worth waiting for."""
    HANDS_OVER: ClassVar[bool] = False
    """Whether it hands something over to the world outside: a message, a call. That is held back while it is paused."""

    def ports(self) -> tuple[Port, ...]:
        """The ways out, in the order in which they are drawn."""
        return (NEXT,)

    @classmethod
    def rough_ports(cls, settings: Mapping[str, Any]) -> tuple[Port, ...]:
        """The ways out as far as unfinished settings tell, so that what is drawn stays drawn while one edits."""
        names: dict[str, Text] = {}
        for number, way in enumerate(ways_in(settings.get(cls.PORT_LIST)), 1):
            if isinstance(name := way.get("port", cls.PORT_NAME), str) and name:
                names.setdefault(name, rough_label(way.get("label"), cls.nameless(name, number)))
        return (*(Port(name, label) for name, label in names.items()), *cls.OWN_PORTS)

    @classmethod
    def nameless(cls, port: str, number: int) -> Text:
        """What to call a way out, the how many-th of its list, that has no label: its id where somebody chose that."""
        return nameless(port, number, cls.NEW_PORT, ways_in(cls.DEFAULTS.get(cls.PORT_LIST)))

    @classmethod
    def rough_targets(cls, settings: Mapping[str, Any]) -> tuple[StepId, ...]:
        """What :meth:`targets` would be, as far as unfinished settings tell."""
        return ()

    def summary(self) -> Text:
        """One line that says in words what this very step does."""
        return self.TITLE

    def title(self) -> Text:
        """What the canvas calls it: its own title, else its kind's."""
        return verbatim(self.label, self.TITLE)

    def summary_among(self, titles: Mapping[StepId, Text]) -> Text:
        """The summary, for whoever knows what the other steps are called."""
        return self.summary()

    def targets(self) -> tuple[StepId, ...]:
        """Steps it may jump to without an edge."""
        return ()

    def sets(self) -> tuple[str, ...]:
        """Names of the journey's variables that a passage through it fills."""
        return ()

    def fills(self, port: str) -> tuple[str, ...]:
        """Those of :meth:`sets` that are filled for a run that leaves by this port."""
        return self.sets()

    def templates(self) -> Iterator[tuple[str, str]]:
        """Its texts with variables in them, other than a message's: the field (dotted, within the step), the source."""
        return iter(())

    def faults(self) -> Iterator[Fault]:
        """What is wrong with its settings beyond their types."""
        return iter(())

    def faults_at(self, now: datetime, time_zone: str) -> Iterator[Fault]:
        """What has become wrong with its settings by now, such as a past date; ``time_zone``: the workspace's."""
        return iter(())

    def says(self) -> tuple[tuple[str, Text], ...]:
        """What messages after it may say of what it fills: template expressions, each with what it is."""
        return tuple((f"var.{name}", verbatim(name)) for name in self.sets())

    def shortest_stay(self) -> timedelta:
        """The time that a passage through it surely takes, unless an event ends it; none, for most."""
        return timedelta(0)

    def waits(self) -> bool:
        """Whether a passage through it surely takes time that counts (a loop needs such a step)."""
        return self.shortest_stay() >= SHORTEST_WAIT

    def references(self) -> Iterator[Reference]:
        """The names of the workspace that it uses, for the compiler to look them up."""
        return iter(())

    def emits(self) -> Mapping[str, frozenset[str] | None]:
        """The events that it may add to the customer's log, with their properties' names; None: a known one of ours."""
        return {}

    def emitted(self) -> tuple[EmittedEvent, ...]:
        """The same events with what is known of their properties before anybody gets here."""
        return tuple(EmittedEvent(name) for name in self.emits())

    def writes(self) -> tuple[str, ...]:
        """Names of the customer's attributes that it sets."""
        return ()

    def awaits(self) -> tuple[AwaitedEvent, ...]:
        """The events that may end its wait, ranked."""
        return ()

    def conditions(self) -> Iterator[AskedCondition]:
        """The conditions among its settings."""
        return iter(())

    def longest_stay(self, now: datetime, time_zone: str) -> timedelta | None:
        """The longest stay of who comes now, without holds; None: unbounded. ``time_zone``: the workspace's."""
        return timedelta(0)

    def is_urgent(self) -> bool | None:
        """Whether somebody waits for what it sends, such as a confirmation; None of a step that sends nothing."""
        return None

    def exit_reason(self) -> str | None:
        """The reason with which runs end here, for a step that is there to end them."""
        return None

    def counts(self, goal: str) -> bool:
        """Whether a passage through it counts for a goal, by its id."""
        return False

    def reads(self) -> tuple[str, ...]:
        """Properties of events that it looks at without a condition saying so: they travel with an event to the run."""
        return ()

    def look_back(self) -> timedelta:
        """How long before its beginning an event may lie and still end its wait."""
        return timedelta(0)

    def narrate_entry(self, narration: NarrationContext) -> Text:
        """What a run that got here does, in words; one that waits here is told by :meth:`narrate_wait`."""
        return self.summary() if narration.waiting is None else self.narrate_wait(narration.waiting, narration)

    def narrate_wait(self, waiting: Waiting, narration: NarrationContext) -> Text:
        """What a run that waits here waits for, until when."""
        words = self.summary()
        if waiting.until is None:
            return words
        return Text("{words} – until {until}", words=words, until=narration.time(waiting.until))

    def narrate_exit(self, left: Transition, narration: NarrationContext) -> Text:
        """Which way a run took on from here, and why."""
        return self.summary() if len(self.ports()) == 1 else self.through(left.port)

    def through(self, port: str, why: Text | None = None) -> Text:
        """That a run left through a port. A reason that says no more than the port's own name does adds nothing."""
        label = next((one.label for one in self.ports() if one.name == port), verbatim(port))
        told = Text("Took the path “{label}”", label=label)
        return told if why is None else Text("{told}: {why}", told=told, why=why)

    def enter(self, context: StepContext) -> Outcome:
        """What the run does on reaching this step."""
        raise NotImplementedError

    @property
    def holds_runs(self) -> bool:
        """Whether runs may stand here, waiting or handing something over."""
        return self.FAMILY == "wait" or self.HANDS_OVER

    def continues(self, other: "Step") -> bool:
        """Whether a stay at another step, as a rule the same one in an earlier version, can go on here."""
        return self.holds_runs and self.kind == other.kind

    def rejoin(self, context: StepContext, stay: Stay | None) -> Outcome:
        """What a run does whose stay at a step that this one :meth:`continues` goes on here, once it is moved.

        None for ``stay``: its deadline is counted anew, from ``context.now``, which is then when it got there.
        """
        if stay is None:
            return self.enter(context)
        held = "held" in context.memo or not self.HANDS_OVER
        return Wait(stay.deadline, memo=dict(context.memo)) if held else Deliver()

    def resume(self, context: StepContext, answer: Answer) -> Outcome | None:
        """What it does when what it waited for comes; None declines an event."""
        raise AssertionError(f"{self.id} did not ask for {type(answer).__name__}")
