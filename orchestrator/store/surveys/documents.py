"""Surveys: their documents, where they are asked, and what may still be changed of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from orchestrator.core.surveys.invitations import READY
from orchestrator.core.surveys.questionnaire import SurveyDocument, groups_of

_COLUMNS = "select key, document, revision, updated_at, edited_by, archived_at from surveys"
_ALL = text(f"{_COLUMNS} order by created_at desc, key")
_ONE = text(f"{_COLUMNS} where key = :key")
_ONE_TO_CHANGE = text(f"{_COLUMNS} where key = :key for update")
_UPDATE = text("""
update surveys set document = :document, revision = revision + 1, updated_at = :at, edited_by = :by where key = :key
""").bindparams(bindparam("document", type_=JSONB))
_INSERT = text("""
insert into surveys (key, document, revision, created_at, updated_at, edited_by)
values (:key, :document, 1, :at, :at, :by) on conflict do nothing returning key
""").bindparams(bindparam("document", type_=JSONB))
_ARCHIVE = text("update surveys set archived_at = :at, revision = revision + 1 where key = :key")
_ANSWERS = text("select survey_key, count(*) as n, max(answered_at) as last from survey_responses group by 1")
_HAS_ANSWERS = text("select exists (select from survey_responses where survey_key = :key)")
# Drafts and the versions that somebody may be in: what customers were asked by is a version, what will be is a draft.
_USES = text("""
with asked as (
    select j.key, j.name, s.value ->> 'id' as step, 'draft' as what
    from journeys j, jsonb_array_elements(
        case when jsonb_typeof(j.draft -> 'steps') = 'array' then j.draft -> 'steps' else '[]' end) as s
    where s.value ->> 'kind' = 'survey' and s.value -> 'settings' ->> 'survey' = :key
    union all
    select j.key, j.name, s.value ->> 'id', 'live'
    from journeys j join journey_versions v on v.journey_key = j.key
    join plans p on p.hash = v.plan_hash,
    jsonb_array_elements(convert_from(p.body, 'UTF8')::jsonb -> 'steps') as s
    where s.value ->> 'kind' = 'survey' and s.value -> 'settings' ->> 'survey' = :key
        and ((v.version = j.live_version and j.status in ('live', 'paused', 'closed')) or exists (
            select from runs r where r.journey_key = v.journey_key and r.version = v.version and r.finished_at is null))
)
select key, name, step, bool_or(what = 'live') as live from asked group by 1, 2, 3 order by 1, 3
""")


class UnknownSurvey(LookupError):
    """There is no survey of this key."""


class SurveyChanged(Exception):
    """Somebody else has saved it meanwhile."""


class GroupsFixed(Exception):
    """It was asked already: its kind and groups stay, so that waiting runs and reports keep their meaning."""


class SurveyExists(Exception):
    """The key is taken."""


@dataclass(frozen=True)
class SurveyRow:
    """A survey. ``revision`` 0: one of those that are there from the beginning, and not edited yet."""

    key: str
    document: SurveyDocument
    revision: int
    updated_at: datetime | None = None
    edited_by: str | None = None
    archived_at: datetime | None = None


@dataclass(frozen=True)
class SurveyInList:
    """One line of the list."""

    survey: SurveyRow
    answers: int
    last_answer: datetime | None


@dataclass(frozen=True)
class Use:
    """A step that asks it. ``live``: customers are asked by it now, or still wait in it."""

    journey: str
    name: dict[str, str]
    step: str
    live: bool


def _row(found: Any) -> SurveyRow:
    document = SurveyDocument.model_validate(found.document)
    return SurveyRow(found.key, document, found.revision, found.updated_at, found.edited_by, found.archived_at)


async def all_surveys(db: AsyncConnection) -> dict[str, SurveyRow]:
    """Every survey by key, the newest first; those from the beginning last. Archived ones too."""
    stored = {found.key: _row(found) for found in await db.execute(_ALL)}
    return stored | {key: SurveyRow(key, ready, 0) for key, ready in READY.items() if key not in stored}


async def survey_groups(db: AsyncConnection) -> Mapping[str, frozenset[str]]:
    """The answer groups of every survey that may be asked."""
    surveys = await all_surveys(db)
    return {
        key: frozenset(group.key for group in groups_of(row.document))
        for key, row in surveys.items()
        if row.archived_at is None
    }


async def load_survey(db: AsyncConnection, key: str) -> SurveyRow | None:
    """One survey, archived or not."""
    found = (await db.execute(_ONE, {"key": key})).one_or_none()
    if found is not None:
        return _row(found)
    return SurveyRow(key, READY[key], 0) if key in READY else None


async def list_surveys(engine: AsyncEngine, *, archived: bool = False) -> list[SurveyInList]:
    """The surveys with how often each was answered."""
    async with engine.connect() as db:
        surveys = await all_surveys(db)
        answers = {row.survey_key: (row.n, row.last) for row in await db.execute(_ANSWERS)}
    wanted = [row for row in surveys.values() if (row.archived_at is not None) is archived]
    return [SurveyInList(row, *answers.get(row.key, (0, None))) for row in wanted]


async def uses_of(db: AsyncConnection, key: str) -> list[Use]:
    """The steps that ask it."""
    return [Use(row.key, row.name, row.step, row.live) for row in await db.execute(_USES, {"key": key})]


async def was_asked(db: AsyncConnection, key: str) -> bool:
    """Whether it has answers, or a published journey asks it: then its kind and groups stay."""
    if (await db.execute(_HAS_ANSWERS, {"key": key})).scalar_one():
        return True
    return any(use.live for use in await uses_of(db, key))


async def create_survey(
    engine: AsyncEngine, key: str, document: SurveyDocument, *, now: datetime, by: str | None
) -> SurveyRow:
    """A new one. Raises :class:`SurveyExists`."""
    if key in READY:
        raise SurveyExists(key)
    async with engine.begin() as db:
        row = await _insert(db, key, document, now, by)
    if row is None:
        raise SurveyExists(key)
    return row


async def save_survey(
    engine: AsyncEngine, key: str, document: SurveyDocument, *, revision: int, now: datetime, by: str | None
) -> SurveyRow:
    """Replaces the document that was read as ``revision``.

    Raises :class:`UnknownSurvey`, :class:`SurveyChanged`, or :class:`GroupsFixed`.
    """
    async with engine.begin() as db:
        found = (await db.execute(_ONE_TO_CHANGE, {"key": key})).one_or_none()
        before = _row(found) if found is not None else await load_survey(db, key)
        if before is None:
            raise UnknownSurvey(key)
        if before.revision != revision:
            raise SurveyChanged(key)
        if _shape(before.document) != _shape(document) and await was_asked(db, key):
            raise GroupsFixed(key)
        if found is None:
            row = await _insert(db, key, document, now, by)
            if row is None:
                raise SurveyChanged(key)
            return row
        given = {"key": key, "document": document.model_dump(mode="json"), "at": now, "by": by}
        await db.execute(_UPDATE, given)
    return SurveyRow(key, document, revision + 1, now, by, before.archived_at)


def _shape(document: SurveyDocument) -> tuple[str, frozenset[str]]:
    return document.kind, frozenset(group.key for group in groups_of(document))


async def _insert(
    db: AsyncConnection, key: str, document: SurveyDocument, now: datetime, by: str | None
) -> SurveyRow | None:
    given = {"key": key, "document": document.model_dump(mode="json"), "at": now, "by": by}
    done = await db.execute(_INSERT, given)
    return SurveyRow(key, document, 1, now, by) if done.one_or_none() is not None else None


async def set_archived(engine: AsyncEngine, key: str, at: datetime | None, *, by: str | None, now: datetime) -> None:
    """Puts it away, or takes it out again (``at`` None). Raises :class:`UnknownSurvey`.

    Answers to links that are out are still taken: only no new step can choose it.
    """
    async with engine.begin() as db:
        row = await load_survey(db, key)
        if row is None:
            raise UnknownSurvey(key)
        if row.revision == 0:
            await _insert(db, key, row.document, now, by)
        await db.execute(_ARCHIVE, {"key": key, "at": at})
