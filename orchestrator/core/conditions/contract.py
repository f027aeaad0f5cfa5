"""What every node of a condition tree is, and what a leaf has to say of itself: the one contract that all askers use.

A leaf is one class in one file of ``core/conditions/leaves``: its fields are what people write, its methods are all
that the product asks of it. Only its SQL stands elsewhere (``store/conditions/leaves``): the core knows no database.
"""

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar, Literal, NamedTuple, Self

from orchestrator.core.conditions.compare import literal
from orchestrator.core.conditions.customer import Customer
from orchestrator.core.conditions.domains import Claim, Demand, one_of
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.paths import lookup
from orchestrator.core.text import Frozen, Text
from orchestrator.core.values import Ref

Scope = Literal["customer", "event"]
"""What a leaf looks at: the customer with their history, or the event in scope."""


class Verdict(NamedTuple):
    """A truth, and the earliest instant after ``now`` at which time alone may change it (None: never).

    ``until`` may be early, never late. An event of the log that lies in the future counts as time passing.
    """

    truth: bool
    until: datetime | None = None

    def __bool__(self) -> bool:
        """The truth: a verdict in an ``if`` means what it says."""
        return self.truth


LASTING: Mapping[bool, Verdict] = {True: Verdict(True), False: Verdict(False)}
"""Verdicts that time alone does not change."""


NEVER: Mapping[str, datetime] = {}
"""For :meth:`Leaf.deadlines_from`: time alone does not change it."""


class Bindings(NamedTuple):
    """What references are looked up in: by root (``entry``, ``event``, ``var``); and since when the run has been."""

    values: Mapping[str, Mapping[str, Any]]
    entered_at: datetime | None = None

    def resolve(self, ref: Ref) -> Any:
        """The value that a reference stands for, as an operand; None where there is none."""
        root, _, path = ref.ref.partition(".")
        return literal(lookup(self.values[root], path))


class Named(NamedTuple):
    """A name that a leaf uses and that the workspace should have seen. ``event``: whose property it is, if told."""

    kind: Literal["attribute", "event", "property", "segment"]
    name: str
    event: str | None = None


class Node(Frozen):
    """A node of the tree: ``AllOf``, ``AnyOf``, ``Not`` or a leaf."""

    kind: str

    @abstractmethod
    def evaluate(self, customer: Customer, now: datetime, event: CustomerEvent | None) -> Verdict:
        """The truth of this bound node as of ``now`` (UTC). ``event``: the one in scope, if any."""

    @abstractmethod
    def matches(self, event: CustomerEvent) -> bool:
        """Whether an event passes, with nothing known of the customer (TypeError where that has to be known)."""

    @abstractmethod
    def leaves(self) -> Iterator["Leaf"]:
        """Every leaf below, left to right; not those of a filter inside a leaf."""

    @abstractmethod
    def bind(self, bindings: Bindings) -> "Node":
        """The node with its references looked up; the node itself where there are none."""

    @abstractmethod
    def describe(self) -> Text:
        """What it says, in few words."""

    def denied(self) -> Text:
        """What its contrary says."""
        return Text("not ({words})", words=self.describe())

    def example(self, guesses: Mapping[str, Any]) -> dict[str, Any]:
        """Properties with which an event may pass, as far as that can be guessed; ``guesses``: usual values by name."""
        del guesses
        return {}


class Leaf(Node):
    """One question about the customer and their history. (About the event in scope: see :class:`EventLeaf`.)"""

    SCOPE: ClassVar[Scope] = "customer"

    @abstractmethod
    def found(self, customer: Customer, now: datetime, event: CustomerEvent | None) -> Any:
        """The value that decides, to be shown beside :meth:`describe`: JSON, a ``Fraction``, a ``Text`` or None."""

    @abstractmethod
    def wakes_on(self) -> frozenset[str]:
        """Names of the events that may change its truth; empty where only time can, or nothing."""

    def matches(self, event: CustomerEvent) -> bool:
        raise TypeError(f"a filter on an event cannot ask about the customer: {self.kind}")

    def leaves(self) -> Iterator["Leaf"]:
        yield self

    def bind(self, bindings: Bindings) -> Self:
        del bindings
        return self

    def opposite(self) -> "Leaf | None":
        """A leaf that holds exactly where this one does not, with a wording of its own; None: "not (…)" is shown."""
        return None

    def denied(self) -> Text:
        other = self.opposite()
        return super().denied() if other is None else other.describe()

    def history_of(self) -> frozenset[str]:
        """Names of the events that have to be loaded of the customer before it can be evaluated."""
        return frozenset()

    def history_since(self, now: datetime) -> datetime | None:
        """From when on events of those names can matter to it as of ``now``; None: however long ago."""
        return None

    def deadlines_from(self, now: datetime) -> Mapping[str, datetime] | None:
        """Which of a customer's events can give its verdict an end: names, each with the instant of occurrence from
        which on. Of a customer without such an event the verdict as of ``now`` has none.

        None: it cannot be told from events; every customer is evaluated.
        """
        del now
        return None

    def segments_of(self) -> frozenset[str]:
        """Keys of the segments whose membership has to be loaded of the customer before it can be evaluated."""
        return frozenset()

    def names(self) -> Iterator[Named]:
        """Names that the compiler looks up in what the workspace has seen."""
        yield from ()

    def claim(self, truth: bool) -> Claim:
        """What has to be so for it to be ``truth``, for the search for contradictions.

        By default only it and its own contrary contradict each other.
        """
        return Claim(self.model_dump_json(), [Demand("eq", truth, True)], one_of((True, False)))


class EventLeaf(Leaf):
    """One question about the event in scope, answered by :meth:`matches` alone; it may stand in filters on events."""

    SCOPE: ClassVar[Scope] = "event"

    @abstractmethod
    def matches(self, event: CustomerEvent) -> bool:
        """Whether an event passes. Without an event in scope, one without name and properties is asked."""

    def evaluate(self, customer: Customer, now: datetime, event: CustomerEvent | None) -> Verdict:
        return LASTING[self.matches(event or NO_EVENT)]

    def wakes_on(self) -> frozenset[str]:
        return frozenset()  # what has happened stays as it was

    def deadlines_from(self, now: datetime) -> Mapping[str, datetime] | None:
        return NEVER


NO_EVENT = CustomerEvent("", "", datetime.min.replace(tzinfo=UTC))
"""Stands for the event in scope where there is none."""
