"""For load balancers, orchestrators and Prometheus."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import Response
from temporalio.client import Client

from api.http.faults import RETRY_AFTER
from api.http.problems import json_response
from api.http.resources import Resources
from orchestrator.router.counts import RoutingCounts
from orchestrator.settings import Settings
from orchestrator.store.heartbeats import living, oldest_unrouted
from orchestrator.store.intake import writer
from orchestrator.store.workspace import read_clock

router = APIRouter(tags=["Health"])
_PATIENCE = 2.0  # seconds
LONG_LAG = 30.0
"""Seconds after which the oldest event has waited too long."""


@router.get("/healthz", summary="Whether this process lives")
async def healthz() -> Response:
    """Answers as long as the process can; says nothing about what it needs."""
    return json_response({"status": "ok"})


@router.get("/readyz", summary="Whether everything it needs is there", responses={503: {"description": "Not ready."}})
async def readyz(request: Request) -> Response:
    """Asks the database, Redis and Temporal; names what does not answer within two seconds.

    The writer of this process's intake too: where it makes no progress although events wait, ``troubles`` names
    ``intake_stalled``, and others should be asked. ``degraded`` (still 200, for events are taken and nothing is lost):
    no router or no worker has shown a sign of life for ten seconds, events wait longer than they should, or a router
    cannot read a live journey.
    """
    resources: Resources = request.app.state.resources
    names = ("database", "redis", "temporal")
    processing = ProcessingHealth()
    answers = await asyncio.gather(
        _works(_ask_database(resources, processing)),
        _works(_ask_redis(resources)),
        _works(_ask_temporal(resources.settings)),
    )
    unreachable = [name for name, works in zip(names, answers, strict=True) if not works]
    troubles = [] if "database" in unreachable else processing.troubles()
    stalled_for: float = request.app.state.intake.stalled_for()
    stalled = stalled_for > writer.STALLED_AFTER
    if stalled:
        troubles.append("intake_stalled")
    away = bool(unreachable) or stalled
    status = {"status": "unavailable" if away else "degraded" if troubles else "ok", "unreachable": unreachable}
    told = {**status, **processing.as_json(), "intake_stalled_seconds": round(stalled_for, 1)}
    headers = {"Retry-After": str(RETRY_AFTER)} if away else {}
    return json_response({**told, "troubles": troubles}, 503 if away else 200, headers)


@dataclass
class ProcessingHealth:
    """What happens behind the API, where events are worked on."""

    routers: int = 0
    workers: int = 0
    lag: float = 0.0
    """Seconds, real ones, for which the oldest event has waited to be routed."""
    unreadable: tuple[str, ...] = ()

    def troubles(self) -> list[str]:
        """Codes: what an operator should look at."""
        found = {
            "no_router": not self.routers,
            "no_worker": not self.workers,
            "lag": self.lag > LONG_LAG,
            "unreadable_journeys": bool(self.unreadable),
        }
        return [code for code, holds in found.items() if holds]

    def as_json(self) -> dict[str, Any]:
        """As ``/readyz`` tells it."""
        told = {"routers": self.routers, "workers": self.workers, "lag_seconds": round(self.lag, 1)}
        return {**told, "unreadable_journeys": list(self.unreadable)}


@router.get("/metrics", summary="Metrics for Prometheus")
async def metrics(request: Request) -> Response:
    """In Prometheus' text format: this process's own, and the router's, which come by way of Redis."""
    resources: Resources = request.app.state.resources
    counts = RoutingCounts(resources.settings.redis_url)
    try:
        routing = await counts.exposition()
    finally:
        await counts.close()
    return Response(generate_latest() + routing, media_type=CONTENT_TYPE_LATEST)


async def _works(question: Awaitable[None]) -> bool:
    try:
        await asyncio.wait_for(question, _PATIENCE)
    except Exception:
        return False  # whatever went wrong, it is not ready
    return True


async def _ask_database(resources: Resources, processing: ProcessingHealth) -> None:
    async with resources.engine.connect() as connection:
        processes = await living(connection)
        since, clock = await oldest_unrouted(connection), await read_clock(connection)
    processing.routers = sum(process.kind == "router" for process in processes)
    processing.workers = sum(process.kind == "worker" for process in processes)
    told = (key for process in processes for key in process.details.get("unreadable", ()))
    processing.unreadable = tuple(sorted(set(told)))
    if since is not None:
        processing.lag = max(clock.wait(clock.now() - since).total_seconds(), 0.0)


async def _ask_redis(resources: Resources) -> None:
    await resources.redis.ping()


async def _ask_temporal(settings: Settings) -> None:
    client = await Client.connect(
        settings.temporal_address,
        namespace=settings.temporal_namespace,
        tls=settings.uses_temporal_tls,
        api_key=settings.temporal_api_key.get_secret_value() or None,
        lazy=True,
    )
    await client.service_client.check_health(timeout=timedelta(seconds=_PATIENCE))
