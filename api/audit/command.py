"""``sojourn audit``: the audit log from the server's own command line."""

import sys
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncEngine

from api.audit.export import Form, export_audit
from api.command_line import fail, run_with_engine
from orchestrator.settings import Settings
from orchestrator.store.audit.chain import first_broken

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Who changed what: the whole log, and whether it is as it was written.",
)


@app.command()
def export(form: Annotated[Form, typer.Option("--format", help="Lines of JSON, or a table.")] = "jsonl") -> None:
    """Write the whole log to the standard output, in the order of its chain."""

    async def work(engine: AsyncEngine, _: Settings) -> None:
        async for line in export_audit(engine, form):
            sys.stdout.buffer.write(line)

    run_with_engine(work)


@app.command()
def verify() -> None:
    """Say whether each entry is as it was written and none is missing; ends with code 2 where one is."""
    broken = run_with_engine(lambda engine, _: first_broken(engine))
    if broken is not None:
        fail(f"entry {broken} is not as it was written, or is missing.")
    typer.echo("The audit log is as it was written.")
