"""One customer after another: their real events walked through the draft and, where there is one, the live version.

As long as the window is, so much before it is walked as well, so that runs that began earlier send what they would send
in it. A customer's profile is as it is now, for nobody keeps what it was; what other journeys sent counts for caps.
"""

import copy
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from orchestrator.core.backtest.differences import differences
from orchestrator.core.backtest.measures import Decision, Measures, goals_anyway, measures_of
from orchestrator.core.commands import Commit, Send
from orchestrator.core.conditions.customer import Log
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.run_events import Sent
from orchestrator.core.events.system_events import ENTRY_DUE, SEGMENT_ENTERED, SEGMENT_LEFT
from orchestrator.core.journey.plan import Plan
from orchestrator.core.run.routing import Routes, fires
from orchestrator.core.sending.frequency import Counted
from orchestrator.core.sending.policies import Rules
from orchestrator.core.simulation.due_entries import due_events
from orchestrator.core.simulation.forecast import Bounded, TooLong, events_of
from orchestrator.core.simulation.outcome import SimulatedRun
from orchestrator.core.simulation.simulator import Person, SimulationResult, compliant
from orchestrator.core.timing import zone

MOST_DAYS = 90
TURNS_A_DAY = 33
"""Of one customer's runs, on average over window and lead-in: more is a loop that hardly waits."""


@dataclass(frozen=True)
class Backtest:
    """What is asked: the draft, over which days, by which rules."""

    draft: Plan
    live: Plan | None
    now: datetime
    """The end of the window."""
    days: int
    time_zone: str
    """The workspace's, in which days are counted."""
    rules: Rules
    holdout: int = 0
    """Percent of customers in the workspace's holdout."""

    @property
    def since(self) -> datetime:
        """The beginning of the window; what happens at this very instant is before it."""
        return self.now - timedelta(days=self.days)

    @property
    def lead_in(self) -> datetime:
        """From when on events are walked."""
        return self.since - timedelta(days=self.days)

    @property
    def plans(self) -> tuple[Plan, ...]:
        return (self.draft,) if self.live is None else (self.draft, self.live)

    @property
    def triggers(self) -> frozenset[str]:
        """Names of events without one of which nobody enters either version. Due dates are none: they are reckoned."""
        return frozenset().union(*(Routes((plan,)).names for plan in self.plans)) - {ENTRY_DUE}

    @property
    def comes_due(self) -> bool:
        """Whether customers enter by a date or a schedule, whatever they did."""
        return any(ENTRY_DUE in Routes((plan,)).names for plan in self.plans)

    @property
    def names(self) -> frozenset[str]:
        """Names of all events that either version could look at."""
        return frozenset().union(*(events_of(plan) for plan in self.plans))


@dataclass
class WalkedCustomer:
    """Who is walked: the profile as it is now, what they did, and what else they got."""

    person: Person
    events: list[CustomerEvent]
    told: frozenset[str] = frozenset()
    """Message ids of those events that are no acts of theirs."""
    other_sends: Sequence[Counted] = ()
    """What other journeys sent them, in the order of time, as caps count it."""


@dataclass(frozen=True)
class CustomerOutcome:
    """What one customer's walk came to."""

    id: str
    draft: Measures
    live: Measures
    differs: frozenset[str] = frozenset()
    """Kinds of ``differences``."""


class EndlessJourney(Exception):
    """A loop that hardly waits: no number would be right."""


@dataclass
class _Walked:
    """A walk through one plan."""

    result: SimulationResult
    decisions: list[Decision] = field(default_factory=list)
    made: frozenset[str] = frozenset()
    """Message ids of events that the journey itself added."""


