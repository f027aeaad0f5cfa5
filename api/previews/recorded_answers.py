"""What is told of a run that was: how things stood, and its scenario. In a process of its own: imports only what that
needs."""

from typing import Any

import orjson

from api.previews.as_test_script import as_test_script
from api.previews.snapshots import SnapshotWriter
from orchestrator.core.recordings.recorded_run import RecordedRun
from orchestrator.core.recordings.recorded_scenario import record_scenario
from orchestrator.core.recordings.replayed_run import replay_run
from orchestrator.core.text import Text
from orchestrator.files.scenarios import scenario_yaml


def snapshots_of(run: RecordedRun) -> dict[str, Any]:
    """The answer of the run's snapshots."""
    replayed, writer = replay_run(run), SnapshotWriter()
    difference = replayed.difference
    return {
        "snapshots": [{"seq": one.seq, **writer.write(one)} for one in replayed.snapshots],
        "customers": writer.customers,
        "differs": None if difference is None else difference.words().by_locale(),
        "reasons": [reason.by_locale() for reason in replayed.reasons],
    }


def test_script_of(run: RecordedRun) -> dict[str, Any]:
    """The answer of the run as a test run, without what is of a person."""
    found = record_scenario(run)
    script, left_out = as_test_script(found.run.script)
    return {
        "script": script,
        "left_out": [one.by_locale() for one in left_out],
        "same": not found.differences and not left_out,
    }


def scenario_text(run: RecordedRun, locale: str) -> str:
    """The scenario as a file. What plays otherwise stands at its head."""
    found = record_scenario(run)
    lines = [Text("Version {version} of the journey “{key}”.", version=run.version, key=run.plan.key)]
    lines += [one.words() for one in found.differences]
    lines += found.reasons
    head = "".join(f"# {' '.join(line.to(locale).replace('*', '').split())}\n" for line in lines)
    return head + scenario_yaml(orjson.loads(orjson.dumps(found.document)))
