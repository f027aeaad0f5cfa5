"""What commands that work on a running installation share: its settings, an engine of their own, and how they fail."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NoReturn, TypeVar

import typer
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.settings import Settings, SettingsProblem, load_settings
from orchestrator.store.database import create_engine

Found = TypeVar("Found")


def fail(problem: str) -> NoReturn:
    """Say what is wrong and what to do about it, and end with code 2."""
    for line in problem.splitlines():
        typer.echo(f"sojourn: {line}", err=True)
    raise typer.Exit(2)


def settings_of_installation() -> Settings:
    """The settings, which name a database."""
    try:
        settings = load_settings()
    except SettingsProblem as problem:
        fail(str(problem))
    if not settings.database_url:
        fail(f"Nothing runs in {settings.data_dir}: start `make run` first, or set SOJOURN_DATABASE_URL.")
    return settings


def run_with_engine(work: Callable[[AsyncEngine, Settings], Awaitable[Found]]) -> Found:
    """Carry out some work on the installation's database."""
    settings = settings_of_installation()

    async def with_engine() -> Found:
        engine = create_engine(settings.database_url, pool_size=1)
        try:
            return await work(engine, settings)
        finally:
            await engine.dispose()

    return asyncio.run(with_engine())
