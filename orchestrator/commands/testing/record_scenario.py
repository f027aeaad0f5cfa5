"""``sojourn record --as scenario``: a run as a scenario file, beside the journey and templates that it needs."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import typer
import yaml
from rich.console import Console
from rich.text import Text as Styled
from sqlalchemy.ext.asyncio import AsyncEngine

from api.command_line import run_with_engine
from orchestrator.commands.testing.said import fail, plain
from orchestrator.core.journey.hidden_secrets import exchange_secrets
from orchestrator.core.recordings.recorded_run import RecordedRun
from orchestrator.core.recordings.recorded_scenario import RecordedScenario, record_scenario
from orchestrator.core.templating.request_secrets import EXAMPLE
from orchestrator.core.text import Text
from orchestrator.files.journeys import to_yaml
from orchestrator.files.scenarios import SUFFIXES, scenario_yaml
from orchestrator.settings import Settings
from orchestrator.store.recordings.recorded_runs import load_recorded_run
from orchestrator.store.runs.replays import find_run


def keep_scenario(wanted: str, output: Path | None, folder: Path, locale: str) -> None:
    """Write the files, say which, and end with 1 where the scenario plays otherwise than the run went."""

    async def load(engine: AsyncEngine, settings: Settings) -> RecordedRun | None:
        found = await find_run(engine, wanted)
        return None if found is None else await load_recorded_run(engine, found.id, settings)

    run = run_with_engine(load)
    if run is None:
        fail([Text("there is no run {run}", run=wanted).to(locale)])
    path = output or folder / f"{run.plan.key}-{UUID(run.run_id).hex[:8]}{SUFFIXES[0]}"
    if not path.name.endswith(SUFFIXES):
        fail([Text("scenario files are named …{suffix}", suffix=SUFFIXES[0]).to(locale)])
    found = record_scenario(run)
    for written in write_scenario(path, run, found):
        typer.echo(str(written))
    if found.differences:
        print_differences(found, locale)
        raise typer.Exit(1)


def write_scenario(path: Path, run: RecordedRun, found: RecordedScenario) -> list[Path]:
    """The scenario, and what it names: the journey as that run followed it, and the templates as they are now."""
    journey = exchange_secrets(json.loads(run.plan.body), lambda place, secret: EXAMPLE)
    files = {path: scenario_yaml(found.document), path.parent / f"{run.plan.key}.yaml": to_yaml(journey)}
    for key, template in run.templates.items():
        files[path.parent / "templates" / f"{key}.yaml"] = _yaml(template.document.model_dump(mode="json"))
    for where, text in files.items():
        where.parent.mkdir(parents=True, exist_ok=True)
        where.write_text(text, encoding="utf-8")
    return list(files)


def _yaml(document: Mapping[str, Any]) -> str:
    return yaml.safe_dump(dict(document), allow_unicode=True, sort_keys=False, width=120)


def print_differences(found: RecordedScenario, locale: str) -> None:
    """What plays otherwise, and why that may be."""
    console = Console(stderr=True)
    for one in found.differences:
        console.print("[red]✗[/red] ", Styled(plain(one.words(), locale)), sep="")
    for reason in found.reasons:
        console.print("  ", Styled(plain(reason, locale)), sep="")
