"""Which runs an operation is for: how many, who for example, at which steps; and the list, once it is frozen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from orchestrator.core.run.operations import Act
from orchestrator.core.run.trouble import CHAIN, COMMIT, DEFINITION, OVERDUE
from orchestrator.store.runs.trouble import PROBLEM, PROBLEM_SINCE
from orchestrator.store.statements import Filtered

SAMPLE = 10
_CAUSE = f"split_part({PROBLEM}, ':', 2)"
_CONDITIONS = {
    "journey": "r.journey_key = :journey",
    "version": "r.version = :version",
    "step": "r.step = :step",
    "steps": "r.step = any(cast(:steps as text[]))",
    "cause": f"{_CAUSE} = :cause",
    "runs": "r.id = any(cast(:runs as uuid[]))",
    "trouble": f"({PROBLEM}) is not null and r.parked_at is null",
    "message": f"{_CAUSE} not in ('{CHAIN}', '{OVERDUE}') and {_CAUSE} not like '{COMMIT}%'",
    "parked": "r.parked_at is not null",
    "parked_for": "r.parked_for = :parked_for",
    # The same runs each time, whoever comes or goes meanwhile.
    "share": "mod(cast(cast('x' || substr(md5(cast(r.id as text)), 1, 8) as bit(32)) as bigint), 100) < :share",
    "moved_by": """r.id in (
        select subject from operation_items where operation_id = :moved_by and status in ('done', 'asked')
    )""",
    "entered_by": """r.id in (
        select d.run_id from operation_items i join entry_decisions d on d.id = cast(i.given ->> 'decision' as uuid)
        where i.operation_id = :entered_by and d.run_id is not null
    )""",
    "unsent": """not exists (
        select from sends s where s.customer_id = r.customer_id and s.run_id = r.id
            and s.status in ('sent', 'unknown', 'claimed')
    )""",
    "failed_in": """r.id in (
        select subject from operation_items where operation_id = :failed_in and status in ('failed', 'asked')
    )""",
}
_LIVE = ("r.finished_at is null",)
_COUNT = Filtered("select count(*) from runs r {where}", _CONDITIONS, _LIVE)
_STEPS = Filtered(
    """
    select r.journey_key, r.step, count(*) as runs, min(r.plan_hash) as plan_hash from runs r {where}
    group by 1, 2 order by 3 desc, 1, 2 limit 50
    """,
    _CONDITIONS,
    _LIVE,
)
_SAMPLE = Filtered(
    f"""
    select r.id, r.workflow_id, r.journey_key, r.version, r.plan_hash, r.step, r.customer_id, {PROBLEM} as problem,
        {PROBLEM_SINCE} as since, r.entered_at, c.external_id, c.attributes ->> 'name' as name
    from (select * from runs r {{where}} order by r.entered_at, r.id limit :most) r
    left join customers c on c.id = r.customer_id order by r.entered_at, r.id
    """,
    _CONDITIONS,
    _LIVE,
)
_FREEZE = Filtered(
    """
    insert into operation_items (operation_id, subject, position, step, status)
    select :operation, r.id, row_number() over (order by r.entered_at, r.id), r.step, 'waiting'
    from (select r.id, r.entered_at, r.step from runs r {where} order by r.entered_at, r.id limit :most) r
    """,
    _CONDITIONS,
    _LIVE,
)
_REFUSED = """
from entry_decisions d where d.reason = 'paused' and not d.admitted
    and d.at >= cast(:since as timestamptz)
    and (cast(:journey as text) is null or d.journey_key = cast(:journey as text))
