"""Who carries each channel now: the providers, as they are set up in the console or by the environment.

What is changed in the console is noticed within seconds, in every process, and needs no restart: a small query tells
whether anything has changed. A provider whose configuration stays the same stays, with its connections; one that was
replaced is closed when whatever it was doing is surely over.
"""

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from activities.channels.batching import Batching
from activities.channels.contract import (
    Callback,
    Capabilities,
    Closes,
    Misconfigured,
    OutgoingMessage,
    Provider,
    Receipt,
    SendsMany,
    Services,
)
from activities.channels.registry import NoSuchProvider, NotSetUp, chosen_by_settings, find_kind
from orchestrator.core.channels.registry import CHANNELS
from orchestrator.store.channels.providers import Setup, read_choices, read_setups
from orchestrator.store.secret_box import NotOurs, Seal

LOOK_EVERY = 3.0
"""Seconds until a change made elsewhere is seen at the latest."""
LET_FINISH = 60.0
"""Seconds after which nobody can be using a provider that was replaced: longer than a call may take."""

log = structlog.get_logger()


class Unusable:
    """Stands where a provider is not set up: whoever would send is told why, and nothing is lost on another way."""

    def __init__(self, name: str, carries: frozenset[str], why: str) -> None:
        self.name = name
        self.capabilities = Capabilities(channels=carries)
        self.why = why

    async def send(self, message: OutgoingMessage, key: UUID) -> Receipt:
        """Cannot."""
        raise Misconfigured(self.why)

    def parse_callback(self, headers: Mapping[str, str], body: bytes) -> tuple[Callback, ...]:
        """Nobody can prove anything to it."""
        raise ValueError(self.why)


class ActiveProviders(Mapping[str, Provider]):
    """The provider of each channel, by the channel's name."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._seal = Seal(services.settings.secret_key.get_secret_value())
        self._engine = services.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._chosen: dict[str, str] = {}
        self._made: dict[str, tuple[int, Provider]] = {}
        self._setups: dict[str, Setup] = {}
        self._leaving: set[asyncio.Task[None]] = set()

    def __getitem__(self, channel: str) -> Provider:
        return self.named(self._chosen[channel])

    def __iter__(self) -> Iterator[str]:
        return iter(self._chosen)

    def __len__(self) -> int:
        return len(self._chosen)

    def named(self, name: str) -> Provider:
        """The provider of that name, whether or not a channel is given to it now."""
        setup = self._setups.get(name)
        revision = setup.revision if setup else 0
        if name not in self._made or self._made[name][0] != revision:
            self._replace(name, revision, self._build(name, setup))
        return self._made[name][1]

    def known(self) -> Mapping[str, Provider]:
        """Every provider that is set up or carries a channel, by name."""
        return {name: self.named(name) for name in {*self._setups, *self._chosen.values()}}

    def _build(self, name: str, setup: Setup | None) -> Provider:
        try:
            kind = find_kind(name)
        except NoSuchProvider as problem:
            return Unusable(name, frozenset(CHANNELS), str(problem))
        try:
            given: dict[str, Any] = setup.opened(self._seal) if setup else {}
            made = kind.build(given, self._services)
        except (NotSetUp, NotOurs) as problem:
            log.warning("a channel's provider is not set up", provider=name, problem=str(problem))
            return Unusable(name, kind.carries, str(problem))
        return Batching(made) if isinstance(made, SendsMany) and made.capabilities.most_at_once > 1 else made

    def _replace(self, name: str, revision: int, provider: Provider) -> None:
        before = self._made.get(name)
        self._made[name] = revision, provider
        if before is not None and isinstance(before[1], Closes):
            task = asyncio.create_task(_close_later(before[1]))
            self._leaving.add(task)
            task.add_done_callback(self._leaving.discard)

    async def refresh(self) -> None:
        """Read how things are set up. Raises what the database raises, :class:`NoSuchProvider` for a wrong setting."""
        async with self._engine.connect() as db:
            setups, choices = await read_setups(db), await read_choices(db)
        # A choice that makes no sense any more stands, and whoever sends is told: the setting is not what was chosen.
        chosen = chosen_by_settings(self._services.settings)
        chosen |= {channel: name for channel, name in choices.items() if channel in chosen}
        for channel, name in chosen.items():
            if self._chosen.get(channel, name) != name:
                log.info("a channel has another provider", channel=channel, provider=name)
        self._setups, self._chosen = setups, chosen
        for name in {*chosen.values(), *self._made}:
            self.named(name)

    async def watch(self) -> None:
        """Keep up with what is changed, until cancelled. While the database is away, everything stays as it was."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            try:
                await self.refresh()
            except (DBAPIError, PoolTimeout, OSError, NoSuchProvider) as problem:
                log.warning("providers could not be read", problem=type(problem).__name__)

    async def close(self) -> None:
        """Give all connections back."""
        for task in self._leaving:
            task.cancel()
        for _, provider in self._made.values():
            if isinstance(provider, Closes):
                await provider.close()


async def _close_later(provider: Closes) -> None:
    await asyncio.sleep(LET_FINISH)
    await provider.close()
