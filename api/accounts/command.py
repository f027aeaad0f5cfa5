"""``sojourn user``: accounts from the server's own command line, for who is locked out."""

from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncEngine

from api.accounts.passwords import fault_of, hash_password
from api.command_line import fail, run_with_engine
from orchestrator.core.channels.email_address import is_email
from orchestrator.core.roles import Role
from orchestrator.settings import Settings
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
from orchestrator.store.audit.chain import COMMAND, Change, record_alone

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # they print local variables, and with them passwords
    help="People who may use the console. Passwords are asked for, or read from the standard input.",
)

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
        fail("this is not an e-mail address: check it.")
    _good(password, email, name)

    async def work(engine: AsyncEngine, _: Settings) -> None:
        called, hashed = name or email.partition("@")[0], await hash_password(password)
        if role == "admin" and not await has_accounts(engine):
            await create_first_admin(engine, email=email, name=called, password=hashed)
        else:
            await create_account(engine, email=email, name=called, role=role, password=hashed)
        await record_alone(engine, COMMAND, Change("person.added", called, {}, {"role": role}))

    try:
        run_with_engine(work)
    except EmailTaken:
        fail("somebody has this address already: use `sojourn user password` to set another password.")
    except LastAdmin:
        fail("the first one must be an admin: add one first.")
    typer.echo("Added.")


@app.command()
def password(email: Email, password: Password) -> None:
    """Set somebody's password, let them in again, and end their sessions."""
    _good(password, email)

    async def work(engine: AsyncEngine, _: Settings) -> bool:
        found = await find_account(engine, email=email)
        if found is None:
            return False
        await set_password(engine, found.id, await hash_password(password))
        await set_disabled(engine, found.id, False)
        await record_alone(engine, COMMAND, Change("person.password_changed", found.name))
        return True

    if not run_with_engine(work):
        fail("nobody has this address: `sojourn user list` shows who is there.")
    typer.echo("The password is set.")


@app.command(name="list")
def everybody() -> None:
    """Show who is there."""
    for one in run_with_engine(lambda engine, _: list_accounts(engine)):
        state = "shut out" if one.disabled_at else "" if one.password else "invited"
        typer.echo(f"{one.email}\t{one.role}\t{one.name}\t{state}".rstrip())


def _good(password: str, *about: str) -> None:
    fault = fault_of(password, *about)
    if fault:
        fail(FAULTS[fault])
