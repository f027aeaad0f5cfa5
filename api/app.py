"""The web application: every router, and what they share. A new part of the API is one name in ``ROUTERS``."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache

import psycopg
from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from redis.asyncio import Redis
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from activities.http.link_check import link_client
from api import console, public
from api.accounts import routes as me
from api.audit import routes as audit
from api.audit.recorder import AuditRecorder
from api.backtests import routes as backtests
from api.backtests.runner import BacktestRunner
from api.bounded_work.pool import BoundedWork
from api.broadcasts import routes as broadcasts
from api.channels import callbacks, onsite
from api.coupons import routes as coupons
from api.customers import activity as activity_lists
from api.customers import merges
from api.customers import merging as customer_merging
from api.customers import profile as customer_profile
from api.customers import routes as customers
from api.demo import routes as shop
from api.erasures import routes as erasures
from api.erasures.erasing import Erasing
from api.experiments import routes as experiments
from api.http import health
from api.http.faults import problem_of_fault
from api.http.front_door import FrontDoor
from api.http.problems import ApiProblem, language
from api.http.resources import Resources
from api.imports import routes as imports
from api.imports.runner import ImportRunner
from api.intake import routes as intake
from api.intake.door import IntakeDoor, problem_response
from api.intake.key_limits import KeyLimits
from api.intake.overload import Admission
from api.intake.write_keys import WriteKeys, keys_of
from api.journeys import drawing as journey_drawing
from api.journeys import ending as journey_ending
from api.journeys import gallery, live, performance, step_types
from api.journeys import parse as journey_reading
from api.journeys import review as journey_review
from api.journeys import routes as journeys
from api.journeys import versions as journey_versions
from api.journeys.entering import by_list as journey_lists
from api.journeys.entering import by_request as journey_entering
from api.media import routes as media
from api.media import served as media_files
from api.operations import move_routes, pause_routes
from api.operations import routes as operations
from api.preflight import routes as preflight
from api.preflight.link_checks import LinkChecks
from api.previews import attack, recorded, test_run
from api.previews import routes as previews
from api.public import survey as survey_page
from api.runs import routes as run_acts
from api.runs.connection import RunsConnection
from api.search import routes as search
from api.secrets import routes as secrets
from api.segments import routes as segments
from api.surveys import routes as complaints
from api.teamwork import approvals, comments, presence
from api.templates import previews as template_previews
from api.templates import routes as templates
from api.templates import step_test
from api.traits import routes as traits
from orchestrator.core.journey.schema_errors import sentence_of
from orchestrator.settings import Settings
from orchestrator.store.database import create_engine, session_factory
from orchestrator.store.heartbeats import Heartbeat
from orchestrator.store.intake.writer import IntakeWriter

ROUTERS: list[APIRouter] = [
    intake.router,
    onsite.router,
    journeys.router,
    journey_entering.router,
    journey_lists.router,
    journey_ending.router,
    journey_drawing.router,
    journey_versions.router,
    journey_review.router,
    journey_reading.router,
    step_types.router,
    coupons.router,
    segments.router,
    secrets.router,
    traits.router,
    experiments.router,
    media.router,
    media.uploads,
    media_files.router,
    preflight.router,
    customers.router,
    customers.exports,
    customer_profile.router,
    customer_merging.router,
    erasures.router,
    imports.router,
    imports.uploads,
    merges.router,
    complaints.router,
    activity_lists.router,
    test_run.router,
    attack.router,
    backtests.router,
    live.router,
    performance.router,
    comments.router,
    approvals.router,
    presence.router,
    run_acts.router,
    operations.router,
    broadcasts.router,
    broadcasts.named,
    move_routes.router,
    pause_routes.router,
    audit.router,
    callbacks.router,
    previews.router,
    recorded.router,
    gallery.router,
    templates.router,
    template_previews.router,
    step_test.router,
    search.router,
    me.router,
    health.router,
    shop.router,
    survey_page.router,
    public.router,
    console.router,
]

_DESCRIPTION = """
Customer journeys on Temporal.

**Intake** speaks Segment's HTTP tracking specification: point an official client library at this host and use a write
key. The **admin API** under `/api` takes a bearer token. Lists are paged: pass a page's `next` as `cursor`.

