"""A script played, and everything that was broken on the way."""

from collections.abc import Sequence
from dataclasses import dataclass

from orchestrator.core.journey.plan import Plan
from orchestrator.core.promises.of_runs import RunPromises
from orchestrator.core.promises.of_sending import SendingPromises
from orchestrator.core.promises.of_steps import StepPromises
from orchestrator.core.scenarios.always import AlwaysHolds, Violation
from orchestrator.core.scenarios.document import Always
from orchestrator.core.scenarios.play import ScenarioRun, play
from orchestrator.core.scenarios.script import Script
from orchestrator.core.simulation.interactive_run import RunEnvironment


@dataclass(frozen=True)
class Watched:
    """A playing, and what it broke: of the product's own promises, and of the author's."""

    run: ScenarioRun
    violations: Sequence[Violation]


def play_watched(
    plans: Sequence[Plan], script: Script, environment: RunEnvironment, always: Sequence[Always] = ()
) -> Watched:
    """Play a script under the eyes of every promise."""
    witnesses = AlwaysHolds(always), RunPromises(), StepPromises(), SendingPromises()
    run = play(plans, script, environment, witnesses)
    return Watched(run, [found for witness in witnesses for found in witness.violations])
