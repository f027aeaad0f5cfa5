"""A run that was, played again as it was: how things stood at each line of its trace, which no table keeps."""

from collections.abc import Sequence
from dataclasses import dataclass

from orchestrator.core.recordings.comparison import RecordedDifference, differences_from, reasons_for
from orchestrator.core.recordings.made_up import Unchanged
from orchestrator.core.recordings.recorded_run import RecordedRun
from orchestrator.core.recordings.recorded_scenario import environment_of
from orchestrator.core.recordings.script_of_run import Attempt, RunScript
from orchestrator.core.scenarios.play import ScenarioRun
from orchestrator.core.simulation.snapshots import KeepsSnapshots, Snapshot
from orchestrator.core.text import Text


class _Replayed(KeepsSnapshots, ScenarioRun):
    """A playing that keeps snapshots."""


@dataclass(frozen=True)
class ReplayedRun:
    """``snapshots``: of the lines up to the first that was played otherwise (``difference``; None: of them all)."""

    snapshots: Sequence[Snapshot]
    difference: RecordedDifference | None
    reasons: Sequence[Text]


def replay_run(run: RecordedRun) -> ReplayedRun:
    """Play it with the customer's own values; nothing of it is kept."""
    writer = RunScript(run, Unchanged(run.plan, run.began))
    script = writer.script(Attempt(run.person.id, exact=True))
    played = _Replayed((run.plan,), script, environment_of(run, script.person))
    played.perform()
    key = writer.key()
    own = next((one for one in played.runs if (one.journey, one.key) == (run.plan.key, key)), None)
    lines = [one for one in differences_from(run, played, key) if one.line is not None]
    kept = () if own is None else played.snapshots(own)
    if not lines:
        return ReplayedRun(kept[: len(run.lines)], None, ())
    return ReplayedRun(kept[: (lines[0].line or 1) - 1], lines[0], reasons_for(run))
