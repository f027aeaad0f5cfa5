"""For load balancers, orchestrators and Prometheus."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from starlette.responses import Response
from temporalio.client import Client

from api.http.problems import json_response
from api.http.resources import Resources
from orchestrator.router.counts import RoutingCounts
from orchestrator.settings import Settings

router = APIRouter(tags=["Health"])
_PATIENCE = 2.0  # seconds
_PROBE = text("select 1")


@router.get("/healthz", summary="Whether this process lives")
async def healthz() -> Response:
    """Answers as long as the process can; says nothing about what it needs."""
    return json_response({"status": "ok"})


@router.get("/readyz", summary="Whether everything it needs is there", responses={503: {"description": "Not ready."}})
async def readyz(request: Request) -> Response:
    """Asks the database, Redis and Temporal; names what does not answer within two seconds."""
    resources: Resources = request.app.state.resources
    names = ("database", "redis", "temporal")
    answers = await asyncio.gather(
        _works(_ask_database(resources)), _works(_ask_redis(resources)), _works(_ask_temporal(resources.settings))
    )
    unreachable = [name for name, works in zip(names, answers, strict=True) if not works]
    status = {"status": "unavailable" if unreachable else "ok", "unreachable": unreachable}
    return json_response(status, 503 if unreachable else 200)


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


async def _ask_database(resources: Resources) -> None:
    async with resources.engine.connect() as connection:
        await connection.execute(_PROBE)


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
