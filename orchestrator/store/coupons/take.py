"""Taking a code out of a pool: once for each visit of a run, whoever asks how often, from however many processes.

A code that is taken bears the id of what took it. A commit that is carried out again finds its code, and of two that
are carried out at once one takes and the other, which waits for it, finds. Codes that another transaction has its hand
on are stepped over; only when no other is left are they waited for, so that ``empty`` means empty. What was taken is
never given back: somebody may have seen it.
"""

from datetime import datetime
from time import monotonic
from typing import Any

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from orchestrator.core.commands import Fact
from orchestrator.core.coupons.pool import PoolDocument, coupon_value
from orchestrator.core.zone_settings import DEFAULT_ZONE
from orchestrator.store.facts import Taker

LOOKED_EVERY, TOLD_EVERY = 60.0, 3_600.0
"""Seconds between two looks at what is left of a pool, and between two warnings."""
MOST_COUNTED = 10_000
_LOOKED: dict[str, float] = {}
"""When this process looks at a pool next."""
log = structlog.get_logger(__name__)

_FEW = text("""
select count(*) from (
    select from coupon_codes where pool_key = :pool and taken_by is null and redeemed_at is null limit :low_at
) few
""")
_ONE_AFTER_ANOTHER = text("select pg_advisory_xact_lock(hashtextextended(:key, 0))")
_TAKEN = text("select code, valid_until from coupon_codes where taken_by = :id")
_HAD = text("""
select exists (select from coupon_codes where customer_id = :customer and pool_key = :pool and taken_by <> :id)
""")
_POOL = text(f"""
select p.document, p.archived_at is not null as archived, coalesce(w.time_zone, '{DEFAULT_ZONE}') as zone,
    coalesce(c.locale, w.locale, 'ko') as locale
from coupon_pools p left join workspace w on true left join customers c on c.id = :customer
where p.key = :pool
""")
_TAKE = """
update coupon_codes set taken_by = :id, run_id = :run, taken_at = :now,
    customer_id = coalesce((select customer_id from runs where id = :run), :customer),
    journey_key = (select journey_key from runs where id = :run), valid_until = cast(:good_until as timestamptz)
where pool_key = :pool and code = (
    select code from coupon_codes
    where pool_key = :pool and taken_by is null and redeemed_at is null
    order by seq limit 1 for update {others}
)
returning code
"""
_TAKE_ANY = text(_TAKE.format(others="skip locked"))
_WAIT_FOR_ONE = text(_TAKE.format(others=""))
_LEFT = text("""
select exists (select from coupon_codes where pool_key = :pool and taken_by is null and redeemed_at is null)
""")


async def take_coupon(engine: AsyncEngine, asked: Fact, taker: Taker, now: datetime) -> dict[str, Any] | None:
    """The code that ``asked.id`` has, or now gets, as a run's variable holds it.

    None: there is no such pool, or it is archived, its last day is over, or no code is left. ``{"had": True}``: see
    :func:`~orchestrator.core.coupons.facts.coupon_fact`.
    """
    once = bool(asked.options.get("once"))
    given: dict[str, Any] = {
        "id": asked.id,
        "pool": asked.name,
        "customer": taker.customer,
        "run": taker.run,
        "now": now,
        "key": f"coupon {asked.name} {taker.customer}" if once else f"coupon {asked.id}",
    }
    async with engine.begin() as db:
        await db.execute(_ONE_AFTER_ANOTHER, given)
        found = (await db.execute(_POOL, given)).one_or_none()
        if found is None:
            return None
        pool = PoolDocument.model_validate(found.document)
        taken = (await db.execute(_TAKEN, given)).one_or_none()
        if taken is not None:
            return coupon_value(taken.code, taken.valid_until, pool, found.locale)
        if once and (await db.execute(_HAD, given)).scalar_one():
            return {"had": True}
        if taker.superseded or found.archived or pool.over(now, found.zone):
            return None
        until = pool.good_until(now, found.zone)
        code = await _free_code(db, {**given, "good_until": until})
        if code is not None:
            await _warn_if_low(db, asked.name, pool.low_at)
    return None if code is None else coupon_value(code, until, pool, found.locale)


async def _warn_if_low(db: AsyncConnection, pool: str, low_at: int) -> None:
    """A warning in the log, looked for once a minute and told once an hour, by each process."""
    now = monotonic()
    if now < _LOOKED.get(pool, 0.0):
        return
    left = (await db.execute(_FEW, {"pool": pool, "low_at": min(low_at, MOST_COUNTED)})).scalar_one()
    low = left < min(low_at, MOST_COUNTED)
    _LOOKED[pool] = now + (TOLD_EVERY if low else LOOKED_EVERY)
    if low:
        log.warning("coupons_low", pool=pool, left=left)


async def _free_code(db: AsyncConnection, given: dict[str, Any]) -> str | None:
    take = _TAKE_ANY
    while True:
        code = (await db.execute(take, given)).scalar_one_or_none()
        if code is not None:
            return str(code)
        if not (await db.execute(_LEFT, given)).scalar_one():
            return None
        take = _WAIT_FOR_ONE  # others have their hands on what is left, and may yet let go
