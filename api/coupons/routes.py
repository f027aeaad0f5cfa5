"""Coupon pools over HTTP: what they promise, their codes, and that a code was used."""

import re
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from api.coupons.schemas import (
    CodeList,
    CodesRequest,
    NewPool,
    PoolBody,
    PoolList,
    RedemptionRequest,
    RedemptionResponse,
    ReportBody,
    UploadBody,
    code_body,
    part_body,
    pool_body,
    upload_body,
)
from api.http.access import Require, actor_of
from api.http.body import parse_json, read_body
from api.http.lists import REFUSALS, resources_of
from api.http.problems import ApiProblem, json_response, language
from api.preflight.pool_checks import check_pool_change, refusal_of
from orchestrator.core.coupons.pool import POOL_KEY, PoolDocument, read_pool, too_guessable
from orchestrator.core.journey.schema_errors import FORMS
from orchestrator.core.keys import key_from_names
from orchestrator.store.coupons import codes, pools
from orchestrator.store.coupons.redeem import Order, record_redemptions, redeem, redeemed_before
from orchestrator.store.workspace import clock_of, load_workspace, zone_of

router = APIRouter(prefix="/api", tags=["Coupons"], dependencies=[Depends(Require("read"))], responses=REFUSALS)

Key = Annotated[str, Path(max_length=63, description="A pool's key.")]
Overriding = Annotated[bool, Query(description="Although a check of a live journey says stop (`checks_stop`).")]
Draw = Depends(Require("draw"))
MOST_UPLOADED = 16 * 1024 * 1024
"""Bytes of one upload: 100,000 lines with some columns beside the code."""
_TEXT_BODY = {"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}}
_POOL_BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}}


async def moment(request: Request) -> tuple[datetime, str]:
    """Journey time, and the workspace's zone."""
    resources = resources_of(request)
    async with resources.sessions() as session:
        workspace = await load_workspace(session)
    return clock_of(workspace).now(), zone_of(workspace, resources.settings)


async def known_pool(request: Request, key: str) -> pools.Pool:
    """The pool, or a problem."""
    found = await pools.load_pool(resources_of(request).engine, key)
    if found is None:
        raise ApiProblem("unknown_pool", "key", key=key)
    return found


def valid_pool(request: Request, given: Any) -> PoolDocument:
    """The pool that a body describes, or a problem that names the first field that is wrong, and lists all."""
    if not isinstance(given, dict):
        raise ApiProblem("wrong_type", "pool", expected="object")
    pool, problems = read_pool(given)
    if pool is None:
        locale = language(request)
        found = ApiProblem("invalid_parameter", problems[0].field, reason=problems[0].text.to(locale).rstrip("."))
        found.more["problems"] = [{"field": one.field, "message": one.text.to(locale)} for one in problems]
        raise found
    return pool


@router.get("/coupons", summary="List coupon pools", response_model=PoolList)
async def list_all(request: Request) -> Response:
    """Every pool with its stock; those in use first."""
    now, time_zone = await moment(request)
    found = await pools.list_pools(resources_of(request).engine)
    return json_response({"items": [pool_body(pool, now, time_zone) for pool in found]})


@router.post(
    "/coupons",
    summary="Create a coupon pool",
    response_model=PoolBody,
    status_code=201,
    dependencies=[Draw],
    openapi_extra={
        "requestBody": {"required": True, "content": {"application/json": {"schema": NewPool.model_json_schema()}}}
    },
)
async def create(request: Request) -> Response:
    """A pool without codes: they are uploaded, or generated."""
    given = parse_json(await read_body(request))
    key = given.get("key") if isinstance(given, dict) else None
    if key is not None and (not isinstance(key, str) or not re.fullmatch(POOL_KEY, key)):
        raise ApiProblem("invalid_parameter", "key", reason=FORMS[POOL_KEY])
    document = valid_pool(request, given.get("pool") if isinstance(given, dict) else None)
    key = key or key_from_names(document.name, "pool")
    now, time_zone = await moment(request)
    try:
        await pools.create_pool(resources_of(request).engine, key, document, now, actor_of(request).name)
    except pools.PoolExists:
        raise ApiProblem("pool_exists", "key", key=key) from None
    return json_response(pool_body(await known_pool(request, key), now, time_zone), 201)


@router.get("/coupons/{key}", summary="Get a coupon pool", response_model=PoolBody)
async def one(request: Request, key: Key) -> Response:
    """A pool with its stock."""
    return json_response(pool_body(await known_pool(request, key), *await moment(request)))


@router.put(
    "/coupons/{key}",
    summary="Change a coupon pool",
    response_model=PoolBody,
    dependencies=[Draw],
    openapi_extra=_POOL_BODY,
)
async def change(request: Request, key: Key, override: Overriding = False) -> Response:
    """Holds for codes that are taken from now on; those that were taken keep their last day.

    Refused where live journeys would tell codes that are good no more when their last message goes out.
    """
    known = await known_pool(request, key)
    document = valid_pool(request, parse_json(await read_body(request)))
    stops = await check_pool_change(resources_of(request), known, document=document)
    if stops and not override:
        raise refusal_of(stops)
    now, time_zone = await moment(request)
    await pools.change_pool(resources_of(request).engine, key, document, now, actor_of(request).name)
    return json_response(pool_body(await known_pool(request, key), now, time_zone))


