"""Connecting to Temporal, with the data converter that every client and worker shares."""

import asyncio
from typing import Protocol

import structlog
from pydantic import SecretStr
from temporalio.client import Client

from workflows.payloads import data_converter

log = structlog.get_logger()


class PlanSource(Protocol):
    """Where plans are kept: :class:`orchestrator.store.journeys.plans.Plans`."""

    async def load(self, digest: str) -> bytes: ...

    async def save(self, digest: str, body: bytes) -> None: ...


class ServerSettings(Protocol):
    """The settings that say where Temporal is."""

    @property
    def temporal_address(self) -> str: ...

    @property
    def temporal_namespace(self) -> str: ...

    @property
    def uses_temporal_tls(self) -> bool: ...

    @property
    def temporal_api_key(self) -> SecretStr: ...


async def connect(settings: ServerSettings, plans: PlanSource, attempts: int = 60) -> Client:
    """A client. A server that is still starting is waited for, a second between attempts."""
    key = settings.temporal_api_key.get_secret_value() or None
    for attempt in range(attempts):
        try:
            return await Client.connect(
                settings.temporal_address,
                namespace=settings.temporal_namespace,
                data_converter=data_converter(plans.load, plans.save),
                tls=settings.uses_temporal_tls,
                api_key=key,
            )
        except RuntimeError:
            if attempt + 1 == attempts:
                raise
            log.warning("waiting for Temporal", address=settings.temporal_address)
            await asyncio.sleep(1)
    raise AssertionError("unreachable")
