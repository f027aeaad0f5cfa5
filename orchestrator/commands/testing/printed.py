"""Scenarios in a terminal: their outcome, the timeline of one that fails, and what is not covered; JUnit for CI."""

import io
import xml.etree.ElementTree as ET  # written, never read
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text as Styled

from orchestrator.commands.testing.outcomes import FileOutcome, ScenarioOutcome, explained
from orchestrator.commands.testing.said import plain
from orchestrator.core.scenarios.coverage import ENDS, Coverage, Place
from orchestrator.core.scenarios.play import ScenarioRun
from orchestrator.core.scenarios.timeline import Line, step_title, timeline
from orchestrator.core.simulation.narrate import title
from orchestrator.core.text import Text
from orchestrator.core.timing import zone

_MARKS = {
    "event": ("●", "cyan"),
    "entry": ("⊘", "yellow"),
    "entered": ("→", "dim"),
    "left": ("↳", "dim"),
    "goal": ("★", "green"),
    "sent": ("✉", "green"),
    "not_sent": ("✕", "yellow"),
    "ended": ("■", "bold"),
    "moved": ("⇢", "yellow"),
    "waits": ("…", "dim"),
}


def print_outcome(console: Console, outcome: ScenarioOutcome, locale: str, verbose: bool) -> None:
    """One line; of a scenario that fails, why, and everything that happened."""
    mark = "[green]✓[/green]" if outcome.holds else "[red]✗[/red]"
    console.print(f"  {mark} ", Styled(outcome.scenario.name), sep="", highlight=False)
    for line in explained(outcome, locale):
        console.print("      ", Styled(line, style="red"), sep="", highlight=False)
    if verbose or not outcome.holds:
        console.print()
        print_timeline(console, outcome.run, locale)
        console.print()


def print_timeline(console: Console, run: ScenarioRun, locale: str) -> None:
    """Everything that happened, in order of time, in the customer's own time."""
    table = Table(show_edge=False, show_header=False, box=None, padding=(0, 1, 0, 2))
    for style in ("dim", "", "bold", ""):
        table.add_column(style=style, overflow="fold")
    several, tz, day = len(run.plans) > 1, zone(run.person.zone), ""
    for line in timeline(run):
        at = line.at.astimezone(tz)
        date = f"{at:%m-%d}"
        mark, style = _MARKS[line.kind]
        name = step_title(run, line).to(locale)
        name = f"{line.journey}: {name}" if several and line.journey else name
        table.add_row(
            f"{date if date != day else '     '} {at:%H:%M:%S}",
            Styled(mark, style=style),
            Styled(name),
            _words(line, locale),
        )
        day = date
    console.print(table)


def timeline_text(run: ScenarioRun, locale: str) -> str:
    """The same as text without colours."""
    console = Console(file=io.StringIO(), width=120, color_system=None)
    with console.capture() as captured:
        print_timeline(console, run, locale)
    return captured.get()


def _words(line: Line, locale: str) -> Styled:
    return Styled(plain(line.words, locale))


def print_coverage(console: Console, coverage: Coverage, locale: str) -> None:
    """How much of the journeys was passed, and what was not."""
    done, of = coverage.share
    console.print(Text("{done} of {of} paths through the journeys are covered", done=done, of=of).to(locale))
    for place in coverage.missing:
        console.print("  [yellow]○[/yellow] ", Styled(place_in_words(coverage, place).to(locale)), sep="")


def place_in_words(coverage: Coverage, place: Place) -> Text:
    """A way through a journey, such as “Cart reminder” › No response by then."""
    key, step, port = place
    plan = next(one for one in coverage.plans if one.key == key)
    if not step:
        kind, _, rule = port.partition(":")
        words = Text("exit rule “{rule}”", rule=rule) if kind == "exit" else Text("goal “{rule}”", rule=rule)
        return Text("{journey}: {words}", journey=key, words=words)
    named = title(plan, step)
    if port == ENDS:
        return Text("{journey}: “{step}”", journey=key, step=named)
    label = next((one.label for one in plan.steps[step].ports() if one.name == port), port)
    return Text("{journey}: “{step}” › {port}", journey=key, step=named, port=label)


def write_junit(path: Path, files: Sequence[FileOutcome], locale: str) -> None:
    """The outcomes as JUnit's XML, which every CI reads."""
    suites = ET.Element("testsuites", name="sojourn test")
    for file in files:
        failed = [one for one in file.outcomes if not one.holds]
        took = sum(one.seconds for one in file.outcomes)
        named = {"name": str(file.loaded.path), "tests": str(len(file.outcomes)), "failures": str(len(failed))}
        suite = ET.SubElement(suites, "testsuite", {**named, "errors": "0", "time": f"{took:.3f}"})
        for one in file.outcomes:
            about = {"classname": str(file.loaded.path), "name": one.scenario.name, "time": f"{one.seconds:.3f}"}
            case = ET.SubElement(suite, "testcase", about)
            if not one.holds:
                lines = list(explained(one, locale))
                ET.SubElement(case, "failure", message=lines[0]).text = "\n".join(lines)
    ET.indent(suites)
    ET.ElementTree(suites).write(path, encoding="utf-8", xml_declaration=True)