@router.post("/coupons/{key}/archive", summary="Archive a coupon pool", response_model=PoolBody, dependencies=[Draw])
async def archive(request: Request, key: Key, override: Overriding = False) -> Response:
    """It gives no codes any more; those it gave stay good. Refused while live journeys give codes of it."""
    stops = await check_pool_change(resources_of(request), await known_pool(request, key), archived=True)
    if stops and not override:
        raise refusal_of(stops)
    return await _archived(request, key, True)


@router.post("/coupons/{key}/restore", summary="Restore a coupon pool", response_model=PoolBody, dependencies=[Draw])
async def restore(request: Request, key: Key) -> Response:
    """Takes an archived pool back into use."""
    return await _archived(request, key, False)


async def _archived(request: Request, key: str, archived: bool) -> Response:
    await known_pool(request, key)
    now, time_zone = await moment(request)
    await pools.archive_pool(resources_of(request).engine, key, archived, now, actor_of(request).name)
    return json_response(pool_body(await known_pool(request, key), now, time_zone))


@router.post(
    "/coupons/{key}/codes",
    summary="Upload codes",
    response_model=UploadBody,
    dependencies=[Draw],
    openapi_extra=_TEXT_BODY,
)
async def upload(request: Request, key: Key) -> Response:
    """One code a line, or the first column of a CSV file, in UTF-8; 100,000 at most.

    What is there already is left out and told by its line, so an upload that broke off can be sent again as it is.
    """
    await known_pool(request, key)
    done = await codes.upload_codes(resources_of(request).engine, key, lines_of(request))
    return json_response(upload_body(done, language(request)))


async def lines_of(request: Request) -> AsyncIterator[str]:
    """The body's lines, as they arrive; what is no UTF-8 is marked with U+FFFD, which no code has."""
    rest, size = b"", 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MOST_UPLOADED:
            raise ApiProblem("body_too_large", limit=MOST_UPLOADED)
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield line.decode("utf-8", "replace")
        if len(rest) > 10_000:
            raise ApiProblem("too_long", "line", limit=10_000)
    if rest:
        yield rest.decode("utf-8", "replace")


@router.post("/coupons/{key}/codes/generate", summary="Generate codes", response_model=PoolBody, dependencies=[Draw])
async def generate(request: Request, key: Key, wanted: CodesRequest) -> Response:
    """Makes codes of the pool's pattern, with a cryptographic source of randomness."""
    pool = await known_pool(request, key)
    pattern, number = pool.document.pattern, wanted.number
    if pool.stock.total + number > pattern.most_codes():
        reason = too_guessable(pattern, pool.stock.total + number).to(language(request))
        raise ApiProblem("invalid_parameter", "number", reason=reason.rstrip("."))
    await codes.generate_codes(resources_of(request).engine, key, pattern, number)
    return json_response(pool_body(await known_pool(request, key), *await moment(request)))


@router.get("/coupons/{key}/codes", summary="List codes", response_model=CodeList)
async def list_some(
    request: Request,
    key: Key,
    state: Literal["free", "taken", "redeemed"] = "taken",
    code: Annotated[str, Query(max_length=64, description="One code, exactly.")] = "",
    before: Annotated[str, Query(max_length=100, description="`next` of the page before.")] = "",
) -> Response:
    """Codes of a pool in a state: the free ones in the order in which they are taken, others the newest first."""
    await known_pool(request, key)
    engine = resources_of(request).engine
    if code:
        found = [row for row in await codes.find_codes(engine, [code.strip()]) if row.pool_key == key]
        return json_response({"items": [code_body(row) for row in found], "next": None})
    page = await codes.list_codes(engine, key, state, before or None)
    return json_response({"items": [code_body(row) for row in page.rows], "next": page.next})


@router.get("/coupons/{key}/report", summary="Report on a coupon pool", response_model=ReportBody)
async def report(request: Request, key: Key) -> Response:
    """Taken, redeemed and revenue, by journey."""
    pool = await known_pool(request, key)
    parts = await pools.pool_report(resources_of(request).engine, key)
    return json_response({"stock": vars(pool.stock), "journeys": [part_body(part) for part in parts]})


@router.post(
    "/coupon-redemptions",
    summary="Redeem a code",
    response_model=RedemptionResponse,
    dependencies=[Depends(Require("operate", "draw"))],
)
async def redemption(request: Request, asked: RedemptionRequest) -> Response:
    """A customer used a code. Counted once: told again, the answer is `redeemed_before`.

    Shops that send `Order Completed` with the code in its property `coupon` need not call this.
    """
    now, _ = await moment(request)
    at = asked.at if asked.at is not None and asked.at.tzinfo is not None and asked.at < now else now
    order = Order(at, asked.order or "api", asked.revenue, asked.currency)
    async with resources_of(request).engine.begin() as db:
        found = await redeem(db, [asked.code.strip()], order)
        await record_redemptions(db, found, order, None)
        known = True if found else await redeemed_before(db, [asked.code.strip()])
    if known is None:
        raise ApiProblem("unknown_code", "code")
    return json_response({"outcome": "redeemed" if found else "redeemed_before"})
