"""Many made-up customers, one after another: what they broke, made small, and which paths they have found."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from orchestrator.core.fuzzing.aim import Stand, aimed, stands
from orchestrator.core.fuzzing.customers import Customers
from orchestrator.core.fuzzing.shares import ExperimentShares
from orchestrator.core.fuzzing.shrink import MOST_TRIES, shrunk
from orchestrator.core.fuzzing.vocabulary import vocabulary_of
from orchestrator.core.journey.plan import Plan
from orchestrator.core.promises.kept import Watched, play_watched
from orchestrator.core.scenarios.always import Violation
from orchestrator.core.scenarios.coverage import Coverage, Place, passed
from orchestrator.core.scenarios.document import Always
from orchestrator.core.scenarios.script import Happens, Script
from orchestrator.core.simulation.interactive_run import RunEnvironment

KEPT = 200
"""Scripts that found something new are changed a little and tried again; so many of them are remembered."""


@dataclass(frozen=True)
class Counterexample:
    """The smallest script found that breaks a promise."""

    violation: Violation
    script: Script
    watched: Watched


@dataclass
class Campaign:
    """``customers`` made-up customers are to be tried. Run it to its end, or step by step with :meth:`steps`."""

    plans: tuple[Plan, ...]
    environment: RunEnvironment
    always: Sequence[Always] = ()
    seed: int = 0
    shrinks: int = MOST_TRIES
    """Playings that making one script small may take."""
    environment_for: Callable[[Script], RunEnvironment] | None = None
    tried: int = 0
    found: dict[str, Counterexample] = field(default_factory=dict)
    """By the promise that is broken."""
    coverage: Coverage = field(init=False)
    reached: dict[Place, Script] = field(default_factory=dict)
    """The plainest script that took each path."""

    def __post_init__(self) -> None:
        self.coverage = Coverage(self.plans)
        self._random = Random(self.seed)  # noqa: S311 - made-up customers, not secrets
        self._customers = Customers(vocabulary_of(self.plans), self._random)
        self._interesting: list[Script] = []
        self._shares = ExperimentShares()
        self._stands: dict[tuple[str, str], Stand] = {}

    def run(self, customers: int, goes_on: Callable[[], bool] = lambda: True) -> "Campaign":
        """Try so many customers, as long as ``goes_on`` says so."""
        for _ in self.steps(customers):
            if not goes_on():
                break
        return self

    def steps(self, customers: int) -> Iterator[int]:
        """The same, customer by customer; yields how many were tried."""
        for _ in range(customers):
            self._try(self._next())
            self.tried += 1
            yield self.tried
        self._judge_shares()

    def more(self, customers: int) -> Iterator[Script]:
        """Further made-up customers, without trying them."""
        return (self._next() for _ in range(customers))

    def _next(self) -> Script:
        aim = self._aimed() if self._random.random() < 0.4 else None
        if aim is not None:
            return aim
        if self._interesting and self._random.random() < 0.5:
            return self._customers.changed(self._random.choice(self._interesting))
        return self._customers.fresh()

    def _aimed(self) -> Script | None:
        """A script for a path that nobody has taken yet, from a run that came close."""
        missing = self.coverage.missing
        if not missing or not self._stands:
            return None
        place = self._random.choice(missing)
        journey, step, _ = place
        near = [stand for (key, at), stand in self._stands.items() if key == journey and step in ("", at)]
        plan = next(plan for plan in self.plans if plan.key == journey)
        return aimed(plan, place, self._random.choice(near), self._random) if near else None

    def watch(self, script: Script) -> Watched:
        """Play one script under the eyes of every promise."""
        environment = self.environment if self.environment_for is None else self.environment_for(script)
        return play_watched(self.plans, script, environment, self.always)

    def _try(self, script: Script) -> None:
        watched = self.watch(script)
        places = passed(watched.run)
        if any(not self.coverage.passed[place] for place in places) and len(self._interesting) < KEPT:
            self._interesting.append(script)
        for place in places:
            known = self.reached.get(place)
            if known is None or _plainness(script) < _plainness(known):
                self.reached[place] = script
        self.coverage.passed.update(places)
        for at, stand in stands(watched.run):
            if at not in self._stands or self._random.random() < 0.1:
                self._stands[at] = stand
        self._shares.add(watched.run)
        for violation in watched.violations:
            if violation.rule not in self.found:
                self._keep(violation, script)

    def _keep(self, violation: Violation, script: Script) -> None:
        """What breaks a promise, as small as it gets."""

        def still(candidate: Script) -> bool:
            return any(one.rule == violation.rule for one in self.watch(candidate).violations)

        small = shrunk(script, still, self.shrinks)
        watched = self.watch(small)
        own = next((one for one in watched.violations if one.rule == violation.rule), violation)
        self.found[violation.rule] = Counterexample(own, small, watched)

    def smallest_to(self, place: Place) -> Script | None:
        """The smallest script found that takes a path; None where none did."""
        script = self.reached.get(place)
        if script is None:
            return None
        return shrunk(script, lambda candidate: place in passed(self.watch(candidate).run), self.shrinks)

    def _judge_shares(self) -> None:
        for violation in self._shares.violations():
            if violation.rule not in self.found and self._interesting:
                script = self._interesting[0]
                self.found[violation.rule] = Counterexample(violation, script, self.watch(script))


def _plainness(script: Script) -> tuple[int, int]:
    """Less is plainer: what is no event on time first, then how much there is."""
    odd = sum(not isinstance(act.what, Happens) or act.what.event.occurred_at != act.at for act in script.acts)
    return odd, len(script.acts) + len(script.history)
