"""``sojourn simulate``, ``check`` and ``schema``: journeys as files, without a server."""

import json
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any, NoReturn
from uuid import uuid5

import typer
import yaml
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from orchestrator.commands.simulation_tables import print_report, print_trace
from orchestrator.core.channels.registry import consent_names
from orchestrator.core.events.ids import NAMESPACE
from orchestrator.core.journey.graph import journey_schema
from orchestrator.core.journey.plan import Plan, compile_journey
from orchestrator.core.problems import Problem
from orchestrator.core.run.routing import Routes
from orchestrator.core.simulation.due_entries import due_events
from orchestrator.core.simulation.report import SimulationReport
from orchestrator.core.simulation.simulator import Person, SimulationResult, compliant, walk
from orchestrator.core.text import supported_locale
from orchestrator.core.timing import resolve, zone
from orchestrator.core.zone_settings import DEFAULT_ZONE
from orchestrator.files.customers import CustomerRow, read_customers
from orchestrator.files.events import EventFileProblem, EventLogs, read_log, read_mapping
from orchestrator.files.yaml_text import load_yaml

simulate_app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
check_app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
schema_app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
REACHABLE = CustomerRow(
    consents=dict.fromkeys(consent_names(), True),
    contacts={"email": "someone@example.com", "phone": "+821000000000", "push_token": "device-token"},
)
Journeys = Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="Journey files, JSON or YAML.")]
Language = Annotated[str, typer.Option("--lang", help="ko or en; else as LANG says.")]


@simulate_app.command()
def simulate(
    journeys: Journeys,
    events: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="The event log: CSV, plain or gzip.")],
    mapping: Annotated[Path | None, typer.Option("--map", exists=True, dir_okay=False, help="YAML.")] = None,
    customers: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="CSV: contacts, consents, zones, attributes.")
    ] = None,
    afterwards: Annotated[int, typer.Option(min=0, help="Days to go on after the last event of the log.")] = 30,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last day; instead of days.")] = None,
    time_zone: Annotated[str, typer.Option(help="Of the customers.")] = DEFAULT_ZONE,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures there as well.")] = None,
    trace: Annotated[str | None, typer.Option(metavar="CUSTOMER", help="Show this customer's way only.")] = None,
    lang: Language = "",
) -> None:
    """Walk every customer of a real event log through journeys. The same input gives the same figures.

    Journeys given together can start each other. Everybody whom --customers does not name is reachable on every channel
    and has consented.
    """
    console = Console()
    plans = tuple(_plan(path, lang, console) for path in journeys)
    try:
        logs = read_log(events, read_mapping(mapping))
        known = read_customers(customers) if customers else {}
    except EventFileProblem as problem:
        _fail(str(problem))
    if trace is not None and trace not in logs:
        _fail(f"{events} has no customer “{trace}”.")
    simulator = _Walks(Routes(plans), logs, known, _end(logs, afterwards, until, time_zone), time_zone)
    if trace is not None:
        print_trace(console, simulator.walk(trace), {plan.key: plan for plan in plans}, time_zone, _locale(lang))
        return
    report = simulator.report(plans)
    print_report(console, report, plans, _locale(lang), len(known.keys() & logs.keys()))
    if json_file is not None:
        json_file.write_text(json.dumps(report.as_json(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


class _Walks:
    """Customers of a log, one after another."""

    def __init__(
        self, routes: Routes, logs: EventLogs, known: Mapping[str, CustomerRow], until: datetime, time_zone: str
    ) -> None:
        self.routes = routes
        self.logs = logs
        self.known = known
        self.until = until
        self.time_zone = time_zone

    def walk(self, user: str) -> SimulationResult:
        told = self.known.get(user, REACHABLE)
        person = Person(
            str(uuid5(NAMESPACE, user)),
            {**self.logs.attributes.get(user, {}), **told.attributes},
            dict(told.consents),
            contacts=dict(told.contacts),
            zone=told.zone or self.time_zone,
        )
        events = self.logs[user]
        due = due_events(self.routes.plans, person, events[0].occurred_at, self.until, self.time_zone)
        return walk(self.routes, person, [*events, *due], self.until, compliant())

    def report(self, plans: tuple[Plan, ...]) -> SimulationReport:
        report = SimulationReport.of(plans, self.time_zone)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            for user in progress.track(list(self.logs), description="customers"):
                report.add(self.walk(user))
        return report


def _end(logs: EventLogs, afterwards: int, until: datetime | None, time_zone: str) -> datetime:
    """The end of the day named, there; else so many days after the last event."""
    if until is not None:
        return resolve(until.date() + timedelta(days=1), time(0), zone(time_zone)) - timedelta(microseconds=1)
    return max((log[-1].occurred_at for log in logs.values()), default=datetime.now(UTC)) + timedelta(days=afterwards)


@check_app.command()
def check(journeys: Journeys, lang: Language = "") -> None:
    """Say what is wrong with journey files. Ends with code 1 where something must be mended before publishing."""
    console, wrong = Console(), False
    for path in journeys:
        result = compile_journey(_document(path))
        _print_problems(console, path, result.problems, lang)
        wrong = wrong or result.plan is None
        if result.plan is not None:
            console.print(f"[green]✓[/green] {path}  [dim]{result.plan.hash}[/dim]")
    if wrong:
        raise typer.Exit(1)


@schema_app.command()
def schema() -> None:
    """Print the journey file's JSON Schema."""
    typer.echo(json.dumps(journey_schema(), indent=2, ensure_ascii=False))


def _plan(path: Path, lang: str, console: Console) -> Plan:
    result = compile_journey(_document(path))
    _print_problems(console, path, result.problems, lang)
    if result.plan is None:
        raise typer.Exit(1)
    return result.plan


def _document(path: Path) -> dict[str, Any]:
    try:
        document = load_yaml(path.read_text(encoding="utf-8"))  # JSON is YAML
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        _fail(f"{path} is neither JSON nor YAML: {' '.join(str(error).split())}")
    if not isinstance(document, dict):
        _fail(f"{path} is no journey: it must be a mapping with key, name, entry, steps and edges.")
    return document


def _print_problems(console: Console, path: Path, problems: Sequence[Problem], lang: str) -> None:
    for problem in problems:
        colour = "red" if problem.severity == "error" else "yellow"
        where = f"{path}: {problem.step}" if problem.step else str(path)
        console.print(f"[{colour}]{problem.code}[/{colour}] {where}", highlight=False)
        console.print(f"  {problem.text.to(_locale(lang))}", highlight=False, markup=False)


def _locale(lang: str) -> str:
    return lang or supported_locale(
        os.environ.get("LC_ALL", os.environ.get("LANG", "")).partition(".")[0].replace("_", "-")
    )


def _fail(message: str) -> NoReturn:
    typer.echo(f"sojourn: {message}", err=True)
    raise typer.Exit(2)
