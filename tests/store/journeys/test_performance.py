"""What became of a journey's messages is what a plain count over the raw rows says."""

import random
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.store.database import create_engine, session_factory
from orchestrator.store.journeys.performance import EVER, Performance, load_performance
from orchestrator.store.tables.customers import ConsentChange
from orchestrator.store.tables.runs import RunTransition
from orchestrator.store.tables.sending import SendRecord
from tests.web.shop import NOW, SPACE

JOURNEY = "cart-recovery"
PEOPLE = [uuid5(SPACE, f"person-{n}") for n in range(12)]
CHANNELS = ("email", "sms", "push")
OPENS = {"email"}
CLICKS = {"email", "sms"}
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Rows:
    """What lies in the tables."""

    sends: list[SendRecord]
    goals: list[RunTransition]
    arms: list[RunTransition]
    words: list[ConsentChange]

    def went_out(self, since: datetime) -> list[SendRecord]:
        return [one for one in self.sends if one.status == "sent" and one.sent_at and one.sent_at >= since]


def some_rows(dice: random.Random) -> Rows:
    sends: list[SendRecord] = []
    goals: list[RunTransition] = []
    arms: list[RunTransition] = []
    words: list[ConsentChange] = []
    for n in range(80):
        run, who, begun = uuid5(SPACE, f"run-{n}"), dice.choice(PEOPLE), NOW - dice.random() * 40 * DAY
        arms += [_line(run, 1, who, begun, "left", "try", dice.choice("ab"))] if dice.random() < 0.8 else []
        for m in range(dice.choice((0, 1, 1, 2))):
            sends.append(_send(dice, uuid5(SPACE, f"send-{n}-{m}"), run, who, begun + m * DAY))
        if dice.random() < 0.4:
            goals.append(_line(run, 50, who, begun + dice.random() * 3 * DAY, "goal", "end", "bought"))
    for send in sends:
        words += _words(dice, send) if send.sent_at and dice.random() < 0.3 else []
    return Rows(sends, goals, arms, words)


def _send(dice: random.Random, identity: UUID, run: UUID, who: UUID, at: Any) -> SendRecord:
    sent = dice.random() < 0.8
    channel, step = dice.choice(CHANNELS), dice.choice(("first", "second"))
    told = sent and (channel == "sms" or (channel == "push" and step == "first"))
    delivery = dice.choice(("delivered", "delivered", "unreachable", None)) if told else None
    return SendRecord(
        id=identity,
        run_id=run,
        journey_key=JOURNEY,
        step=step,
        occurrence=1,
        customer_id=who,
        message_class="advertising",
        status="sent" if sent else dice.choice(("skipped", "held", "failed", "unknown")),
        channel=channel,
        created_at=at,
        sent_at=at if sent else None,
        delivery=delivery,
        opened_at=at if sent and channel == "email" and dice.random() < 0.5 else None,
        clicked_at=at if sent and dice.random() < 0.3 else None,
    )


def _line(run: UUID, seq: int, who: UUID, at: Any, what: str, step: str, port: str) -> RunTransition:
    return RunTransition(
        run_id=run, seq=seq, journey_key=JOURNEY, customer_id=who, at=at, what=what, step=step, port=port, note={}
    )


def _words(dice: random.Random, send: SendRecord) -> list[ConsentChange]:
    assert send.sent_at is not None
    evidence, source = dice.choice(
        (
            ({"send": str(send.id), "journey": JOURNEY}, "unsubscribe"),
            ({"message": str(send.id), "report": "r"}, "provider"),
            ({"message": str(send.id), "report": "r", "bounce": "gone"}, "provider"),
            ({"form": "x"}, "preferences"),
        )
    )
    about: dict[str, Any] = {"customer_id": send.customer_id, "name": send.channel, "source": source}
    out = ConsentChange(**about, granted=False, at=send.sent_at + DAY, evidence=evidence)
    if source == "unsubscribe" and dice.random() < 0.3:
        back = ConsentChange(
            **about, granted=True, at=send.sent_at + DAY, evidence={"send": str(send.id), "form": "undo"}
        )
        return [out, back]
    return [out]


def opted_out(rows: Rows, send: SendRecord) -> bool:
    found = False
    for word in rows.words:
        mine = str(send.id) in (word.evidence.get("send"), word.evidence.get("message"))
        if mine and "bounce" not in word.evidence:
            found = not word.granted
    return found


def reached_goal(rows: Rows, run: UUID, after: Any) -> bool:
    return any(goal.run_id == run and goal.at >= after for goal in rows.goals)


Counted = dict[str, tuple[int, int, int | None]]


