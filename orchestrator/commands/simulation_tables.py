"""A simulation's figures and one customer's way, as tables in a terminal, in either language."""

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from orchestrator.core.journey.plan import Plan
from orchestrator.core.run.routing import REASONS
from orchestrator.core.sending.reasons import REASONS as SEND_REASONS
from orchestrator.core.simulation.report import JourneyFigures, SimulationReport
from orchestrator.core.simulation.simulator import SimulationResult
from orchestrator.core.text import Text, in_locale
from orchestrator.core.timing import zone

WORDS: dict[str, Text] = {
    "reach": Text("Everyone is assumed to be reachable on every channel and to have consented."),
    "told": Text(
        "{n} customers as in the customer file; all others are assumed to be reachable and to have consented."
    ),
    "entries": Text("Entries"),
    "steps": Text("Steps"),
    "step": Text("Step"),
    "entered": Text("Entered"),
    "here": Text("At this step now"),
    "left": Text("Exit path"),
    "ended_in": Text("Ended here"),
    "ended": Text("Ends"),
    "reason": Text("Reason"),
    "number": Text("Number"),
    "messages": Text("Messages sent by day and channel"),
    "day": Text("Day"),
    "total": Text("Total"),
    "sends": Text("Sending decisions"),
    "conversions": Text("Conversions"),
    "goal": Text("Goal"),
    "runs": Text("Entries that converted"),
    "times": Text("Times"),
    "value": Text("Value", context="sale"),
    "customers": Text("{n} customers"),
    "still_in": Text("in progress"),
    "busiest": Text("At most {n} messages to one customer in a day."),
}
_OUTCOMES = {
    "sent": Text("sent"),
    "held": Text("held"),
    "skipped": Text("skipped"),
    "unknown": Text("unknown"),
}


def print_report(
    console: Console, report: SimulationReport, plans: tuple[Plan, ...], locale: str, known: int = 0
) -> None:
    """Journey by journey, then messages by day. ``known``: customers of whom it is known how they can be reached."""
    said = {name: text.to(locale) for name, text in WORDS.items()}
    console.print(said["told"].format(n=f"{known:,}") if known else said["reach"], style="dim")
    for plan in plans:
        figures = report.journeys[plan.key]
        console.rule(
            f"[bold]{in_locale(plan.journey.name, locale, plan.key)}[/bold] [dim]{plan.key}[/dim]", align="left"
        )
        console.print(_counts(said["entries"], said, {_reason(k, locale): n for k, n in figures.entries.items()}))
        console.print(_steps(plan, figures, said, locale))
        ends = dict(figures.ended) | ({said["still_in"]: figures.still_in} if figures.still_in else {})
        console.print(_counts(said["ended"], said, ends))
        if figures.sends:
            console.print(_sends(plan, figures, said, locale))
        if figures.goals:
            console.print(_goals(figures, said))
    console.rule(said["messages"], align="left")
    console.print(_messages(report, said))
    customers = WORDS["customers"].format(n=f"{report.customers:,}").to(locale)
    console.print(customers, WORDS["busiest"].format(n=report.busiest).to(locale), sep=" · ")


def print_trace(
    console: Console, result: SimulationResult, plans: Mapping[str, Plan], time_zone: str, locale: str
) -> None:
    """One customer's entries, steps and messages, in order of time."""
    tz = zone(time_zone)
    lines: list[tuple[Any, int, str, str, str]] = [
        (entry.at, 0, entry.journey, "→", _reason(entry.admission.reason, locale)) for entry in result.entries
    ]
    for run in result.runs:
        for one in run.transitions:
            label = plans[run.journey].label(one.step, locale)
            lines.append((one.at, one.seq, run.journey, one.what, f"{label}  {one.port}".rstrip()))
    table = Table(show_edge=False, header_style="dim")
    for name in ("", "journey", "", ""):
        table.add_column(name)
    for at, _, journey, what, words in sorted(lines, key=lambda line: (line[0], line[1])):
        table.add_row(f"{at.astimezone(tz):%Y-%m-%d %H:%M:%S}", journey, what, words)
    console.print(table)


def _reason(code: str, locale: str) -> str:
    return REASONS[code].to(locale) if code in REASONS else code


def _counts(title: str, said: Mapping[str, str], counts: Mapping[str, int]) -> Table:
    table = _table(title, said["reason"])
    table.add_column(said["number"], justify="right")
    for name, n in sorted(counts.items(), key=lambda item: -item[1]):
        table.add_row(name, f"{n:,}")
    return table


def _steps(plan: Plan, figures: JourneyFigures, said: Mapping[str, str], locale: str) -> Table:
    table = _table(said["steps"], said["step"])
    table.add_column(said["entered"], justify="right")
    table.add_column(said["ended_in"], justify="right")
    table.add_column(said["here"], justify="right")
    table.add_column(said["left"])
    ports: dict[str, list[str]] = defaultdict(list)
    gone: dict[str, int] = defaultdict(int)
    for (step, port), n in sorted(figures.left.items()):
        ports[step].append(f"{port} {n:,}")
        gone[step] += n
    for step in plan.steps:
        n, ended = figures.entered[step], figures.ended_in[step]
        numbers = (f"{count:,}" if count else "" for count in (n, ended, n - gone[step] - ended))
        table.add_row(plan.label(step, locale), *numbers, ", ".join(ports[step]))
    return table


def _sends(plan: Plan, figures: JourneyFigures, said: Mapping[str, str], locale: str) -> Table:
    table = _table(said["sends"], said["step"])
    table.add_column("")
    table.add_column(said["reason"])
    table.add_column(said["number"], justify="right")
    for (step, outcome, reason), n in sorted(figures.sends.items()):
        table.add_row(plan.label(step, locale), _OUTCOMES[outcome].to(locale), _send_reason(reason, locale), f"{n:,}")
    return table


def _send_reason(code: str, locale: str) -> str:
    """The reason in words; what differs from customer to customer is left open."""
    words = {**SEND_REASONS}.get(code)  # type: ignore[call-overload]
    return re.sub(r"\{[^}]*\}", "…", words.to(locale)) if words else code


def _goals(figures: JourneyFigures, said: Mapping[str, str]) -> Table:
    table = _table(said["conversions"], said["goal"])
    for name in ("runs", "times", "value"):
        table.add_column(said[name], justify="right")
    entered = figures.entries["admitted"]
    for goal, n in sorted(figures.goals.items()):
        value = ", ".join(
            f"{total:,} {currency}" for (of, currency), total in figures.value.items() if of == goal and total
        )
        reached = figures.converted[goal]
        share = f"{reached:,} / {entered:,} ({100 * reached / entered:.1f}%)" if entered else f"{reached:,}"
        table.add_row(goal, share, f"{n:,}", value or "—")
    return table


def _messages(report: SimulationReport, said: Mapping[str, str]) -> Table:
    channels = sorted({channel for _, channel in report.messages})
    table = _table("", said["day"])
    for channel in channels:
        table.add_column(channel, justify="right")
    days = sorted({day for day, _ in report.messages})
    for day in days:
        table.add_row(day, *(f"{report.messages[day, channel]:,}" for channel in channels))
    totals = (sum(report.messages[day, channel] for day in days) for channel in channels)
    table.add_section()
    table.add_row(said["total"], *(f"{n:,}" for n in totals))
    return table


def _table(title: str, first: str) -> Table:
    table = Table(title=title or None, title_justify="left", title_style="bold", show_edge=False, header_style="dim")
    table.add_column(first)
    return table
