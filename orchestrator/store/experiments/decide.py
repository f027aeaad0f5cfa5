"""An experiment that its rule ends: a new version of its journey in which everybody new gets the winner.

By the same door as a publisher goes, in one transaction with the record that it is decided and an entry of the audit
log: once. What is published is the live version with other weights. A draft that is as the live version was goes
along; one that somebody is editing stays as it is, with the weights of before.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col

from orchestrator.core.experiments.rules import Judgement, WinnerRule
from orchestrator.store.audit.chain import SYSTEM, Change, record
from orchestrator.store.database import dump_json, session_factory
from orchestrator.store.experiments.library import KnownExperiment
from orchestrator.store.experiments.report import Report
from orchestrator.store.journeys.publish import lock_publishing, publish_document
from orchestrator.store.tables.journeys import Journey, JourneyVersion

_DECIDE = text("""
update experiments set decided_at = now(), decision = cast(:decision as jsonb), allocation = null
where id = :id and decided_at is null returning id
""")
_KEEP = text("update experiments set decision = cast(:decision as jsonb) where id = :id")
_ALLOCATE = text("""
update experiments set allocation = cast(:weights as jsonb), allocated_at = now()
where id = :id and decided_at is null and allocation is distinct from cast(:weights as jsonb) returning id
""")


@dataclass(frozen=True)
class Decided:
    """What was done. ``version``: the journey's new one; None: its weights stay. ``draft``: whether the draft has them
    too; what cannot be published any more (``problems``) leaves the weights as they are."""

    version: int | None
    draft: bool
    problems: tuple[str, ...] = ()


async def decide(
    engine: AsyncEngine, known: KnownExperiment, rule: WinnerRule, judgement: Judgement, report: Report, now: datetime
) -> Decided | None:
    """Carry out what a rule says of an experiment; None: it is decided already, or runs no more."""
    figures = {
        "rule": {name: value for name, value in asdict(rule).items() if value is not None},
        "because": str(judgement.because),
        "arms": [
            {"arm": one.arm, "exposed": one.exposed, "mean": one.mean, "best": one.chance and one.chance.best}
            for one in report.figures[0].analysis.arms
        ],
    }
    async with session_factory(engine).begin() as session:
        await lock_publishing(session)
        decision = {"decision": str(judgement.decision), "arm": judgement.arm}
        if (await session.execute(_DECIDE, {"id": known.id, "decision": dump_json(decision)})).first() is None:
            return None
        done = Decided(None, False)
        if judgement.arm is not None:
            query = select(Journey).where(col(Journey.key) == known.journey).with_for_update()
            journey = (await session.execute(query)).scalar_one()
            if journey.live_version != known.version:
                await session.rollback()  # somebody has published meanwhile: look again in an hour
                return None
            done = await _give_all(session, journey, known, judgement.arm, now)
        whole = {**decision, **asdict(done), **figures}
        await session.execute(_KEEP, {"id": known.id, "decision": dump_json(whole)})
        before = {arm.port: arm.weight for arm in known.step.settings.variants}
        after = {**decision, "version": done.version, "draft": done.draft, **figures}
        change = Change("experiment.decided", f"{known.journey} {known.name}", {"weights": before}, after)
        await record(session, SYSTEM, change)
    return done


async def allocate(engine: AsyncEngine, known: KnownExperiment, weights: Mapping[str, int], now: datetime) -> bool:
    """New customers go by these weights from now on, without a new version; whether that is a change."""
    async with session_factory(engine).begin() as session:
        given = {"id": known.id, "weights": dump_json(dict(weights))}
        if (await session.execute(_ALLOCATE, given)).first() is None:
            return False
        before = known.allocation or {arm.port: arm.weight for arm in known.step.settings.variants}
        subject = f"{known.journey} {known.name}"
        change = Change("experiment.allocated", subject, {"weights": dict(before)}, {"weights": dict(weights)})
        await record(session, SYSTEM, change)
    return True


async def _give_all(session: Any, journey: Journey, known: KnownExperiment, winner: str, now: datetime) -> Decided:
    version = await session.get(JourneyVersion, (journey.key, journey.live_version))
    document = reweighted(version.document, known.name, winner)
    goes_along = journey.draft == version.document
    published = await publish_document(session, journey, document, now, SYSTEM.who, version.approved_by)
    if published.version is None:
        return Decided(None, False, tuple(one.code for one in published.problems))
    if goes_along:
        journey.draft, journey.revision = document, journey.revision + 1
        journey.edited_by, journey.edited_by_id, journey.edited_at = SYSTEM.who, None, now
        await session.flush()
    return Decided(published.version, goes_along)


def reweighted(document: Mapping[str, Any], experiment: str, winner: str) -> dict[str, Any]:
    """A journey's file in which the winner of an experiment has all the weight."""
    steps = [
        {**step, "settings": {**step["settings"], "variants": _weights(step["settings"]["variants"], winner)}}
        if step.get("kind") == "experiment" and step["settings"].get("experiment") == experiment
        else step
        for step in document["steps"]
    ]
    return {**document, "steps": steps}


def _weights(variants: list[dict[str, Any]], winner: str) -> list[dict[str, Any]]:
    return [{**one, "weight": 100 if one.get("port") == winner else 0} for one in variants]