"""
_COUNT_REFUSED = text(f"select count(*) {_REFUSED}")
_FREEZE_REFUSED = text(f"""
insert into operation_items (operation_id, subject, position, status)
select :operation, d.id, row_number() over (order by d.at, d.id), 'waiting' {_REFUSED}
on conflict do nothing
""")


@dataclass(frozen=True)
class Choice:
    """How runs are chosen; what is not given narrows nothing down.

    ``cause``: the short code of what is wrong; ``parked_for``: what is paused, of those that are parked; ``runs``:
    these and no others; ``failed_in``: those that another operation could not do; ``first``: at most so many, oldest
    first; ``share``: so many of a hundred, always the same ones; ``moved_by``: those that an operation has moved;
    ``steps``: those who stand at one of these; ``entered_by``: those whom a broadcast began; ``unsent``: of whom no
    message went out.
    """

    journey: str | None = None
    step: str | None = None
    cause: str | None = None
    parked_for: str | None = None
    runs: tuple[UUID, ...] = ()
    failed_in: UUID | None = None
    first: int | None = None
    version: int | None = None
    share: int | None = None
    moved_by: UUID | None = None
    steps: tuple[str, ...] = ()
    entered_by: UUID | None = None
    unsent: bool = False

    def wanted(self, act: Act) -> dict[str, Any]:
        """By the names of conditions: an act is for those only to whom it can be done."""
        given: dict[str, Any] = {name: value for name, value in vars(self).items() if value and name != "first"}
        if self.runs:
            given["runs"] = list(self.runs)
        if self.steps:
            given["steps"] = list(self.steps)
        if act == "retry":
            given["trouble"] = True
        if act == "skip":
            given["message"] = True
        if act == "release":
            given["parked"] = True
        return given

    @classmethod
    def waiting_for(cls, what: str) -> "Choice":
        """Those who stand still for a pause, by its name (``step:welcome/hello``)."""
        kind, _, name = what.partition(":")
        return cls(journey=name, parked_for="journey") if kind == "journey" else cls(parked_for=what)

    @classmethod
    def failing_at(cls, what: str) -> "Choice | None":
        """Those who fail at a step that is paused for a fault, and do not stand still for it: they met it before, or
        know no pause. None: it is no step."""
        kind, _, name = what.partition(":")
        journey, _, step = name.partition("/")
        return cls(journey, step, DEFINITION) if kind == "step" else None

    def as_json(self) -> dict[str, Any]:
        """To be kept with the operation; a list of runs stands in its items."""
        told: dict[str, Any] = {name: getattr(self, name) for name in ("journey", "step", "cause", "parked_for")}
        told |= {name: str(one) for name in ("failed_in", "moved_by", "entered_by") if (one := getattr(self, name))}
        many = {"first": self.first, "runs": len(self.runs), "version": self.version, "share": self.share}
        return {name: value for name, value in {**told, **many}.items() if value}


@dataclass(frozen=True)
class ChosenStep:
    """Where the chosen stand. ``plan_hash``: of one of them."""

    journey_key: str
    step: str | None
    runs: int
    plan_hash: str


@dataclass(frozen=True)
class ChosenRun:
    """One of the chosen."""

    id: UUID
    workflow_id: str
    journey_key: str
    version: int
    plan_hash: str
    step: str | None
    customer_id: UUID
    problem: str | None
    since: datetime
    entered_at: datetime
    external_id: str | None
    name: str | None


@dataclass(frozen=True)
class Chosen:
    """Whom an operation would be for: ``sample`` has the oldest ten."""

    count: int
    steps: Sequence[ChosenStep]
    sample: Sequence[ChosenRun]


async def preview(engine: AsyncEngine, act: Act, choice: Choice) -> Chosen:
    """How many there are now, where they stand, and ten of them."""
    wanted = choice.wanted(act)
    async with engine.connect() as db:
        count = int((await db.execute(_COUNT.statement(wanted), wanted)).scalar_one())
        steps = [ChosenStep(*row) for row in await db.execute(_STEPS.statement(wanted), wanted)]
        given = {**wanted, "most": min(SAMPLE, choice.first or SAMPLE)}
        sample = [ChosenRun(*row) for row in await db.execute(_SAMPLE.statement(wanted), given)]
    return Chosen(min(count, choice.first or count), steps, sample)


async def freeze(db: AsyncConnection, operation: UUID, act: Act, choice: Choice) -> int:
    """Write down the list, oldest first; how many there are. The caller commits."""
    wanted = choice.wanted(act)
    given: Mapping[str, Any] = {**wanted, "operation": operation, "most": choice.first or 2**31 - 1}
    statement: TextClause = _FREEZE.statement(wanted)
    return (await db.execute(statement, given)).rowcount


async def count_refused(engine: AsyncEngine, since: datetime, journey: str | None = None) -> int:
    """Entries that a pause has refused since an instant, of a journey or of all."""
    async with engine.connect() as db:
        return int((await db.execute(_COUNT_REFUSED, {"since": since, "journey": journey})).scalar_one())


async def freeze_refused(db: AsyncConnection, operation: UUID, since: datetime, journey: str | None) -> int:
    """Write down the entries that a pause has refused, in the order in which they came. The caller commits."""
    given = {"operation": operation, "since": since, "journey": journey}
    return (await db.execute(_FREEZE_REFUSED, given)).rowcount
