"""A plug-in for pytest: scenario files are collected as tests, and a fixture plays stories written in Python.

    def test_who_buys_hears_nothing(sojourn):
        story = sojourn("cart-recovery.yaml", when=[
            {"event": "Product Added", "properties": {"cart_id": "c1"}},
            {"after": "30m", "event": "Order Completed", "properties": {"cart_id": "c1"}},
        ])
        story.expect(sends=[], ends="goal:recovered")

Paths are beside the test. What can happen and be expected is that of scenario files (docs/testing.md).
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from orchestrator.commands.testing.outcomes import ScenarioOutcome
    from orchestrator.core.scenarios.play import ScenarioRun
    from orchestrator.files.scenarios import LoadedScenarios


class ScenarioFailed(Exception):
    """A scenario does not hold. Its text says in what, and everything that happened."""


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Files whose names end as those of scenarios."""
    if not file_path.name.endswith((".scenario.yaml", ".scenario.yml", ".scenario.json")):
        return None
    return ScenarioTests.from_parent(parent, path=file_path)


class ScenarioTests(pytest.File):
    """One file of scenarios."""

    def collect(self) -> Iterator[pytest.Item]:
        loaded = _loaded(self.path)
        for n, scenario in enumerate(loaded.file.scenarios):
            yield ScenarioTest.from_parent(self, name=scenario.name, loaded=loaded, number=n)


class ScenarioTest(pytest.Item):
    """One scenario."""

    def __init__(self, *, loaded: "LoadedScenarios", number: int, **more: Any) -> None:
        super().__init__(**more)
        self.loaded, self.number = loaded, number

    def runtest(self) -> None:
        """Play it. Raises :class:`ScenarioFailed`."""
        from orchestrator.commands.testing.outcomes import play_scenario

        _require(play_scenario(self.loaded, self.loaded.file.scenarios[self.number]))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What is wrong, without the lines of this program."""
        if isinstance(excinfo.value, ScenarioFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, self.name


class Story:
    """A story that was played. ``run``: everything that happened; see :class:`ScenarioRun`."""

    def __init__(self, loaded: "LoadedScenarios") -> None:
        from orchestrator.commands.testing.outcomes import play_scenario

        self._loaded = loaded
        self._outcome = play_scenario(loaded, loaded.file.scenarios[0])

    @property
    def run(self) -> "ScenarioRun":
        """The playing."""
        return self._outcome.run

    def expect(self, **expected: Any) -> "Story":
        """Raises :class:`ScenarioFailed` where what happened is other than expected, or a promise was broken."""
        from orchestrator.commands.testing.outcomes import play_scenario
        from orchestrator.core.scenarios.document import Expected, Scenario

        __tracebackhide__ = True
        told = Scenario.model_copy(self._loaded.file.scenarios[0], update={"expect": Expected.model_validate(expected)})
        _require(play_scenario(self._loaded, told))
        return self


@pytest.fixture
def sojourn(request: pytest.FixtureRequest) -> Callable[..., Story]:
    """Plays a story: ``sojourn("journey.yaml", when=[…], customer={…}, start=…, before=[…], until=…)``."""

    def play(*journeys: str, when: list[dict[str, Any]], **more: Any) -> Story:
        from orchestrator.core.scenarios.document import ScenarioFile
        from orchestrator.files.scenarios import loaded_from

        of_file = {name: more.pop(name) for name in list(more) if name in ScenarioFile.model_fields and name != "start"}
        of_file.setdefault("customer", {})
        scenario = {"name": request.node.name, "when": when, **more}
        document = {"journeys": list(journeys), **of_file, "scenarios": [scenario]}
        return Story(loaded_from(document, Path(request.path)))

    return play


def _loaded(path: Path) -> "LoadedScenarios":
    from orchestrator.files.scenarios import ScenarioFileProblem, load_scenarios

    try:
        return load_scenarios(path)
    except ScenarioFileProblem as problem:
        raise pytest.Collector.CollectError("\n".join(problem.lines("en"))) from None


def _require(outcome: "ScenarioOutcome") -> None:
    __tracebackhide__ = True
    if outcome.holds:
        return
    from orchestrator.commands.testing.outcomes import explained
    from orchestrator.commands.testing.printed import timeline_text

    lines = [*explained(outcome, "en"), "", timeline_text(outcome.run, "en")]
    raise ScenarioFailed("\n".join(lines))
