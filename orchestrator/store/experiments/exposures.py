"""Which arm of an experiment a customer has: recorded when a run of theirs first takes the step, and read from then on.

A commit that is carried out again, or by two at once, finds the record of the first. The run's row is held meanwhile,
as a merge of customers holds it: an exposure is written before the merge, which then sees it, or for who remains.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from orchestrator.core.commands import Fact
from orchestrator.core.events.ids import experiment_id
from orchestrator.core.experiments.assignment import assign
from orchestrator.store.database import dump_json
from orchestrator.store.facts import Taker

_RUN = text("""
select r.customer_id, r.journey_key, r.version, r.finished_at is null as goes_on, x.id is not null as known,
    x.allocation
from runs r left join experiments x on x.journey_key = r.journey_key and x.name = :name
where r.id = :run for share of r
""")
_STANDS = text("select arm from exposures where experiment_id = :experiment and customer_id = :customer")
_BEGIN = text("""
insert into experiments (id, journey_key, name, first_exposed_at) values (:experiment, :journey, :name, :now)
on conflict do nothing
""")
_EXPOSE = text("""
insert into exposures (experiment_id, customer_id, arm, version, step, run_id, at, weights)
values (:experiment, :customer, :arm, :version, :step, :run, :now, cast(:weights as jsonb))
on conflict do nothing returning arm
""")
_MOVE = text("""
update exposures set arm = :arm, moved_from = coalesce(moved_from, arm), version = :version, step = :step,
    run_id = :run, weights = cast(:weights as jsonb)
where experiment_id = :experiment and customer_id = :customer and arm = :gone
""")


async def take_arm(engine: AsyncEngine, asked: Fact, taker: Taker, now: datetime) -> str:
    """The arm that the customer of a run has, or now gets.

    Who has one keeps it, also where its weight is 0 by now. Of one that the step no longer has, the customer is
    assigned anew, and the record says so. A commit that counts no more, and one of a run that is over, records nothing.
    """
    weights: Mapping[str, int] = asked.options["weights"]
    async with engine.begin() as db:
        run = (await db.execute(_RUN, {"run": taker.run, "name": asked.name})).one_or_none()
        if run is None:
            return str(asked.options["arm"])
        given: dict[str, Any] = {
            "experiment": experiment_id(run.journey_key, asked.name),
            "customer": run.customer_id,
            "journey": run.journey_key,
            "name": asked.name,
            "version": run.version,
            "step": asked.options["step"],
            "run": taker.run,
            "now": now,
        }
        given |= _drawn(asked, run.customer_id, run.allocation)
        stands = (await db.execute(_STANDS, given)).scalar_one_or_none() if run.known else None
        if stands in weights:
            return str(stands)
        if taker.superseded or not run.goes_on:
            return str(given["arm"])
        if not run.known:
            await db.execute(_BEGIN, given)
        return await _expose(db, given, weights)


async def _expose(db: AsyncConnection, given: Mapping[str, Any], weights: Mapping[str, int]) -> str:
    """The arm that is recorded once this is done: one's own, or that of another run which was first."""
    arm = (await db.execute(_EXPOSE, given)).scalar_one_or_none()
    if arm is None:
        arm = (await db.execute(_STANDS, given)).scalar_one()
    if arm not in weights:
        await db.execute(_MOVE, {**given, "gone": arm})
        arm = (await db.execute(_STANDS, given)).scalar_one()
    return str(arm)


def _drawn(asked: Fact, customer: UUID, allocation: Mapping[str, int] | None) -> dict[str, Any]:
    """The arm of who comes for the first time, and the weights by which it was drawn: the step's own, unless the
    workspace has moved them since."""
    weights: Mapping[str, int] = asked.options["weights"]
    moved = {arm: (allocation or {}).get(arm, 0) for arm in weights}
    if not any(moved.values()):
        return {"arm": asked.options["arm"], "weights": dump_json(dict(weights))}
    return {"arm": assign(asked.name, str(customer), moved), "weights": dump_json(moved)}
