"""``sojourn traits fit``: models of buying from a file, without a server."""

import csv
import json
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn

import typer

from orchestrator.core.traits.orders import Summary, by_customer, summarised
from orchestrator.files.events import EventFileProblem
from orchestrator.files.orders import read_cohort, read_orders, read_summary

if TYPE_CHECKING:
    from orchestrator.core.traits.models.report import Report

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
Unit = Literal["day", "week", "month"]


@app.callback()
def traits() -> None:
    """What customers will order, learned from what they ordered."""


@app.command()
def fit(
    orders: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="CSV: customer_id, ordered_at, amount.")
    ] = None,
    summary: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="CSV: x, t_x, T and perhaps m_x.")
    ] = None,
    subscriptions: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="CSV: period, surviving (of one cohort).")
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The last day to learn from; else the last of the file."),
    ] = None,
    unit: Annotated[Unit, typer.Option(help="Of time. For a summary: the unit that it is in.")] = "week",
    customers: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Write each customer's figures there, as CSV.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """Fit BG/NBD and Gamma-Gamma to orders, or sBG to subscriptions. Orders of one day count once.

    Where orders follow --until, the model is held against them. Ends with code 2 where the file cannot be used.
    """
    if sum(given is not None for given in (orders, summary, subscriptions)) != 1:
        _fail("give one of --orders, --summary and --subscriptions, with a file.")
    if subscriptions is not None and customers is not None:
        _fail("--customers goes with --orders or --summary: a cohort has no customers of its own.")
    from orchestrator.core.traits.models.fitting import FitProblem  # numpy and scipy: only where they are wanted

    try:
        report = _report(orders, summary, subscriptions, until.date() if until else None, unit)
    except EventFileProblem as problem:
        _fail(str(problem))
    except FitProblem as problem:
        _fail(f"{orders or summary or subscriptions}: {problem}")
    if customers is not None:
        _write_customers(customers, report.customers)
    if as_json:
        typer.echo(json.dumps(report.as_json(), indent=2, ensure_ascii=False))
    else:
        for line in report.lines():
            typer.echo(line)


def _report(
    orders: Path | None, summary: Path | None, subscriptions: Path | None, until: date | None, unit: Unit
) -> "Report":
    from orchestrator.core.traits.models.report import report_on_cohort, report_on_customers

    if subscriptions is not None:
        return report_on_cohort(read_cohort(subscriptions))
    if summary is not None:
        summaries, valued = read_summary(summary)
        return report_on_customers(summaries, unit, valued)
    assert orders is not None  # noqa: S101 (one of the three is given)
    rows = read_orders(orders)
    last = until or max(order.day for order in rows)
    bought = by_customer(rows)
    found: list[Summary] = summarised(bought, last, unit)
    if not found:
        raise EventFileProblem(f"{orders}: nobody had ordered by {last}. Give a later --until.")
    return report_on_customers(found, unit, True, bought, last)


def _write_customers(path: Path, rows: list[dict[str, Any]]) -> None:
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    except OSError as error:
        _fail(f"{path} cannot be written ({error.strerror}): name another file.")


def _fail(message: str) -> NoReturn:
    typer.echo(f"sojourn: {message}", err=True)
    raise typer.Exit(2)
