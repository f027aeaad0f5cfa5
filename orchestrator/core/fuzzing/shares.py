"""Whether experiments divide customers as their weights say: over many customers, and with a bound that chance does not
reach."""

from collections import Counter, defaultdict
from datetime import UTC, datetime
from math import sqrt

from orchestrator.core.scenarios.always import Violation
from orchestrator.core.scenarios.play import ScenarioRun
from orchestrator.core.steps.experiment import Experiment
from orchestrator.core.text import Text

FEWEST = 60
DEVIATIONS = 6.0
"""Of a binomial's standard deviation: one campaign in a billion is wrong."""


class ExperimentShares:
    """Counts each customer once for each experiment."""

    def __init__(self) -> None:
        self._arms: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        self._weights: dict[tuple[str, str], dict[str, int]] = {}
        self._seen: set[tuple[str, str, str]] = set()

    def add(self, run: ScenarioRun) -> None:
        """Count one playing in."""
        for one in run.runs:
            steps = run.plan_of(one).steps
            for line in run.trace(one):
                step = steps.get(line.step)
                if line.what == "left" and isinstance(step, Experiment):
                    place = one.journey, line.step
                    self._weights[place] = {arm.port: arm.weight for arm in step.settings.variants}
                    if (*place, run.person.id) not in self._seen:
                        self._seen.add((*place, run.person.id))
                        self._arms[place][line.port] += 1

    def violations(self) -> list[Violation]:
        """Arms whose share is another than their weight's."""
        found = []
        for (journey, step), counts in self._arms.items():
            customers, weights = counts.total(), self._weights[journey, step]
            for arm, weight in weights.items() if customers >= FEWEST else ():
                share = weight / sum(weights.values())
                bound = DEVIATIONS * sqrt(customers * share * (1 - share)) + 1
                if abs(counts[arm] - customers * share) > bound:
                    words = Text(
                        "“{arm}” gets {count} of {customers} customers", arm=arm, count=counts[arm], customers=customers
                    )
                    found.append(Violation("shares", _NEVER, journey, step, words))
        return found


_NEVER = datetime.min.replace(tzinfo=UTC)
