"""What a simulation comes to: entries, steps, messages, conversions. Adding passages up in any order gives the same."""

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from orchestrator.core.journey.plan import Plan
from orchestrator.core.simulation.simulator import SimulationResult
from orchestrator.core.timing import zone
from orchestrator.core.zone_settings import DEFAULT_ZONE


@dataclass
class JourneyFigures:
    """One journey's counts."""

    entries: Counter[str] = field(default_factory=Counter)
    """By reason; ``admitted`` are those who entered."""
    customers: int = 0
    """Customers who entered at least once."""
    entered: Counter[str] = field(default_factory=Counter)
    """Visits by step."""
    left: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By step and port."""
    ended: Counter[str] = field(default_factory=Counter)
    """Runs by the reason of their end."""
    ended_in: Counter[str] = field(default_factory=Counter)
    """Runs by the step in which they ended."""
    still_in: int = 0
    goals: Counter[str] = field(default_factory=Counter)
    converted: Counter[str] = field(default_factory=Counter)
    """Runs that reached a goal, by goal."""
    value: dict[tuple[str, str], Decimal] = field(default_factory=dict)
    """Sum by goal and currency (empty: none given)."""
    sends: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """Decisions by step, outcome and reason."""


@dataclass
class SimulationReport:
    """All journeys, and the messages that customers got on each day."""

    time_zone: str = DEFAULT_ZONE
    """Where a message's day is counted."""
    journeys: dict[str, JourneyFigures] = field(default_factory=dict)
    messages: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Sent, by day (ISO) and channel."""
    customers: int = 0
    busiest: int = 0
    """The most messages that one customer got on one day."""

    @classmethod
    def of(cls, plans: tuple[Plan, ...], time_zone: str = DEFAULT_ZONE) -> "SimulationReport":
        """An empty report on these plans."""
        return cls(time_zone, {plan.key: JourneyFigures() for plan in plans})

    def add(self, result: SimulationResult) -> None:
        """Count one customer in."""
        self.customers += 1
        for entry in result.entries:
            self.journeys[entry.journey].entries[entry.admission.reason] += 1
        for key in {run.journey for run in result.runs}:
            self.journeys[key].customers += 1
        for run in result.runs:
            self._run(self.journeys[run.journey], run)
        self._sends(result)

    def _run(self, figures: JourneyFigures, run: Any) -> None:
        figures.still_in += run.live
        for one in run.transitions:
            match one.what:
                case "entered":
                    figures.entered[one.step] += 1
                case "left":
                    figures.left[one.step, one.port] += 1
                case "ended":
                    figures.ended[one.port] += 1
                    figures.ended_in[one.step] += 1
                case "goal":
                    figures.goals[one.port] += 1
                    worth = one.port, str(one.note.get("currency") or "")
                    figures.value[worth] = figures.value.get(worth, Decimal(0)) + _decimal(one.note.get("value"))
        for goal in {one.port for one in run.transitions if one.what == "goal"}:
            figures.converted[goal] += 1

    def _sends(self, result: SimulationResult) -> None:
        tz, days = zone(self.time_zone), Counter[str]()
        for send in result.sends:
            self.journeys[send.journey].sends[send.step, send.outcome, send.reason] += 1
            if send.outcome == "sent":
                day = send.at.astimezone(tz).date().isoformat()
                self.messages[day, send.channel] += 1
                days[day] += 1
        self.busiest = max([self.busiest, *days.values()])

    def as_json(self) -> dict[str, Any]:
        """Everything, with sorted keys: the same input gives the same bytes."""
        return {
            "customers": self.customers,
            "most messages to one customer in a day": self.busiest,
            "messages": {f"{day} {channel}": n for (day, channel), n in sorted(self.messages.items())},
            "journeys": {key: _journey_json(figures) for key, figures in sorted(self.journeys.items())},
        }


def _journey_json(figures: JourneyFigures) -> dict[str, Any]:
    return {
        "entries": dict(sorted(figures.entries.items())),
        "customers": figures.customers,
        "steps": {step: _step_json(figures, step, n) for step, n in sorted(figures.entered.items())},
        "ended": dict(sorted(figures.ended.items())),
        "still in": figures.still_in,
        "goals": {goal: _goal_json(figures, goal) for goal in sorted(figures.goals)},
        "sends": {" ".join(filter(None, key)): n for key, n in sorted(figures.sends.items())},
    }


def _step_json(figures: JourneyFigures, step: str, entered: int) -> dict[str, Any]:
    return {"entered": entered, "left": _ports(figures, step), "ended": figures.ended_in[step]}


def _ports(figures: JourneyFigures, step: str) -> dict[str, int]:
    return {port: n for (of, port), n in sorted(figures.left.items()) if of == step}


def _goal_json(figures: JourneyFigures, goal: str) -> dict[str, Any]:
    value = {currency: str(total) for (of, currency), total in sorted(figures.value.items()) if of == goal and total}
    return {"times": figures.goals[goal], "runs": figures.converted[goal], "value": value}


def _decimal(value: Any) -> Decimal:
    """A number that came as one, or as text; anything else is worth nothing."""
    try:
        number = Decimal(str(value)) if value is not None and not isinstance(value, bool) else Decimal(0)
    except InvalidOperation:
        return Decimal(0)
    return number if number.is_finite() else Decimal(0)
