"""Which experiments there are, running and past: from the published versions, and from who was exposed."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from orchestrator.core.events.ids import experiment_id
from orchestrator.core.experiments.metrics import Metric
from orchestrator.core.steps.experiment import Experiment

# The newest version that has a step of this name tells what it is; it runs where customers enter that version.
_KNOWN = text("""
select distinct on (v.journey_key, step -> 'settings' ->> 'experiment')
    v.journey_key, j.name as journey_name, step -> 'settings' ->> 'experiment' as name, step, v.version,
    v.version = j.live_version and j.status in ('live', 'paused', 'closed') as running,
    v.document -> 'goals' as goals, v.document -> 'steps' as steps, x.first_exposed_at, x.learned, x.learned_at,
    x.learned_by, x.decided_at, x.decision, x.allocation, x.allocated_at
from journey_versions v join journeys j on j.key = v.journey_key
cross join jsonb_array_elements(v.document -> 'steps') as step
left join experiments x on x.journey_key = v.journey_key and x.name = step -> 'settings' ->> 'experiment'
where step ->> 'kind' = :kind and (cast(:journey as text) is null or v.journey_key = :journey)
order by v.journey_key, step -> 'settings' ->> 'experiment', v.version desc
""")
_EXPOSED = text("""
select experiment_id, arm, weights, count(*) as people, min(at) as first, max(at) as last,
    count(*) filter (where crossed or moved_from is not null) as left_out
from exposures where cast(:experiment as uuid) is null or experiment_id = :experiment
group by experiment_id, arm, weights
""")
_LEARN = text("""
insert into experiments (id, journey_key, name, first_exposed_at, learned, learned_at, learned_by)
values (:id, :journey, :name, :now, :learned, now(), :by)
on conflict (id) do update set learned = excluded.learned, learned_at = excluded.learned_at,
    learned_by = excluded.learned_by
""")


@dataclass(frozen=True)
class Exposed:
    """Customers of an arm who came while the arms had these weights. ``left_out``: of two arms, or moved."""

    arm: str
    weights: Mapping[str, int]
    people: int
    first: datetime
    last: datetime
    left_out: int


@dataclass(frozen=True)
class KnownExperiment:
    """An experiment as its newest version has it, and what was kept of it."""

    id: UUID
    journey: str
    journey_name: Mapping[str, str]
    version: int
    step: Experiment
    running: bool
    goals: Mapping[str, Mapping[str, str]]
    """The journey's goals, by id: what they are called, by language."""
    began: datetime | None
    learned: str
    learned_at: datetime | None
    learned_by: str | None
    decided_at: datetime | None
    decision: Mapping[str, Any] | None
    allocation: Mapping[str, int] | None
    allocated_at: datetime | None = None
    exposed: Sequence[Exposed] = ()

    @property
    def name(self) -> str:
        """The step's own name of it."""
        return self.step.settings.experiment

    @property
    def arms(self) -> tuple[str, ...]:
        """In the order of the step; those that are no more come last."""
        own = [variant.port for variant in self.step.settings.variants]
        return (*own, *sorted({one.arm for one in self.exposed} - {*own}))

    @property
    def people(self) -> int:
        """Everybody who was exposed."""
        return sum(one.people for one in self.exposed)

    @property
    def left_out(self) -> int:
        """Those of them who are in no figure: of two arms, moved, or without a choice."""
        return sum(one.people if not _is_choice(one.weights) else one.left_out for one in self.exposed)

    @property
    def shares(self) -> dict[str, float]:
        """How many customers each arm should have by the weights at which they came."""
        found = dict.fromkeys(self.arms, 0.0)
        for one in self.exposed:
            whole = sum(one.weights.values())
            if _is_choice(one.weights):
                for arm, weight in one.weights.items():
                    found[arm] = found.get(arm, 0.0) + (one.people - one.left_out) * weight / whole
        return found

    @property
    def weights_changed(self) -> bool:
        """Whether customers came by different weights."""
        return len({tuple(sorted(one.weights.items())) for one in self.exposed if _is_choice(one.weights)}) > 1

    @property
    def metric(self) -> Metric | None:
        """What its step measures it by; None: a goal, and the journey has none."""
        settings = self.step.settings
        name = settings.metric_name.strip()
        if settings.metric == "goal":
            name = name or next(iter(self.goals), "")
            if not name:
                return None
        elif settings.metric != "event":
            name = ""
        return Metric(settings.metric, name, timedelta(days=settings.within_days))


def _is_choice(weights: Mapping[str, int]) -> bool:
    return sum(weight > 0 for weight in weights.values()) > 1


async def list_experiments(engine: AsyncEngine, journey: str | None = None) -> list[KnownExperiment]:
    """Every experiment that was ever published; those that run first, then by when they began, newest first."""
    async with engine.connect() as db:
        found = await _known(db, journey)
        exposed = await _exposed(db, None)
    whole = [_with(one, exposed.get(one.id, ())) for one in found]
    return sorted(whole, key=lambda one: (not one.running, -(one.began.timestamp() if one.began else 0), one.name))


async def load_experiment(engine: AsyncEngine, identity: UUID) -> KnownExperiment | None:
    """One of them; None: there is no such experiment."""
    async with engine.connect() as db:
        found = next((one for one in await _known(db, None) if one.id == identity), None)
        return None if found is None else _with(found, (await _exposed(db, identity)).get(identity, ()))


async def learn(engine: AsyncEngine, known: KnownExperiment, learned: str, by: str, now: datetime) -> None:
    """Keep what people learned from it, in their words."""
    given = {"id": known.id, "journey": known.journey, "name": known.name, "now": known.began or now}
    async with engine.begin() as db:
        await db.execute(_LEARN, {**given, "learned": learned, "by": by})


def _with(known: KnownExperiment, exposed: Sequence[Exposed]) -> KnownExperiment:
    began = min((one.first for one in exposed), default=None)
    return KnownExperiment(**{**known.__dict__, "exposed": tuple(exposed), "began": began})


async def _exposed(db: AsyncConnection, experiment: UUID | None) -> dict[UUID, list[Exposed]]:
    found: dict[UUID, list[Exposed]] = defaultdict(list)
    for row in await db.execute(_EXPOSED, {"experiment": experiment}):
        found[row.experiment_id].append(Exposed(row.arm, row.weights, row.people, row.first, row.last, row.left_out))
    return found


async def _known(db: AsyncConnection, journey: str | None) -> list[KnownExperiment]:
    rows = await db.execute(_KNOWN, {"kind": "experiment", "journey": journey})
    found = []
    for row in rows:
        try:
            step = Experiment.model_validate(row.step)
        except ValidationError:  # of another build's settings
            continue
        found.append(
            KnownExperiment(
                id=experiment_id(row.journey_key, row.name),
                journey=row.journey_key,
                journey_name=row.journey_name,
                version=row.version,
                step=step,
                running=row.running,
                goals=_goals(row.goals or [], row.steps or []),
                began=row.first_exposed_at,
                learned=row.learned or "",
                learned_at=row.learned_at,
                learned_by=row.learned_by,
                decided_at=row.decided_at,
                decision=row.decision,
                allocation=row.allocation,
                allocated_at=row.allocated_at,
            )
        )
    return found


def _goals(rules: Sequence[Mapping[str, Any]], steps: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, str]]:
    """The journey's goals and those of its goal steps."""
    found = {str(rule["id"]): rule.get("label") or {} for rule in rules if rule.get("id")}
    for step in steps:
        if step.get("kind") == "goal":
            found.setdefault(str(step.get("settings", {}).get("goal", "")), step.get("label") or {})
    return found
