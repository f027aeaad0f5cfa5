"""Scenario files on disk: found, read together with the journeys and templates that they name, and written."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from orchestrator.core.journey.plan import Plan, compile_journey
from orchestrator.core.messages.template_document import LiveTemplate, TemplateDocument
from orchestrator.core.scenarios.document import ScenarioFile, read_scenario_file
from orchestrator.core.scenarios.play import EXAMPLE_SENDER
from orchestrator.core.scenarios.problems import ScenarioProblem
from orchestrator.core.scenarios.reading import problems_of
from orchestrator.core.scenarios.script import Script
from orchestrator.core.sending.advertising import Sender
from orchestrator.core.sending.policies import policy_for
from orchestrator.core.simulation.interactive_run import RunEnvironment
from orchestrator.core.simulation.simulator import recipient_of
from orchestrator.core.text import Text
from orchestrator.files.yaml_text import InvalidYaml, TooDeep, load_plain_yaml

SUFFIXES = (".scenario.yaml", ".scenario.yml", ".scenario.json")
MOST_BYTES = 8_000_000
_NO_RULES = Text("these rules of sending cannot be used")


@dataclass(frozen=True)
class LoadedScenarios:
    """A scenario file that can be played."""

    path: Path
    file: ScenarioFile
    plans: tuple[Plan, ...]
    environment: RunEnvironment

    def environment_for(self, script: Script) -> RunEnvironment:
        """What messages need of the workspace, by the rules of the customer's country."""
        country = recipient_of(script.person).country
        return replace(self.environment, policy=policy_for(self.file.workspace.get("sending"), country))


class ScenarioFileProblem(Exception):
    """A file, or one that it names, cannot be used. ``problems``: all that is wrong with it."""

    def __init__(self, path: Path, problems: Iterable[ScenarioProblem]) -> None:
        self.path = path
        self.problems = tuple(problems)
        super().__init__("\n".join(self.lines("en")))

    def lines(self, locale: str) -> Iterator[str]:
        """One line for each problem, in a language."""
        for problem in self.problems:
            place = f" {problem.place}:" if problem.place else ""
            yield f"{self.path}:{place} {problem.text.to(locale)}"


def find_scenarios(paths: Iterable[Path]) -> list[Path]:
    """The files themselves, and those below folders, each once, in order of their names."""
    found: dict[Path, None] = {}
    for path in paths:
        inside = [one for one in path.rglob("*") if one.name.endswith(SUFFIXES)] if path.is_dir() else [path]
        found |= dict.fromkeys(sorted(one for one in inside if ".venv" not in one.parts))
    return list(found)


def load_scenarios(path: Path) -> LoadedScenarios:
    """Read a file with everything that it names. Raises :class:`ScenarioFileProblem`."""
    return loaded_from(_document(path, path), path)


def loaded_from(document: object, path: Path) -> LoadedScenarios:
    """What a document says that stands, or might stand, at ``path``. Raises :class:`ScenarioFileProblem`."""
    file, problems = read_scenario_file(document)
    if file is None:
        raise ScenarioFileProblem(path, problems)
    plans = tuple(load_plan(path.parent / name, path) for name in file.journeys)
    keys = [plan.key for plan in plans]
    if len({*keys}) < len(keys):
        raise ScenarioFileProblem(path, [ScenarioProblem("journeys", Text("two of them have the same key"))])
    problems = problems_of(file, plans)
    if problems:
        raise ScenarioFileProblem(path, problems)
    return LoadedScenarios(path, file, plans, _environment(path, file))


def load_plan(path: Path, asked_by: Path | None = None) -> Plan:
    """A journey file, compiled. Raises :class:`ScenarioFileProblem`."""
    result = compile_journey(_document(path, asked_by or path))
    if result.plan is None:
        errors = [one for one in result.problems if one.severity == "error"]
        raise ScenarioFileProblem(path, [ScenarioProblem(one.step or one.field or "", one.text) for one in errors])
    return result.plan


def _document(path: Path, asked_by: Path) -> Any:
    try:
        if path.stat().st_size > MOST_BYTES:
            words = Text("the file is too large: at most {most:,} bytes", most=MOST_BYTES)
            raise ScenarioFileProblem(path, [ScenarioProblem("", words)])
        return load_plain_yaml(path.read_bytes())
    except FileNotFoundError:
        raise ScenarioFileProblem(
            asked_by, [ScenarioProblem("", Text("there is no file {path}", path=str(path)))]
        ) from None
    except (OSError, TooDeep) as error:
        raise ScenarioFileProblem(
            path, [ScenarioProblem("", Text("it cannot be read: {why}", why=str(error)))]
        ) from None
    except InvalidYaml as error:
        words = Text("it is neither YAML nor JSON: look at line {line}", line=error.line)
        raise ScenarioFileProblem(path, [ScenarioProblem("", words)]) from None


def _environment(path: Path, file: ScenarioFile) -> RunEnvironment:
    own = file.workspace
    sender = Sender.of(own)
    sender = Sender(
        sender.name or EXAMPLE_SENDER.name,
        sender.contact or EXAMPLE_SENDER.contact,
        sender.opt_out_number,
        sender.opt_out_url,
        sender.opt_out_in_app,
    )
    try:
        policy = policy_for(own.get("sending"), None)
    except (ValueError, LookupError):
        raise ScenarioFileProblem(path, [ScenarioProblem("workspace › sending", _NO_RULES)]) from None
    templates = {key: _template(path, key, path.parent / name) for key, name in file.templates.items()}
    return RunEnvironment(policy, sender, own, file.locale, templates)


def _template(path: Path, key: str, at: Path) -> LiveTemplate:
    document = _document(at, path)
    try:
        return LiveTemplate(key, 1, TemplateDocument.model_validate(document))
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise ScenarioFileProblem(at, [ScenarioProblem(place, Text("this is no template document"))]) from None


def loaded_of(journeys: Sequence[Path], workspace: Mapping[str, Any]) -> LoadedScenarios:
    """Journeys without a scenario file, in a workspace with these settings. Raises :class:`ScenarioFileProblem`."""
    plans = tuple(load_plan(path) for path in journeys)
    path = journeys[0]
    names = tuple(os.path.relpath(one, path.parent) for one in journeys)
    file = ScenarioFile(journeys=names, workspace=dict(workspace), scenarios=())
    return LoadedScenarios(path, file, plans, _environment(path, file))


def save_scenarios(path: Path, loaded: LoadedScenarios, scenarios: Sequence[Mapping[str, Any]]) -> None:
    """Write scenarios of the same journeys to a file of their own."""
    folder = loaded.path.parent

    def from_there(name: str) -> str:
        return os.path.relpath(folder / name, path.parent)

    document: dict[str, Any] = {"journeys": [from_there(name) for name in loaded.file.journeys]}
    if loaded.file.templates:
        document["templates"] = {key: from_there(name) for key, name in loaded.file.templates.items()}
    document |= loaded.file.model_dump(mode="json", include={"workspace", "always"}, exclude_unset=True)
    document["scenarios"] = list(scenarios)
    path.write_text(scenario_yaml(document), encoding="utf-8")


def scenario_yaml(document: Mapping[str, Any]) -> str:
    """A scenario file as text."""
    return yaml.safe_dump(dict(document), allow_unicode=True, sort_keys=False, width=120)
