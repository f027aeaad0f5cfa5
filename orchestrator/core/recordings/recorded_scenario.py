"""A run that was, as a scenario file: written without what is of a person, read back, played, and compared."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from orchestrator.core.recordings.comparison import RecordedDifference, differences_from, reasons_for
from orchestrator.core.recordings.recorded_run import RecordedRun
from orchestrator.core.recordings.script_of_run import Attempt, RunScript
from orchestrator.core.scenarios.document import ScenarioFile, read_scenario_file
from orchestrator.core.scenarios.expectations import differences
from orchestrator.core.scenarios.play import EXAMPLE_SENDER, ScenarioRun, play
from orchestrator.core.scenarios.reading import script_of
from orchestrator.core.scenarios.writing import outcome_of, scenario_of, written_span
from orchestrator.core.sending.advertising import Sender
from orchestrator.core.sending.policies import policy_for
from orchestrator.core.simulation.interactive_run import RunEnvironment
from orchestrator.core.simulation.simulator import Person, recipient_of
from orchestrator.core.steps.experiment import Experiment
from orchestrator.core.steps.message import Sending
from orchestrator.core.text import Text

MOST_SEEDS = 300
"""Made-up customers among whom one is looked for who falls into the same variants."""
_OF_THE_SHOP = ("sending", "sender_name", "sender_contact", "opt_out_number", "opt_out_url", "opt_out_in_app")
"""Settings of a workspace by which messages are decided: those travel with the file."""


@dataclass(frozen=True)
class RecordedScenario:
    """``document``: the file, as data. ``differences``: in what it does not play as it was; ``reasons``: why that may
    be. What it expects is what was seen, so that a scenario with differences fails."""

    document: Mapping[str, Any]
    run: ScenarioRun
    differences: Sequence[RecordedDifference] = ()
    reasons: Sequence[Text] = ()


def record_scenario(run: RecordedRun) -> RecordedScenario:
    """The scenario of a run."""
    writer = RunScript(run)
    first = _tried(run, writer, Attempt("customer", exact=False))
    others = (_tried(run, writer, attempt) for attempt in _attempts(run))
    found = next((one for one in chain((first,), others) if not one.differences), None)
    if found is not None:
        return _expecting(found, outcome_of(found.run))
    return replace(_expecting(first, _seen(run, writer.key())), reasons=reasons_for(run))


def _attempts(run: RecordedRun) -> Iterator[Attempt]:
    yield Attempt("customer", exact=True)
    divided = any(isinstance(step, Experiment) for step in run.plan.journey.steps) or run.plan.journey.entry.holdout
    for n in range(1, MOST_SEEDS + 1 if divided else 1):
        yield Attempt(f"customer-{n}", exact=True)


def _tried(run: RecordedRun, writer: RunScript, attempt: Attempt) -> RecordedScenario:
    name = f"{run.plan.key}: a run of {run.began:%Y-%m-%d}"
    document: dict[str, Any] = {"journeys": [f"{run.plan.key}.yaml"], "locale": run.locale}
    if run.templates:
        document["templates"] = {key: f"templates/{key}.yaml" for key in run.templates}
    workspace = {name: run.settings[name] for name in _OF_THE_SHOP if run.settings.get(name)}
    document |= {"workspace": workspace} if workspace else {}
    document["scenarios"] = [scenario_of(name, writer.script(attempt))]
    played = played_document(document, run)
    return RecordedScenario(document, played, differences_from(run, played, writer.key()))


def _read(document: Mapping[str, Any]) -> ScenarioFile:
    file, problems = read_scenario_file(document)
    if file is None:
        raise ValueError("; ".join(f"{one.place}: {one.text.to('en')}" for one in problems))
    return file


def played_document(document: Mapping[str, Any], run: RecordedRun) -> ScenarioRun:
    """The file's scenario, played on the plan that the run followed."""
    file = _read(document)
    script = script_of(file, file.scenarios[0])
    environment = environment_of(run, script.person)
    return play((run.plan,), script, environment)


def environment_of(run: RecordedRun, person: Person) -> RunEnvironment:
    """What messages need of the workspace, as the file has it."""
    own = {name: run.settings[name] for name in _OF_THE_SHOP if run.settings.get(name)}
    sender = Sender.of(own)
    sender = replace(sender, name=sender.name or EXAMPLE_SENDER.name, contact=sender.contact or EXAMPLE_SENDER.contact)
    policy = policy_for(own.get("sending"), recipient_of(person).country)
    return RunEnvironment(policy, sender, own, run.locale, dict(run.templates))


def holds(document: Mapping[str, Any], run: RecordedRun) -> bool:
    """Whether what the file expects is what comes of it."""
    file = _read(document)
    return not differences(file, file.scenarios[0], played_document(document, run))


def _expecting(found: RecordedScenario, expect: Any) -> RecordedScenario:
    [scenario] = found.document["scenarios"]
    return replace(found, document={**found.document, "scenarios": [{**scenario, "expect": expect}]})


def _seen(run: RecordedRun, key: str) -> dict[str, Any]:
    """What was seen of the run, as what is expected of a playing."""
    expect: dict[str, Any] = {"key": key} if key else {}
    expect["path"] = [line.step for line in run.lines if line.what == "entered"]
    expect["sends"] = [
        {"step": send.step, "channel": send.channel}
        for send in sorted(run.sends, key=lambda one: one.at)
        if send.status in ("sent", "unknown") and isinstance(run.plan.steps.get(send.step), Sending)
    ]
    expect["goals"] = [line.port for line in run.lines if line.what == "goal"]
    ended = run.ended
    if ended is None:
        return expect | {"waits_at": run.lines[-1].step} if run.lines else expect
    return expect | {"ends": ended.port, "ends_after": written_span(run.end - run.began)}
