"""What the answers to a survey say: counted by group, by answer, over time, and by where and how it was asked."""

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from orchestrator.store.customer_names import NAME
from orchestrator.store.pagination import Page, cut, read_cursor

By = Literal["journey", "step", "channel", "locale"]
_BY: dict[By, str] = {
    "journey": "journey_key",
    "step": "journey_key || '/' || step",
    "channel": "channel",
    "locale": "locale",
}
Unit = Literal["day", "week", "month"]

_SLICE = """
from survey_responses a
where a.survey_key = :survey and (cast(:since as timestamptz) is null or a.answered_at >= :since)
    and (cast(:journey as text) is null or a.journey_key = :journey)
    and (cast(:step as text) is null or a.step = :step)
    and (cast(:channel as text) is null or a.channel = :channel)
    and (cast(:locale as text) is null or a.locale = :locale)
"""
_GROUPS = text(f"select answer_group, count(*) as n {_SLICE} group by 1")
_ANSWERS = text(f"""
select coalesce(a.score::text, c.choice) as answer, count(*) as n
from (select a.* {_SLICE}) a
left join lateral (select jsonb_array_elements_text(a.choices) as choice) c on a.score is null
where coalesce(a.score::text, c.choice) is not null group by 1
""")
_OVER_TIME = text(f"""
select cast(date_trunc(:unit, a.answered_at at time zone :zone) as date) as began, answer_group, count(*) as n
{_SLICE} group by 1, 2 order by 1
""")
_COMMENTS_N = text(f"select count(*) {_SLICE} and a.comment <> ''")
# Asked is who was sent the question by a step that asks this survey, in any version of its journey.
_ASKED = text("""
with steps as (
    select distinct v.journey_key, s.value ->> 'id' as step
    from journey_versions v join plans p on p.hash = v.plan_hash,
    jsonb_array_elements(convert_from(p.body, 'UTF8')::jsonb -> 'steps') as s
    where s.value ->> 'kind' = 'survey' and s.value -> 'settings' ->> 'survey' = :survey
)
select count(*) as asked, count(a.id) as answered
from steps join sends s on s.journey_key = steps.journey_key and s.step = steps.step
left join survey_responses a on a.id = s.id
where s.status in ('sent', 'unknown') and (cast(:since as timestamptz) is null or s.created_at >= :since)
    and (cast(:journey as text) is null or s.journey_key = :journey)
    and (cast(:step as text) is null or s.step = :step)
    and (cast(:channel as text) is null or s.channel = :channel)
    and (cast(:locale as text) is null or s.content ->> 'locale' = :locale)
""")
_ROWS = f"""
select a.id, a.customer_id, a.answered_at, a.asked_at, a.journey_key, a.step, a.channel, a.locale, a.score, a.choices,
    a.comment, a.answer_group,
    coalesce({NAME}, c.external_id, left(c.id::text, 8)) as who,
    c.external_id
from (select a.* {_SLICE}) a join customers c on c.id = a.customer_id
"""
_COMMENTS = text(f"""
{_ROWS} where a.comment <> '' and (a.answered_at, a.id) < (:at, :id)
    and (cast(:group as text) is null or a.answer_group = :group)
order by a.answered_at desc, a.id desc limit :limit
""")
_EVERY_ANSWER = text(f"{_ROWS} order by a.answered_at, a.id")
_OF_CUSTOMER = text("""
select a.survey_key, a.id, a.customer_id, a.answered_at, a.asked_at, a.journey_key, a.step, a.channel, a.locale,
    a.score, a.choices, a.comment, a.answer_group, '' as who, null as external_id
from survey_responses a where a.customer_id = :customer order by a.answered_at desc limit :limit
""")
_PARTS: dict[By, TextClause] = {
    by: text(f"select coalesce({value}, '') as value, answer_group, count(*) as n {_SLICE} group by 1, 2 order by 1")
    for by, value in _BY.items()
}


@dataclass(frozen=True)
class Slice:
    """Which answers are looked at; None: all of them."""

    survey: str
    since: datetime | None = None
    journey: str | None = None
    step: str | None = None
    channel: str | None = None
    locale: str | None = None

    def values(self) -> dict[str, Any]:
        """As parameters of the statements."""
        return {
            "survey": self.survey,
            "since": self.since,
            "journey": self.journey,
            "step": self.step,
            "channel": self.channel,
            "locale": self.locale,
        }


@dataclass(frozen=True)
class Report:
    """``by_group`` and ``by_answer`` count answers; ``trend``: by the first day of each span; ``parts``: by value."""

    by_group: Mapping[str, int]
    by_answer: Mapping[str, int]
    trend: Mapping[date, Mapping[str, int]]
    parts: Mapping[By, Mapping[str, Mapping[str, int]]]
    asked: int
    answered_of_asked: int
    comments: int

    @property
    def answers(self) -> int:
        """All that were counted."""
        return sum(self.by_group.values())


@dataclass(frozen=True)
class AnswerRow:
    """One answer, as people look at it."""

    id: UUID
    customer_id: UUID
    answered_at: datetime
    asked_at: datetime | None
    journey_key: str
    step: str
    channel: str | None
    locale: str | None
    score: int | None
    choices: list[str] = field(default_factory=list)
    comment: str = ""
    group: str = ""
    who: str = ""
    external_id: str | None = None


async def survey_report(engine: AsyncEngine, part: Slice, unit: Unit, zone: str) -> Report:
    """The whole report. ``zone`` (IANA) decides where a day begins."""
    given = part.values()
    async with engine.connect() as db:
        by_group = {row.answer_group: row.n for row in await db.execute(_GROUPS, given)}
        by_answer = {row.answer: row.n for row in await db.execute(_ANSWERS, given)}
        trend: dict[date, dict[str, int]] = defaultdict(dict)
        for row in await db.execute(_OVER_TIME, {**given, "unit": unit, "zone": zone}):
            trend[row.began][row.answer_group] = row.n
        parts = {by: await _parts(db, given, by) for by in _BY}
        [asked] = await db.execute(_ASKED, given)
        comments = (await db.execute(_COMMENTS_N, given)).scalar_one()
    return Report(by_group, by_answer, dict(trend), parts, asked.asked, asked.answered, comments)


async def _parts(db: AsyncConnection, given: Mapping[str, Any], by: By) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for row in await db.execute(_PARTS[by], given):
        found[row.value][row.answer_group] = row.n
    return dict(found)


async def list_comments(
    engine: AsyncEngine, part: Slice, *, group: str | None = None, before: str | None = None, limit: int = 50
) -> Page[AnswerRow]:
    """Answers with words, the newest first."""
    at, identity = read_cursor(before)
    given = {**part.values(), "at": at, "id": identity, "group": group, "limit": limit + 1}
    async with engine.connect() as db:
        found = [AnswerRow(*row) for row in await db.execute(_COMMENTS, given)]
    return cut(found, limit, lambda row: (row.answered_at, row.id))


async def every_answer(engine: AsyncEngine, part: Slice) -> AsyncIterator[AnswerRow]:
    """All of them, the oldest first, streamed: for a file."""
    async with engine.connect() as db:
        async for row in await db.stream(_EVERY_ANSWER, part.values()):
            yield AnswerRow(*row)


async def answers_of_customer(engine: AsyncEngine, customer: UUID, limit: int = 20) -> list[tuple[str, AnswerRow]]:
    """A customer's own answers with the survey's key, the newest first."""
    async with engine.connect() as db:
        rows = await db.execute(_OF_CUSTOMER, {"customer": customer, "limit": limit})
        return [(row[0], AnswerRow(*row[1:])) for row in rows]
