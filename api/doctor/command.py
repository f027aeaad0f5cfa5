"""``sojourn doctor``: what is wrong with this installation, in words or as JSON; and what can be mended, mended."""

from typing import Annotated, Any

import orjson
import typer
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.service import RPCError

from api.command_line import fail, run_with_engine
from api.doctor.checks import Examined, examine
from api.doctor.fixes import Fixed, fix
from orchestrator.core.doctor.findings import Finding, exit_code
from orchestrator.settings import Settings
from orchestrator.store.audit.chain import COMMAND
from orchestrator.store.database import session_factory
from orchestrator.store.operations.pauses import pause
from orchestrator.store.paused import EVERYTHING

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,  # they print local variables, and with them customers
    help="Look for what is wrong with this installation, and mend it.",
)
MARKS = {"well": "ok   ", "note": "note ", "wrong": "WRONG"}


@app.command()
def doctor(
    fix_them: Annotated[bool, typer.Option("--fix", help="Mend what can be mended; says what it did.")] = False,
    hold_all: Annotated[bool, typer.Option("--hold", help="Pause everything first, until somebody resumes.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Check connections, clocks, schema, processes, books, and runs in the database against those in Temporal.

    Exit code 0: all is well; 1: something is wrong (after `--fix`: still); 2: it could not look.
    """

    async def work(engine: AsyncEngine, settings: Settings) -> tuple[Examined, Fixed | None, Examined]:
        if hold_all:
            async with session_factory(engine)() as session, session.begin():
                await pause(session, EVERYTHING, COMMAND, "sojourn doctor --hold")
        before = await examine(settings, engine)
        if not fix_them:
            return before, None, before
        fixed = await fix(settings, engine, before)
        return before, fixed, await examine(settings, engine)

    try:
        before, fixed, after = run_with_engine(work)
    except (SQLAlchemyError, RPCError, OSError) as error:
        fail(f"the installation went away while it was looked at ({type(error).__name__}): try again.")
    typer.echo(_json(before, fixed, after) if as_json else "\n".join(_lines(before, fixed)))
    raise typer.Exit(exit_code(after.findings))


def _json(before: Examined, fixed: Fixed | None, after: Examined) -> str:
    told: dict[str, Any] = {"findings": [one.as_json() for one in before.findings]}
    if fixed is not None:
        told |= {"fixed": fixed.done, "held": fixed.held, "left": [one.as_json() for one in after.findings]}
    return orjson.dumps(told, option=orjson.OPT_INDENT_2).decode()


def _lines(before: Examined, fixed: Fixed | None) -> list[str]:
    lines = [line for one in before.findings for line in _told(one)]
    if fixed is None:
        mendable = any(one.mends for one in before.findings)
        return [*lines, *(["", "`sojourn doctor --fix` does what stands behind the arrows."] if mendable else [])]
    lines += ["", *(f"fixed {code}: {many}" for code, many in fixed.done.items())]
    if fixed.held:
        lines.append("Everything is paused: look at Operations › Pauses, then resume what is to go on.")
    return lines


def _told(one: Finding) -> list[str]:
    count = f" ({one.count})" if one.level != "well" and one.count else ""
    lines = [f"{MARKS[one.level]} {one.words}{count}"]
    lines += [f"        {sample}" for sample in one.samples]
    return [*lines, f"      → {one.mends}"] if one.mends else lines