Every problem is `application/problem+json` (RFC 9457) with `code`, `field` and `parameters`; its `detail` is Korean or
English, by `Accept-Language`.
"""


class IntakeCors:
    """Lets browsers of every origin send events, and nothing else: the admin API is not for other people's pages."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._open = CORSMiddleware(
            app, allow_origins=["*"], allow_methods=["POST"], allow_headers=["*"], max_age=86_400
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Chooses by path."""
        is_intake = scope["type"] == "http" and scope["path"].startswith("/v1/")
        await (self._open if is_intake else self._app)(scope, receive, send)


@cache
def _routes() -> list[BaseRoute]:
    """Every route, worked out once a process. FastAPI does it for each application, at its first request, which takes
    half a second: nothing to a server, and a quarter of what the tests take."""
    all_parts = APIRouter()
    for part in ROUTERS:
        all_parts.include_router(part)
    return all_parts.routes


def create_app(settings: Settings) -> FastAPI:
    """The API of one process. The database must be migrated; it may be out of reach for now."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        engine = create_engine(
            settings.database_url, application="sojourn api", patience=4.0, longest_statement=20.0, connect=3
        )
        redis = Redis.from_url(settings.redis_url, socket_timeout=2.0, socket_connect_timeout=2.0)
        writer = IntakeWriter(settings.database_url, most_waiting=settings.intake_queue)
        bulk = IntakeWriter(settings.database_url, most_waiting=settings.intake_queue)
        await asyncio.gather(writer.start(), bulk.start())
        # Closed below by these names: an application that is served twice at once has two of each.
        resources = Resources(settings, engine, session_factory(engine), redis)
        called, bounded = callbacks.Callbacks(resources), BoundedWork()
        backtests, imports = BacktestRunner(resources, bounded), ImportRunner(engine, bulk, settings)
        links, connection = LinkChecks(redis, link_client(settings.outgoing_allow)), RunsConnection(resources)
        erasing = Erasing(resources, connection)
        keys = WriteKeys(keys_of(settings), engine, KeyLimits(redis))
        admission = Admission(most_requests=settings.intake_requests)
        app.state.resources, app.state.callbacks, app.state.runs_connection = resources, called, connection
        app.state.intake = intake.Intake(settings, keys, writer, admission, bulk)
        app.state.bounded_work, app.state.backtests, app.state.imports = bounded, backtests, imports
        app.state.link_checks, app.state.erasing = links, erasing
        # Of several that share a port each has to be told from the others; one alone is asked (``/healthz``).
        signs = asyncio.create_task(Heartbeat(engine, "api").keep()) if settings.share_port else None
        try:
            yield
        finally:
            if signs is not None:
                signs.cancel()
                await asyncio.gather(signs, return_exceptions=True)
            await backtests.close()
            await asyncio.to_thread(bounded.close)
            await links.close()
            await imports.close()
            await erasing.close()
            await keys.close()
            admission.close()
            await asyncio.gather(writer.close(), bulk.close())
            await called.active_providers.close()
            await redis.aclose()
            await engine.dispose()

    app = FastAPI(title="Sojourn", version="1", description=_DESCRIPTION, lifespan=lifespan, redoc_url=None)
    app.add_middleware(AuditRecorder)
    app.add_middleware(IntakeCors)
    app.add_middleware(IntakeDoor)
    app.add_middleware(FrontDoor, settings=settings)
    app.router.routes.extend(_routes())
    _answer_problems_in_one_shape(app)
    return app


def freeze_startup_objects() -> None:
    """For a process that only serves, once it has started: what start-up made stays for good and need not be looked at.

    An event makes a dozen objects and no cycles. With Python's defaults, looking through all others for cycles took a
    third of intake's CPU time (70 µs against 48 µs an event, in batches of 100).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _answer_problems_in_one_shape(app: FastAPI) -> None:
    @app.exception_handler(ApiProblem)
    async def own(request: Request, problem: ApiProblem) -> Response:
        intakes = request.url.path.startswith("/v1/")
        return problem_response(request, problem) if intakes else problem.response(language(request))

    @app.exception_handler(RequestValidationError)
    async def parameters(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"][1:])
        return ApiProblem("invalid_parameter", field, reason=sentence_of(first)).response(language(request))

    @app.exception_handler(HTTPException)
    async def from_the_framework(request: Request, error: HTTPException) -> Response:
        if error.status_code == 404 and console.wants_page(request):
            return await console.page_not_found(request)
        match error.status_code:
            case 404 | 405 as status:
                problem = ApiProblem("not_found" if status == 404 else "method_not_allowed")
            case status if status < 500:
                problem = ApiProblem("invalid_parameter", "", reason=error.detail)
            case _:
                problem = ApiProblem("internal")
        problem.headers = dict(error.headers or {})
        return problem.response(language(request))

    for away in (DBAPIError, PoolTimeout, psycopg.Error):

        @app.exception_handler(away)
        async def store(request: Request, error: Exception) -> Response:
            return problem_of_fault(request, error).response(language(request))

    @app.exception_handler(ClientDisconnect)
    async def gone(request: Request, error: ClientDisconnect) -> Response:
        return Response(status_code=499)  # nobody reads it; a client that gives up in mid-request is no fault of ours

    @app.exception_handler(Exception)
    async def unforeseen(request: Request, error: Exception) -> Response:
        return problem_of_fault(request, error).response(language(request))