class _Walk(Bounded):
    """Keeps which run asked for which message, and remembers what other journeys had sent by then."""

    def __init__(self, asked: Backtest, plan: Plan, person: Person, others: Sequence[Counted]) -> None:
        super().__init__(Routes((plan,)), person, asked.now, compliant(asked.rules), timedelta(0))
        self.most_turns = TURNS_A_DAY * max(60, 2 * asked.days)
        self.goes_on = _always
        self.workspace_holdout = asked.holdout
        self.decisions: list[Decision] = []
        self.made: set[str] = set()
        """Message ids of events that the runs added to the log."""
        self._others = list(reversed(others))

    def change(self, run: SimulatedRun, commit: Commit, now: datetime) -> None:
        log = self.person.log
        before, log.told = log.told, set()
        super().change(run, commit, now)
        self.made |= log.told
        log.told |= before

    def send(self, run: SimulatedRun, command: Send, now: datetime) -> Sent:
        while self._others and self._others[-1].at <= now:
            self.person.counted.append(self._others.pop())
        before = len(self.result.sends)
        sent = super().send(run, command, now)
        self.decisions += [(run.run_id, one) for one in self.result.sends[before:]]
        return sent


def _always() -> bool:
    return True


def walk_customers(asked: Backtest, customers: Iterable[WalkedCustomer]) -> list[CustomerOutcome]:
    """Each customer's outcome. Raises :class:`EndlessJourney`."""
    return [walk_customer(asked, one) for one in customers]


def walk_customer(asked: Backtest, customer: WalkedCustomer) -> CustomerOutcome:
    """One customer through the live version and the draft.

    Events that the live version's own runs added to the log are none of the draft's: it adds its own.
    """
    _set_back_segments(customer, asked.lead_in)
    live = None if asked.live is None else _walk(asked, asked.live, customer, frozenset())
    draft = _walk(asked, asked.draft, customer, live.made if live is not None else frozenset())
    by_draft = _measured(asked, asked.draft, draft, customer)
    if asked.live is None:
        return CustomerOutcome(customer.person.id, by_draft, Counter())
    by_live = _measured(asked, asked.live, live, customer)
    kinds = differences(_result(draft), _result(live), asked.draft, asked.live, asked.since)
    return CustomerOutcome(customer.person.id, by_draft, by_live, kinds)


def _result(walked: _Walked | None) -> SimulationResult | None:
    return None if walked is None else walked.result


def _measured(asked: Backtest, plan: Plan, walked: _Walked | None, customer: WalkedCustomer) -> Measures:
    if walked is None:
        return goals_anyway(plan, customer.events, asked.since)
    found = measures_of(plan, walked.result, walked.decisions, asked.since, zone(asked.time_zone))
    if not walked.result.runs:
        found += goals_anyway(plan, customer.events, asked.since)
    return found


def _walk(asked: Backtest, plan: Plan, customer: WalkedCustomer, without: frozenset[str]) -> _Walked | None:
    """None for a customer who did nothing that could have let them in."""
    due = due_events((plan,), customer.person, asked.lead_in, asked.now, asked.time_zone)
    events = [*(one for one in customer.events if one.message_id not in without), *due]
    recent = [one for one in events if one.occurred_at > asked.lead_in]
    if not any(fires(plan, one) for one in recent):
        return None
    person = _copy_of(customer.person)
    person.log = Log((one for one in events if one.occurred_at <= asked.lead_in), customer.told)
    simulator = _Walk(asked, plan, person, customer.other_sends)
    try:
        result = simulator.walk(recent)
    except (TooLong, RuntimeError) as error:
        raise EndlessJourney(plan.key) from error
    return _Walked(result, simulator.decisions, frozenset(simulator.made))


def _copy_of(person: Person) -> Person:
    """One for each walk, for a walk changes its person."""
    return replace(
        person,
        attributes=copy.deepcopy(person.attributes),
        consents=dict(person.consents),
        contacts=dict(person.contacts),
        tags=list(person.tags),
        consented_at=dict(person.consented_at),
        counted=list(person.counted),
        segments=dict(person.segments),
    )


def _set_back_segments(customer: WalkedCustomer, instant: datetime) -> None:
    """Makes the customer a member of what they were in at an instant: the first change after it says so."""
    first: dict[str, bool] = {}
    for one in sorted(customer.events, key=lambda event: event.occurred_at):
        if one.name in (SEGMENT_ENTERED, SEGMENT_LEFT) and one.occurred_at > instant:
            first.setdefault(str(one.properties.get("segment")), one.name == SEGMENT_LEFT)
    customer.person.segments |= first
