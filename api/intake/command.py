"""``sojourn import events|customers FILE``: a file through the front door, without HTTP."""

import asyncio
import csv
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from api.command_line import fail, run_with_engine, settings_of_installation
from api.intake.csv_columns import MappingProblem, What
from api.intake.import_file import CsvImport, Progress
from orchestrator.core.timing import known_zones, zone
from orchestrator.core.zone_settings import DEFAULT_ZONE
from orchestrator.store.audit.chain import COMMAND, Change, record_alone
from orchestrator.store.intake.writer import IntakeUnavailable, IntakeWriter

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


def _one_letter(delimiter: str) -> str:
    plain = delimiter.replace("\\t", "\t")
    if len(plain) != 1:
        raise typer.BadParameter("one character is expected, such as , or ; or \\t")
    return plain


def _known_zone(name: str) -> str:
    if name not in known_zones():
        raise typer.BadParameter(f"{name} is not an IANA time zone such as {DEFAULT_ZONE}")
    return name


@app.command(name="import")
def import_csv(
    what: Annotated[Literal["events", "customers"], typer.Argument(help="What a row is.")],
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="CSV, gzip or plain.")],
    mapping: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="COLUMN=FIELD",
            help="user_id, anonymous_id, event, timestamp, message_id, consents.CHANNEL, any property or trait; "
            "- leaves a column out. Columns with those names are found by themselves, others keep their names.",
        ),
    ] = None,
    text: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN", help="Keep as text what looks like a number.")
    ] = None,
    time_zone: Annotated[str, typer.Option(callback=_known_zone, help="Of times that do not say theirs.")] = "UTC",
    encoding: Annotated[str, typer.Option(help="Such as cp949.")] = "utf-8-sig",
    delimiter: Annotated[str, typer.Option(callback=_one_letter, help="Between columns; \\t is a tab.")] = ",",
    history: Annotated[bool, typer.Option("--history", help="Store only: start no journey, wake no run.")] = False,
) -> None:
    """Import events or customers from a CSV file. Done again, or after an interruption, it stores nothing twice."""
    settings = settings_of_installation()
    job = CsvImport(
        what,
        file,
        settings.data_dir / "imports",
        tuple(mapping or ()),
        frozenset(text or ()),
        zone(time_zone),
        encoding,
        delimiter,
        history,
        settings.workspace_locale,
    )
    try:
        progress = asyncio.run(_run(job, settings.database_url))
    except MappingProblem as problem:
        fail(str(problem))
    except (UnicodeDecodeError, LookupError):
        fail(f"{file.name} is not {encoding}: name its encoding, for example --encoding cp949.")
    except (csv.Error, EOFError, OSError) as error:
        fail(f"{file.name} cannot be read to its end ({error}). What came before it is stored.")
    except IntakeUnavailable:
        fail("the database cannot be reached; run the same command again to go on from here.")
    counts = {"rows": progress.rows, "stored": progress.stored, "rejected": progress.rejected}
    run_with_engine(lambda engine, _: record_alone(engine, COMMAND, Change(f"import.{what}", file.name, {}, counts)))
    _summarise(what, job, progress)


async def _run(job: CsvImport, database_url: str) -> Progress:
    """The import, with a bar that shows how much of the file is done."""
    writer = IntakeWriter(database_url)
    await writer.start()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
    )
    try:
        console = Console(stderr=True)
        with Bar(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
            task = bar.add_task(job.path.name, total=job.path.stat().st_size)

            def report(progress: Progress, position: int) -> None:
                bar.update(task, completed=position, description=f"{job.path.name}: {progress.rows:,} rows")

            return await job.run(writer, report)
    finally:
        await writer.close()


def _summarise(what: What, job: CsvImport, progress: Progress) -> None:
    typer.echo(
        f"{progress.rows:,} rows: {progress.stored:,} {what} stored, {progress.duplicates:,} were there already, "
        f"{progress.rejected:,} rejected."
    )
    if progress.warnings:
        typer.echo(
            f"{progress.warnings:,} rows have a trait that could only be kept as an attribute (see docs/intake.md)."
        )
    if progress.rejected:
        typer.echo(f"Rejected rows, each with its reason: {job.rejected_path}")
