"""The `sojourn` command: a composition root. Every command imports what it needs when it runs, so each starts fast.

A command that lives elsewhere is one line in `ELSEWHERE`: its module is imported when the command is called.
"""

import asyncio
import importlib
import signal
from collections.abc import Awaitable, Callable
from typing import Annotated, NamedTuple, NoReturn

import typer

from orchestrator.settings import (
    Settings,
    SettingsProblem,
    is_development_key,
    load_settings,
    read_settings,
    require_addresses,
)


class CommandModule(NamedTuple):
    """A command that its own module defines: `module:attribute`, where the attribute is a `typer.Typer`."""

    target: str
    help: str


ELSEWHERE: dict[str, CommandModule] = {
    "backtest": CommandModule(
        "api.backtests.command:app", "Walk the real events of the last days through a draft, and forecast."
    ),
    "simulate": CommandModule("orchestrator.commands.journeys:simulate_app", "Walk a real event log through journeys."),
    "check": CommandModule("orchestrator.commands.journeys:check_app", "Say what is wrong with journey files."),
    "test": CommandModule("orchestrator.commands.testing.run_scenarios:app", "Play scenarios through journeys."),
    "fuzz": CommandModule("orchestrator.commands.testing.fuzz:app", "Attack journeys with made-up customers."),
    "replay": CommandModule("orchestrator.commands.testing.replay:app", "Replay histories of runs against this build."),
    "record": CommandModule("orchestrator.commands.testing.record:app", "Keep a run as a history or a scenario."),
    "pull": CommandModule("orchestrator.commands.as_code.command:pull_app", "Bring journeys and templates into files."),
    "plan": CommandModule("orchestrator.commands.as_code.command:plan_app", "Say what pushing the files would do."),
    "push": CommandModule("orchestrator.commands.as_code.command:push_app", "Save changed files as drafts."),
    "diff": CommandModule("orchestrator.commands.as_code.command:diff_app", "Compare files and workspace by line."),
    "schema": CommandModule("orchestrator.commands.journeys:schema_app", "Print the journey file's JSON Schema."),
    "import": CommandModule("api.intake.command:app", "Import events or customers from a CSV file."),
    "traits": CommandModule(
        "orchestrator.commands.traits:app", "Fit models of buying to orders, and see whether they foretell."
    ),
    "runs": CommandModule(
        "api.operations.command:app", "Runs in trouble: one or thousands tried again, skipped, ended."
    ),
    "pauses": CommandModule(
        "api.operations.pause_command:app", "Pause or resume everything, a channel, a journey or a step."
    ),
    "audit": CommandModule("api.audit.command:app", "Who changed what: export the audit log, or verify it."),
    "doctor": CommandModule("api.doctor.command:app", "Look for what is wrong with this installation, and mend it."),
    "user": CommandModule("api.accounts.command:app", "Add people to the console, or set a password."),
}

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # they print local variables, and with them customers
    help="Sojourn: customer journeys on Temporal.",
)


def fail(problem: object) -> NoReturn:
    """Say what is wrong, in as few lines as it has, and end with code 2."""
    for line in str(problem).splitlines():
        typer.echo(f"sojourn: {line}", err=True)
    raise typer.Exit(2)


def settings_or_exit() -> Settings:
    """The settings of this process, or its end with a line that says what to change."""
    try:
        return load_settings()
    except SettingsProblem as problem:
        fail(problem)
    except OSError as error:
        fail(f"cannot use the data folder ({error}): make it writable, or name another with SOJOURN_DATA_DIR.")


def connected_settings(process: str) -> Settings:
    """Settings that name a database, a Redis and a Temporal, with logging set up for this process."""
    from orchestrator import logs

    settings = settings_or_exit()
    try:
        require_addresses(settings)
    except SettingsProblem as problem:
        fail(problem)
    logs.configure(settings, process)
    return settings


def serve(process: str, main: Callable[[Settings], Awaitable[None]]) -> None:
    """Run `main` until it ends; SIGTERM and Ctrl-C cancel it, so that its `finally` and `async with` blocks tidy up."""
    settings = connected_settings(process)

    async def cancellable() -> None:
        task = asyncio.ensure_future(main(settings))
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, task.cancel)
        try:
            await task
        except asyncio.CancelledError:
            if not task.cancelled():
                raise

    with asyncio.Runner(loop_factory=event_loop()) as runner:
        runner.run(cancellable())


def event_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop's, which spares about a tenth of a worker's CPU time, where there is one (not on Windows); else None."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


@app.command("webhook-secret")
def webhook_secret() -> None:
    """Print the secret that calls of webhook steps are signed with, for whoever receives them."""
    import base64

    from activities.webhooks.signature import signing_key

    typer.echo("whsec_" + base64.b64encode(signing_key(settings_or_exit())).decode())


