"""Scenarios played, and what came of each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

from orchestrator.commands.testing.said import plain
from orchestrator.core.promises.kept import play_watched
from orchestrator.core.scenarios.always import Violation
from orchestrator.core.scenarios.coverage import Coverage
from orchestrator.core.scenarios.document import Scenario
from orchestrator.core.scenarios.expectations import Difference, differences
from orchestrator.core.scenarios.play import ScenarioRun
from orchestrator.core.scenarios.reading import script_of
from orchestrator.core.text import Text, verbatim
from orchestrator.files.scenarios import LoadedScenarios


@dataclass(frozen=True)
class ScenarioOutcome:
    """One scenario, played. It holds where there are neither ``differences`` nor ``violations``."""

    path: Path
    scenario: Scenario
    run: ScenarioRun
    differences: Sequence[Difference]
    violations: Sequence[Violation]
    seconds: float

    @property
    def holds(self) -> bool:
        return not (self.differences or self.violations)


@dataclass
class FileOutcome:
    """One file's scenarios, and what of its journeys they have covered."""

    loaded: LoadedScenarios
    outcomes: list[ScenarioOutcome] = field(default_factory=list)
    coverage: Coverage = field(init=False)

    def __post_init__(self) -> None:
        self.coverage = Coverage(self.loaded.plans)


def play_scenario(loaded: LoadedScenarios, scenario: Scenario) -> ScenarioOutcome:
    """Play one scenario on the step function."""
    began, script = perf_counter(), script_of(loaded.file, scenario)
    watched = play_watched(loaded.plans, script, loaded.environment_for(script), loaded.file.always)
    found = differences(loaded.file, scenario, watched.run)
    return ScenarioOutcome(loaded.path, scenario, watched.run, found, watched.violations, perf_counter() - began)


def play_file(loaded: LoadedScenarios, only: str = "") -> FileOutcome:
    """Play every scenario whose name has ``only`` in it."""
    result = FileOutcome(loaded)
    for scenario in loaded.file.scenarios:
        if only.lower() in scenario.name.lower():
            outcome = play_scenario(loaded, scenario)
            result.outcomes.append(outcome)
            result.coverage.add(outcome.run)
    return result


def explained(outcome: ScenarioOutcome, locale: str) -> Iterator[str]:
    """Why a scenario does not hold, line by line."""
    for one in outcome.differences:
        yield Text("{field}: expected {expected}", field=verbatim(one.field), expected=one.expected).to(locale)
        yield Text("{space}but found {found}", space=verbatim("  "), found=one.found).to(locale)
    for violation in outcome.violations:
        yield plain(Text("{words} (at “{step}”)", words=violation.words, step=violation.step), locale)
