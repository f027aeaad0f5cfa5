"""``sojourn test --engine temporal``: each scenario on the workflow that runs in production, compared with the step
function by itself."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from time import perf_counter
from uuid import uuid4

from temporalio.client import Client
from temporalio.testing import TimeSkipper, TimeSkippingConfig
from temporalio.worker import Worker

from orchestrator.commands.testing.outcomes import FileOutcome, ScenarioOutcome
from orchestrator.commands.testing.temporal_run import NotingRunner, StandIn, TemporalRun
from orchestrator.core.scenarios.expectations import Difference, differences
from orchestrator.core.scenarios.play import ScenarioRun
from orchestrator.core.scenarios.reading import script_of
from orchestrator.core.scenarios.timeline import trace_of
from orchestrator.core.text import Text, verbatim
from orchestrator.files.scenarios import LoadedScenarios
from orchestrator.stack.temporal import Temporal
from workflows.journey_run import JourneyRun
from workflows.payloads import data_converter


@dataclass(frozen=True)
class _Engine:
    """A server, and a worker of ours that serves it."""

    skipper: TimeSkipper
    queue: str
    noted: NotingRunner
    stand_in: StandIn


def play_on_temporal(files: Sequence[FileOutcome]) -> list[FileOutcome]:
    """The same scenarios on Temporal. Raises ``StackProblem`` where its server cannot be had."""
    with tempfile.TemporaryDirectory(prefix="sojourn-test-") as folder:
        for name in ("logs", "run"):
            (Path(folder) / name).mkdir()
        server = Temporal(Path(folder), port=0, ui_port=None, in_memory=True)
        server.start()
        try:
            server.wait()
            return asyncio.run(_play(server.address, files))
        finally:
            server.stop()


async def _play(address: str, files: Sequence[FileOutcome]) -> list[FileOutcome]:
    found = []
    async with _serving(address) as engine:
        for file in files:
            outcomes = [await _scenario(engine, file.loaded, one) for one in file.outcomes]
            found.append(_as_file(file, outcomes))
    return found


def _as_file(file: FileOutcome, outcomes: list[ScenarioOutcome]) -> FileOutcome:
    result = FileOutcome(file.loaded, outcomes)
    result.coverage = file.coverage
    return result


@asynccontextmanager
async def _serving(address: str) -> AsyncIterator[_Engine]:
    kept: dict[str, bytes] = {}

    async def load(digest: str) -> bytes:
        return kept[digest]

    async def save(digest: str, body: bytes) -> None:
        kept[digest] = body

    client = await Client.connect(address, data_converter=data_converter(load, save))
    skipper = TimeSkipper(client, config=TimeSkippingConfig(enabled=False))
    queue, noted, stand_in = f"scenarios-{uuid4()}", NotingRunner(), StandIn()
    worker = Worker(
        client,
        task_queue=queue,
        workflows=[JourneyRun],
        activities=[stand_in.commit, stand_in.deliver],
        workflow_runner=noted,
    )
    async with worker:
        yield _Engine(skipper, queue, noted, stand_in)


async def _scenario(engine: _Engine, loaded: LoadedScenarios, by_itself: ScenarioOutcome) -> ScenarioOutcome:
    """Played on Temporal. In what the two differ, is a difference of the scenario, too."""
    began, scenario, script = perf_counter(), by_itself.scenario, script_of(loaded.file, by_itself.scenario)
    simulated = by_itself.run
    run = TemporalRun(
        loaded.plans,
        script,
        loaded.environment_for(script),
        engine.skipper,
        engine.queue,
        engine.noted,
        _instants(simulated),
    )
    engine.stand_in.playing = run
    await asyncio.to_thread(run.perform)
    found = [*differences(loaded.file, scenario, run), *_between(simulated, run)]
    await asyncio.to_thread(run.end)
    return replace(by_itself, run=run, differences=found, seconds=perf_counter() - began)


def _instants(run: ScenarioRun) -> list[datetime]:
    lines = {line.at for one in run.runs for line in run.trace(one)}
    return sorted(lines | {told.send.at for told in run.sends})


def _between(simulated: ScenarioRun, run: ScenarioRun) -> list[Difference]:
    """The first thing in which the engines differ."""
    expected, found = trace_of(simulated), trace_of(run)
    for n in range(max(len(expected), len(found))):
        one, other = (row[n] if n < len(row) else () for row in (expected, found))
        if one != other:
            words = [verbatim(" ".join(str(part) for part in row)) if row else _NOTHING for row in (one, other)]
            return [Difference("the step function and Temporal", words[0], words[1])]
    return []


_NOTHING = Text("nothing", context="found")
