"""A playing compared with the run that was: line by line, and message by message."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import zip_longest

from orchestrator.core.commands import Transition
from orchestrator.core.recordings.recorded_run import RecordedRun, RecordedSend
from orchestrator.core.scenarios.play import ScenarioRun
from orchestrator.core.sending.reasons import outcome_in_words
from orchestrator.core.simulation.narrate import line_in_words, title
from orchestrator.core.simulation.outcome import SimulatedRun, SimulatedSend
from orchestrator.core.steps.delay import Delay
from orchestrator.core.steps.experiment import Experiment
from orchestrator.core.text import Text
from orchestrator.core.timing import PROMPT, zone

_PAUSES = frozenset({"paused", "channel_paused", "step_paused", "journey_paused", "late"})
_SETTLED = frozenset({"sent", "skipped", "unknown", "failed"})


@dataclass(frozen=True, slots=True)
class RecordedDifference:
    """``line``: its number in the run's trace, from 1; None for a message's outcome."""

    line: int | None
    recorded: Text
    played: Text

    def words(self) -> Text:
        """In a sentence."""
        if self.line is None:
            return Text("a message: was {recorded}, played {played}", recorded=self.recorded, played=self.played)
        return Text(
            "line {line} of the trace: was {recorded}, played {played}",
            line=self.line,
            recorded=self.recorded,
            played=self.played,
        )


def differences_from(run: RecordedRun, played: ScenarioRun, key: str) -> list[RecordedDifference]:
    """In what a playing is other than the run: the first line that differs, and messages with another outcome."""
    own = next((one for one in played.runs if (one.journey, one.key) == (run.plan.key, key)), None)
    lines = () if own is None else played.trace(own)
    found = list(_lines(run, lines))[:1]
    if own is not None:
        found += _sends(run, played, own)
    return found


_NOTHING = Text("nothing", context="replay")


def _lines(run: RecordedRun, lines: Sequence[Transition]) -> Iterator[RecordedDifference]:
    for n, (was, now) in enumerate(zip_longest(run.lines, lines), 1):
        if was is None and run.ended is None and now is not None and now.at > run.read_at - 2 * PROMPT:
            return  # it has not come to that yet
        if was is None or now is None or _same(was, now) is False:
            words = [_NOTHING if one is None else line_in_words(one, run.plan) for one in (was, now)]
            yield RecordedDifference(n, words[0], words[1])


def _same(was: Transition, now: Transition) -> bool:
    """A run on a server takes its time: a line may be late by the time that its work took."""
    place = (was.what, was.step, was.occurrence, was.port) == (now.what, now.step, now.occurrence, now.port)
    return place and abs(was.at - now.at) <= timedelta(seconds=60)


def _sends(run: RecordedRun, played: ScenarioRun, own: SimulatedRun) -> Iterator[RecordedDifference]:
    now = {(told.send.step, told.send.occurrence): told.send for told in played.sends if told.run == own.run_id}
    for was in run.sends:
        other = now.get((was.step, was.occurrence))
        if was.status in _SETTLED and other is not None and _outcome(was) != (other.outcome, other.reason):
            yield RecordedDifference(None, _in_words(run, was, *_outcome(was)), _played_words(run, other))


def _outcome(send: RecordedSend) -> tuple[str, str]:
    """As a playing tells it: what could not reach anybody was not sent."""
    status = "skipped" if send.status == "failed" else send.status
    return status, "" if status == "sent" else send.reason


def _in_words(run: RecordedRun, send: RecordedSend, outcome: str, reason: str) -> Text:
    told = send.inputs.get("reason")
    parameters = told if isinstance(told, dict) else {"code": reason} if reason else None
    words = outcome_in_words(outcome, send.channel, parameters, {}, zone(run.person.zone))
    return Text("“{step}”: {told}", step=title(run.plan, send.step), told=words)


def _played_words(run: RecordedRun, send: SimulatedSend) -> Text:
    reason = {"code": send.reason} if send.reason else None
    words = outcome_in_words(send.outcome, send.channel, reason, {}, zone(run.person.zone))
    return Text("“{step}”: {told}", step=title(run.plan, send.step), told=words)


def reasons_for(run: RecordedRun) -> list[Text]:
    """What there is about a run that no scenario can say: why it may be played otherwise than it went."""
    found: list[Text] = []
    if any(line.what == "moved" for line in run.lines):
        found.append(Text("It was moved by an operator, or to another version: a scenario plays one version only."))
    if any(isinstance(step, Delay) and step.settings.jitter for step in run.plan.journey.steps):
        found.append(Text("A delay of the journey spreads customers out at random: each run waits another time."))
    if any(isinstance(step, Experiment) for step in run.plan.journey.steps):
        found.append(Text("An experiment divides customers by who they are, and nobody made up was found alike."))
    if any(send.reason in _PAUSES or send.inputs.get("journey") == "paused" for send in run.sends):
        found.append(Text("Something was paused meanwhile, and scenarios have no pauses."))
    own = {(send.step, send.occurrence) for send in run.sends}
    if any(len(send.inputs.get("counted") or ()) >= len(own) for send in run.sends):
        found.append(Text("Messages of other journeys counted towards a frequency cap."))
    if b'"segment"' in run.plan.body:
        found.append(Text("The journey looks at segments, which a scenario's customer has none of."))
    if not run.entry:
        found.append(Text("No event let the customer in, so none can be played."))
    return found
