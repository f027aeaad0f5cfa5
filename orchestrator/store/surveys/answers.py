"""Answers: who was asked by which send, and the one answer to it, stored with all that follows in one transaction."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from orchestrator.core.events.ids import derived_event_id
from orchestrator.core.events.system_events import CUSTOMER_UPDATED, SURVEY_ANSWERED, about_send, event_of_send
from orchestrator.core.surveys.questionnaire import ATTRIBUTES, Answer
from orchestrator.store.customers.attribute_instants import attributes_said_at
from orchestrator.store.events.system_events import add_event
from orchestrator.store.statements import plan_of_visit
from orchestrator.store.surveys.complaints import open_complaint
from orchestrator.store.surveys.documents import SurveyRow

# Nothing was asked by a send that was refused or is still held. ``claimed`` may have gone out: who answers has it.
_ASKING = text(f"""
select s.id, s.run_id, s.journey_key, s.step, s.occurrence, s.channel, s.created_at, s.sent_at,
    s.content ->> 'locale' as locale, {plan_of_visit("s")} as plan_hash, c.id as customer_id,
    c.locale as customer_locale,
    a.answered_at, a.survey_key, a.answer_group, a.score, a.comment
from sends s
join runs r on r.id = s.run_id
join customers was on was.id = s.customer_id
join customers c on c.id = coalesce(was.merged_into, was.id)
left join survey_responses a on a.id = s.id
where s.id = :id and s.status in ('sent', 'unknown', 'claimed')
""")
_LOCK = text("select id from customers where id = :customer for no key update")
_STORE = text("""
insert into survey_responses (id, survey_key, survey_revision, customer_id, run_id, journey_key, step, channel, locale,
    score, choices, comment, answer_group, asked_at, answered_at)
values (:id, :survey, :revision, :customer, :run, :journey, :step, :channel, :locale,
    :score, :choices, :comment, :group, :asked_at, :now)
on conflict (id) do nothing returning id
""").bindparams(bindparam("choices", type_=JSONB))
_SET = text("""
update customers set attributes = attributes || cast(:changed as jsonb), said_at = said_at || cast(:said_at as jsonb),
    updated_at = :now
where id = :customer
""")
_COMMENT = text("""
update survey_responses set comment = :comment where id = :id and comment = '' returning id
""")

_COUPON = text("""
select code, valid_until from coupon_codes where run_id = :run and taken_at >= :since order by taken_at limit 1
""")


@dataclass(frozen=True)
class Given:
    """The answer that there is already."""

    at: datetime
    survey: str
    group: str
    score: int | None
    comment: str


@dataclass(frozen=True)
class Asking:
    """One send that asked a customer."""

    id: UUID
    run: UUID
    journey: str
    step: str
    occurrence: int
    channel: str | None
    asked_at: datetime
    plan_hash: str
    customer: UUID
    locales: tuple[str, ...]
    """The language in which it was asked, then the customer's own."""
    given: Given | None

    def is_over(self, open_for: timedelta, now: datetime) -> bool:
        """Whether it is too late to answer."""
        return now > self.asked_at + open_for


async def load_asking(engine: AsyncEngine, send: UUID) -> Asking | None:
    """What a link stands for; None where nobody was asked by this send (it is gone, or never went out)."""
    async with engine.connect() as db:
        row = (await db.execute(_ASKING, {"id": send})).one_or_none()
    if row is None:
        return None
    given = None
    if row.answered_at is not None:
        given = Given(row.answered_at, row.survey_key, row.answer_group, row.score, row.comment)
    locales = tuple(locale for locale in (row.locale, row.customer_locale) if locale)
    place = (row.id, row.run_id, row.journey_key, row.step, row.occurrence, row.channel)
    return Asking(*place, row.sent_at or row.created_at, row.plan_hash, row.customer_id, locales, given)


async def store_answer(
    engine: AsyncEngine, asking: Asking, survey: SurveyRow, answer: Answer, group: str, now: datetime, locale: str
) -> bool:
    """Stores the answer, with the event that wakes the run, what the customer is known by now, and the complaint.

    False where there is one already: the first of several that come at once is the answer. ``group``: by
    ``core.surveys.questionnaire.group_of``. One transaction; the router is told when it commits.
    """
    async with engine.begin() as db:
        await db.execute(_LOCK, {"customer": asking.customer})
        given = {
            "id": asking.id,
            "survey": survey.key,
            "revision": survey.revision,
            "customer": asking.customer,
            "run": asking.run,
            "journey": asking.journey,
            "step": asking.step,
            "channel": asking.channel,
            "locale": locale,
            "score": answer.score,
            "choices": list(answer.choices),
            "comment": answer.text,
            "group": group,
            "asked_at": asking.asked_at,
            "now": now,
        }
        if (await db.execute(_STORE, given)).one_or_none() is None:
            return False
        await _emit_answered(db, asking, survey, answer, group, now)
        if group in survey.document.complaint_groups:
            detail = {"survey": survey.key, "score": answer.score, "group": group}
            await open_complaint(db, asking.customer, "survey", str(asking.id), detail, now)
    return True


async def _emit_answered(
    db: AsyncConnection, asking: Asking, survey: SurveyRow, answer: Answer, group: str, now: datetime
) -> None:
    told: dict[str, Any] = {
        **about_send(
            {
                "id": asking.id,
                "run_id": asking.run,
                "journey_key": asking.journey,
                "step": asking.step,
                "occurrence": asking.occurrence,
                "channel": asking.channel,
            }
        ),
        "survey": survey.key,
        "kind": survey.document.kind,
        "group": group,
        **({} if answer.score is None else {"score": answer.score}),
        **({"choices": list(answer.choices)} if answer.choices else {}),
        **({"comment": answer.text} if answer.text else {}),
    }
    attribute = ATTRIBUTES.get(survey.document.kind)
    if attribute is not None:
        changed = {attribute: answer.score}
        given = {"changed": orjson.dumps(changed).decode(), "said_at": attributes_said_at(changed, now)}
        await db.execute(_SET, {"customer": asking.customer, "now": now, **given})
        updated = derived_event_id(CUSTOMER_UPDATED, str(asking.id))
        await add_event(db, asking.customer, CUSTOMER_UPDATED, changed, now, updated)
    await add_event(db, asking.customer, SURVEY_ANSWERED, told, now, event_of_send(SURVEY_ANSWERED, asking.id))


async def store_comment(engine: AsyncEngine, asking: Asking, comment: str) -> bool:
    """Adds words to an answer that has none yet; False where it has."""
    async with engine.begin() as db:
        done = await db.execute(_COMMENT, {"id": asking.id, "comment": comment})
        return done.one_or_none() is not None


@dataclass(frozen=True)
class GivenCoupon:
    """A code that the journey gave after the answer."""

    code: str
    valid_until: datetime | None


async def coupon_of(engine: AsyncEngine, asking: Asking) -> GivenCoupon | None:
    """The code that the run has taken since the answer, if any."""
    if asking.given is None:
        return None
    async with engine.connect() as db:
        row = (await db.execute(_COUPON, {"run": asking.run, "since": asking.given.at})).one_or_none()
    return None if row is None else GivenCoupon(row.code, row.valid_until)