def plainly(rows: Rows, since: datetime, sends: Iterable[SendRecord], converted: tuple[int, int, int]) -> Counted:
    """Each metric: messages, people, and the people whom they are a part of; one after the other, by hand."""
    here = list(sends)

    def told(send: SendRecord) -> bool:
        alike = [one for one in rows.went_out(since) if (one.step, one.channel) == (send.step, send.channel)]
        return any(one.delivery == "delivered" for one in alike)

    def arrived(send: SendRecord) -> bool:
        return send.delivery == "delivered" or bool(send.opened_at or send.clicked_at)

    def reached(send: SendRecord) -> bool:
        return arrived(send) if told(send) else True

    def part(
        held: Callable[[SendRecord], bool], of: Callable[[SendRecord], bool] | None
    ) -> tuple[int, int, int | None]:
        found = [one for one in here if held(one)]
        whole = None if of is None else len({one.customer_id for one in here if of(one)})
        return len(found), len({one.customer_id for one in found}), whole

    def opens(send: SendRecord) -> bool:
        return send.channel in OPENS

    def clicks(send: SendRecord) -> bool:
        return send.channel in CLICKS

    return {
        "sent": part(lambda one: True, None),
        "delivered": part(lambda one: told(one) and arrived(one), told),
        "opened": part(lambda one: opens(one) and bool(one.opened_at), lambda one: opens(one) and reached(one)),
        "clicked": part(lambda one: clicks(one) and bool(one.clicked_at), lambda one: clicks(one) and reached(one)),
        "unsubscribed": part(lambda one: opted_out(rows, one), reached),
        "converted": converted,
    }


def of_messages(rows: Rows, since: datetime, sends: list[SendRecord]) -> Counted:
    won = [one for one in sends if reached_goal(rows, one.run_id, one.sent_at)]
    people = {one.customer_id for one in won}
    return plainly(rows, since, sends, (len(won), len(people), len({one.customer_id for one in sends})))


def of_arm(rows: Rows, since: datetime, sends: list[SendRecord], arms: list[RunTransition]) -> Counted:
    begun = {one.run_id: one.at for one in arms}
    after = [one for one in sends if one.run_id in begun and one.sent_at and one.sent_at >= begun[one.run_id]]
    won = [one for one in arms if reached_goal(rows, one.run_id, one.at)]
    people = {one.customer_id for one in won}
    return plainly(rows, since, after, (len(won), len(people), len({one.customer_id for one in arms})))


def counted(found: Performance) -> Counted:
    return {name: (one.times, one.people, one.of) for name, one in found.tallies.items()}


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database_url)
    yield engine
    await engine.dispose()


async def store(engine: AsyncEngine, rows: Rows) -> None:
    async with session_factory(engine)() as session, session.begin():
        session.add_all([*rows.sends, *rows.goals, *rows.arms, *rows.words])


@pytest.mark.parametrize("days", [7, 30, None])
@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_it_is_what_a_plain_count_says(engine: AsyncEngine, seed: int, days: int | None) -> None:
    rows = some_rows(random.Random(seed))
    await store(engine, rows)
    since = EVER if days is None else NOW - days * DAY
    found = await load_performance(
        engine, JOURNEY, channels=CHANNELS, opens=OPENS, clicks=CLICKS, experiments=["try"], since=since
    )
    went_out = rows.went_out(since)
    arms = [one for one in rows.arms if one.at >= since]
    expected: dict[tuple[str, str, str], Counted] = {}
    for step in {one.step for one in went_out}:
        here = [one for one in went_out if one.step == step]
        expected["step", step, ""] = of_messages(rows, since, here)
        for channel in {one.channel or "" for one in here}:
            expected["channel", step, channel] = of_messages(
                rows, since, [one for one in here if one.channel == channel]
            )
    for port in {one.port for one in arms}:
        expected["arm", "try", port] = of_arm(rows, since, went_out, [one for one in arms if one.port == port])
    assert {(one.kind, one.step, one.part): counted(one) for one in found} == expected
    assert len(expected) >= 8, "there is something to count"


async def test_other_journeys_and_calls_of_webhooks_are_none_of_it(engine: AsyncEngine) -> None:
    rows = some_rows(random.Random(4))
    for send in rows.sends:
        send.channel = "webhook" if send.step == "first" else send.channel
        send.journey_key = "another" if send.step == "second" else send.journey_key
    await store(engine, rows)
    found = await load_performance(
        engine, JOURNEY, channels=CHANNELS, opens=OPENS, clicks=CLICKS, experiments=(), since=EVER
    )
    assert found == []


async def test_a_few_messages_among_many_journeys_are_found_by_the_index(engine: AsyncEngine) -> None:
    async with engine.begin() as db:
        await db.execute(
            text("""insert into sends (id, run_id, journey_key, step, occurrence, customer_id, message_class, status,
                reason, attempts, channel, created_at, sent_at) select gen_random_uuid(), gen_random_uuid(),
                'j' || n % 200, 's', 1, gen_random_uuid(), 'advertising', 'sent', '', 1, 'email', :now,
                :now - n * interval '1 minute' from generate_series(1, 20000) n"""),
            {"now": NOW},
        )
    async with engine.begin() as db:
        await db.execute(text("analyze sends"))
        plan = await db.execute(
            text("""explain select id from sends where journey_key = 'j1' and status = 'sent' and sent_at >= :since"""),
            {"since": NOW - DAY},
        )
    assert "sends_went_out" in "\n".join(plan.scalars())
