"""``sojourn user``: accounts from the server's own command line, for who is locked out."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, NoReturn, TypeVar

import typer
from sqlalchemy.ext.asyncio import AsyncEngine

from api.accounts.passwords import fault_of, hash_password
from orchestrator.core.channels.contacts import is_email
from orchestrator.core.roles import Role
from orchestrator.settings import SettingsProblem, load_settings
from orchestrator.store.accounts.people import (
    EmailTaken,
    LastAdmin,
    create_account,
    create_first_admin,
    find_account,
    has_accounts,
    list_accounts,
    set_disabled,
    set_password,
)
from orchestrator.store.database import create_engine

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # they print local variables, and with them passwords
    help="People who may use the console. Passwords are asked for, or read from the standard input.",
)
Answer = TypeVar("Answer")

Email = Annotated[str, typer.Argument(help="E-mail address.")]
Password = Annotated[
    str, typer.Option(prompt=True, confirmation_prompt=True, hide_input=True, help="Asked for unless given.")
]
FAULTS = {
    "short": "the password is shorter than 10 characters: make it longer.",
    "long": "the password is longer than 200 characters: make it shorter.",
    "easy": "anybody would guess this password: choose another one.",
}


@app.command()
def add(
    email: Email,
    password: Password,
    name: Annotated[str, typer.Option(help="What others read; else the address without its host.")] = "",
    role: Annotated[Role, typer.Option(help="What they may do.")] = "admin",
) -> None:
    """Add somebody. The first one is an admin."""
    if not is_email(email):
        _fail("this is not an e-mail address: check it.")
    _good(password, email, name)

    async def work(engine: AsyncEngine) -> None:
        called, hashed = name or email.partition("@")[0], await hash_password(password)
        if role == "admin" and not await has_accounts(engine):
            await create_first_admin(engine, email=email, name=called, password=hashed)
        else:
            await create_account(engine, email=email, name=called, role=role, password=hashed)

    try:
        _run(work)
    except EmailTaken:
        _fail("somebody has this address already: use `sojourn user password` to set another password.")
    except LastAdmin:
        _fail("the first one must be an admin: add one first.")
    typer.echo("Added.")


@app.command()
def password(email: Email, password: Password) -> None:
    """Set somebody's password, let them in again, and end their sessions."""
    _good(password, email)

    async def work(engine: AsyncEngine) -> bool:
        found = await find_account(engine, email=email)
        if found is None:
            return False
        await set_password(engine, found.id, await hash_password(password))
        await set_disabled(engine, found.id, False)
        return True

    if not _run(work):
        _fail("nobody has this address: `sojourn user list` shows who is there.")
    typer.echo("The password is set.")


@app.command(name="list")
def everybody() -> None:
    """Show who is there."""
    for one in _run(list_accounts):
        state = "shut out" if one.disabled_at else "" if one.password else "invited"
        typer.echo(f"{one.email}\t{one.role}\t{one.name}\t{state}".rstrip())


def _run(work: Callable[[AsyncEngine], Awaitable[Answer]]) -> Answer:
    async def with_engine() -> Answer:
        engine = create_engine(_database_url(), pool_size=1)
        try:
            return await work(engine)
        finally:
            await engine.dispose()

    return asyncio.run(with_engine())


def _database_url() -> str:
    try:
        settings = load_settings()
    except SettingsProblem as problem:
        _fail(str(problem))
    if not settings.database_url:
        _fail(f"Nothing runs in {settings.data_dir}: start `make run` first, or set SOJOURN_DATABASE_URL.")
    return settings.database_url


def _good(password: str, *about: str) -> None:
    fault = fault_of(password, *about)
    if fault:
        _fail(FAULTS[fault])


def _fail(line: str) -> NoReturn:
    typer.echo(f"sojourn: {line}", err=True)
    raise typer.Exit(2)
