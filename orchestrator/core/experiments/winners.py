"""How an experiment of a journey comes to its winner: by hand, by a rule, or not at all, its weights following."""

from datetime import datetime, time, timedelta
from typing import Literal, Protocol

from orchestrator.core.experiments.metrics import Metric
from orchestrator.core.experiments.rules import WinnerRule
from orchestrator.core.text import Text
from orchestrator.core.timing import zone
from orchestrator.core.values import Day

Winner = Literal["by_hand", "always_valid", "probability", "allocation"]
Otherwise = Literal["control", "leave"]
WINNER_TEXT: dict[Winner, Text] = {
    "by_hand": Text("No, by hand"),
    "always_valid": Text("As soon as the difference is certain"),
    "probability": Text("When one is very probably the best"),
    "allocation": Text("None: weights follow the results"),
}
OTHERWISE_TEXT: dict[Otherwise, Text] = {
    "control": Text("Everybody gets the control"),
    "leave": Text("Leave the weights as they are"),
}


class Ruled(Protocol):
    """What the settings of an experiment say of its winner."""

    @property
    def winner(self) -> Winner: ...
    @property
    def least_exposed(self) -> int: ...
    @property
    def least_days(self) -> int: ...
    @property
    def latest(self) -> Day | None: ...
    @property
    def otherwise(self) -> Otherwise: ...


def winner_rule(settings: Ruled, metric: Metric, time_zone: str) -> WinnerRule | None:
    """The rule that an experiment's settings state; None where no rule ends it. ``latest`` is the end of that day."""
    bound = settings.winner
    if bound not in ("always_valid", "probability"):
        return None
    latest = None
    if settings.latest is not None:
        latest = datetime.combine(settings.latest + timedelta(days=1), time(), zone(time_zone))
    if bound == "probability" and latest is None:
        return None
    return WinnerRule(str(metric), bound, settings.least_exposed, settings.least_days, latest, settings.otherwise)