@app.command("identity-secret")
def identity_secret() -> None:
    """Print the secret with which a shop proves who is signed in on its pages (`userHash`)."""
    from api.intake.user_hash import identity_key

    typer.echo(identity_key(settings_or_exit()))


@app.command()
def run(
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the console in a browser, where there is one.")
    ] = True,
    apis: Annotated[int, typer.Option("--api", min=1, max=32, help="API processes, which share the port.")] = 1,
    routers: Annotated[int, typer.Option("--router", min=1, max=32, help="Routers, which share the work.")] = 1,
    workers: Annotated[int, typer.Option("--worker", min=1, max=32, help="Workers, which share the work.")] = 1,
) -> None:
    """Start everything on this machine: servers, worker, router, API and the demo shop. Ctrl-C stops it."""
    from orchestrator.stack import StackProblem
    from orchestrator.stack.supervisor import Supervisor
    from orchestrator.stack.web_browser import open_console

    def ready(settings: Settings) -> None:
        print_ready(settings)
        if browser and settings.open_browser:
            open_console(settings.public_url)

    try:
        counts = {"api": apis, "router": routers, "worker": workers}
        Supervisor(read_settings(), typer.echo, counts=counts).run(ready)
    except (StackProblem, SettingsProblem) as problem:
        fail(problem)


@app.command()
def worker() -> None:
    """Run journeys: the Temporal worker."""
    from workflows.worker import main

    serve("worker", main)


@app.command()
def router() -> None:
    """Route stored events to the runs that wait for them."""
    from orchestrator.router.serve import main

    serve("router", main)


@app.command()
def alive() -> None:
    """Whether the router or worker of this host (container) gives signs of life; exit code 1 where it does not."""
    from orchestrator.store.heartbeats import living_pids

    if not living_pids(connected_settings("alive").database_url):
        typer.echo("sojourn: no sign of life", err=True)
        raise typer.Exit(1)


@app.command()
def api() -> None:
    """Serve the API and the console."""
    from api.app import create_app, freeze_startup_objects
    from api.serving import serve as serve_api

    settings = connected_settings("api")
    app = create_app(settings)
    freeze_startup_objects()
    serve_api(app, settings)


@app.command()
def demo() -> None:
    """Load the demo shop and keep its customers moving, until stopped."""
    from api.demo.customers import main

    serve("demo", main)


@app.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    from orchestrator.store.migrate import upgrade
    from orchestrator.store.workspace import prepare_workspace

    settings = connected_settings("migrate")
    upgrade(settings.database_url)
    asyncio.run(prepare_workspace(settings))


def delegate(name: str, target: str) -> Callable[[typer.Context], None]:
    """A command that imports another Typer app when it is called, and hands everything on to it, `--help` included."""

    def call(context: typer.Context) -> None:
        module, _, attribute = target.partition(":")
        getattr(importlib.import_module(module), attribute)(args=context.args, prog_name=f"sojourn {name}")

    return call


for _name, _elsewhere in ELSEWHERE.items():
    app.command(
        _name,
        help=_elsewhere.help,
        add_help_option=False,
        context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    )(delegate(_name, _elsewhere.target))


def print_ready(settings: Settings) -> None:
    """The block that tells a newcomer where to look."""
    day = settings.day_seconds or 86400
    rows = {
        "Console and API": settings.public_url,
        "Demo shop": f"{settings.public_url}/shop" if settings.demo and not settings.is_exposed else None,
        "API reference": f"{settings.public_url}/docs",
        "Temporal UI": settings.temporal_ui,
        "Server key": _shown(settings.write_keys, "SOJOURN_WRITE_KEYS"),
        "Browser key": _shown(settings.browser_keys, "SOJOURN_BROWSER_KEYS"),
        "Admin token": _shown((settings.admin_token.get_secret_value(),), "SOJOURN_ADMIN_TOKEN"),
        "Kept in": _kept(settings),
        "Clock": "real time" if day == 86400 else f"a day passes in {day:g} s (SOJOURN_DAY_SECONDS=86400: real time)",
        "Data and logs": str(settings.data_dir),
    }
    typer.secho("\nSojourn is ready.\n", bold=True)
    for name, value in rows.items():
        if value is not None:
            typer.echo(f"  {name:<16} {value}")
    typer.echo("\nCtrl-C stops it; the data stays.\n")


def _shown(keys: tuple[str, ...], setting: str) -> str | None:
    """A key of this machine alone; of others only where they come from: what a terminal shows lands in logs."""
    if not keys:
        return None
    return keys[0] if is_development_key(keys[0]) else f"as set in {setting}"


def _kept(settings: Settings) -> str | None:
    folder = settings.data_dir / "secrets"
    return f"{folder} (server-key, browser-key, admin-token)" if settings.has_development_keys else None


if __name__ == "__main__":
    app()
