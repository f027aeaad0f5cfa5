"""A customer's word against what is said of them, through the doors by which each comes, on a real database."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from api.intake.calls import Envelope, read_call
from orchestrator.core.commands import Change, Commit
from orchestrator.core.sending.decide import decide
from orchestrator.core.sending.decision import Outgoing, Recipient, Send, SendContext
from orchestrator.core.sending.policies import KR
from orchestrator.store.customers.consents import change_consents
from orchestrator.store.database import create_engine
from orchestrator.store.intake.writer import IntakeWriter
from orchestrator.store.runs.commits import RunCommits, RunSnapshot
from tests.consent_reading import Reading, Word
from tests.examples import examples

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database_url)
    yield engine
    await engine.dispose()


async def ask(engine: AsyncEngine, query: str, **given: Any) -> list[dict[str, Any]]:
    async with engine.connect() as db:
        return [dict(row) for row in (await db.execute(text(query), given)).mappings()]


class Doors:
    """Every way in which something is said of a customer; minutes count from noon in Seoul."""

    def __init__(self, engine: AsyncEngine, writer: IntakeWriter) -> None:
        self.engine = engine
        self.writer = writer
        self.warnings: list[Any] = []

    async def call(self, minute: int, source: str = "intake", kind: str = "identify", **call: Any) -> None:
        at = (NOW + timedelta(minutes=minute)).isoformat()
        envelope = Envelope(NOW + timedelta(days=9))
        event = read_call({"timestamp": at, **call}, kind, envelope, self.warnings)
        event.source = "import" if source == "import" else "intake"
        await self.writer.store([event])

    async def act(self, user: str, source: str, said: dict[str, bool], minute: int) -> None:
        async with self.engine.begin() as db:
            who = await _customer(self.engine, user)
            at = NOW + timedelta(minutes=minute)
            await change_consents(db, who, said, source=source, evidence={}, at=at, confirm=source == "preferences")

    async def stands(self, user: str) -> dict[str, bool]:
        who = await _customer(self.engine, user)
        [row] = await ask(self.engine, "select consents from customers where id = :who", who=who)
        return row["consents"]  # type: ignore[no-any-return]


async def _customer(engine: AsyncEngine, value: str) -> UUID:
    query = "select customer_id from identities where value = :value order by kind desc"
    found = await ask(engine, query, value=value)
    who: UUID = found[0]["customer_id"]
    return who


@pytest.fixture
async def doors(engine: AsyncEngine, database_url: str) -> AsyncIterator[Doors]:
    writer = IntakeWriter(database_url)
    await writer.start()
    yield Doors(engine, writer)
    await writer.close()


@pytest.mark.parametrize("source", ["unsubscribe", "preferences", "provider"])
async def test_no_call_and_no_file_gives_back_what_the_customer_refused(doors: Doors, source: str) -> None:
    said = {"consents": {"email": True, "sms": True}}
    await doors.call(0, userId="kim", traits=said)
    await doors.act("kim", source, {"email": False}, 5)
    for minute, door in ((6, "intake"), (7, "import"), (1, "import"), (8, "intake")):
        await doors.call(minute, door, userId="kim", traits=said)
    assert await doors.stands("kim") == {"email": False, "sms": True}
    log = await ask(
        doors.engine, "select granted, source, act, counts from consent_log where name = 'email' order by id"
    )
    assert [tuple(line.values()) for line in log] == [
        (True, "intake", False, True),
        (False, source, True, True),
        (True, "intake", False, False),
    ]
    proof = {"granted": True, "at": (NOW + timedelta(minutes=9)).isoformat(), "evidence": "double opt-in 8841"}
    await doors.call(10, userId="kim", traits={"consents": {"email": proof}})
    assert await doors.stands("kim") == {"email": True, "sms": True}
    [row] = await ask(
        doors.engine,
        "select consented_at, (select evidence from consent_log order by id desc limit 1) as e from customers",
    )
    assert row["consented_at"]["email"] == (NOW + timedelta(minutes=9)).isoformat()
    assert row["e"]["evidence"] == "double opt-in 8841"
    assert doors.warnings == []


@pytest.mark.parametrize(
    "word",
    [
        {"granted": True},
        {"granted": True, "evidence": "form 1"},
        {"granted": True, "at": "2026-03-02T04:00:00Z"},
        {"granted": True, "at": "soon", "evidence": "form 1"},
        {"granted": True, "at": "2026-03-02T04:00:00Z", "evidence": "  "},
        {"granted": True, "at": "2026-03-02T04:00:00Z", "evidence": "x" * 3_000},
        {"granted": True, "at": "2026-03-02T04:00:00Z", "evidence": 7},
        {"granted": True, "at": "2026-03-02T04:00:00Z", "evidence": "form 1", "by": "me"},
    ],
)
async def test_what_is_not_proved_and_dated_is_a_statement_and_warned(doors: Doors, word: dict[str, Any]) -> None:
    await doors.call(0, userId="kim", traits={"consents": {"email": False}})
    await doors.act("kim", "unsubscribe", {"email": False}, 5)
    await doors.call(90, userId="kim", traits={"consents": {"email": word, "sms": word}})
    assert await doors.stands("kim") == {"email": False, "sms": True}
    assert [(one.code, one.field) for one in doors.warnings] == [
        ("unproven_consent", "traits.consents.email"),
        ("unproven_consent", "traits.consents.sms"),
    ]


async def test_a_proof_is_as_old_as_it_says(doors: Doors) -> None:
    """A form signed before the opt-out proves nothing against it, however late it is entered."""
    await doors.call(0, userId="kim")
    await doors.act("kim", "unsubscribe", {"email": False}, 5)
    old = {"granted": True, "at": (NOW + timedelta(minutes=4)).isoformat(), "evidence": "paper form"}
    await doors.call(60, userId="kim", traits={"consents": {"email": old}})
    assert await doors.stands("kim") == {"email": False}
    ahead = {"granted": True, "at": (NOW + timedelta(days=800)).isoformat(), "evidence": "wrong clock"}
    await doors.call(61, userId="kim", traits={"consents": {"email": ahead}})
    await doors.act("kim", "unsubscribe", {"email": False}, 62)
    assert await doors.stands("kim") == {"email": False}, "nobody acts later than the call that tells of it"


async def test_a_visitors_refusal_holds_when_they_turn_out_to_be_known(doors: Doors) -> None:
    await doors.call(0, userId="kim", traits={"consents": {"email": True, "sms": True}})
    await doors.call(1, anonymousId="a", traits={"consents": {"email": False}})
    await doors.call(2, userId="kim", anonymousId="a", traits={"consents": {"email": True}})
    await doors.call(3, "import", userId="kim", traits={"consents": {"email": True}})
    assert await doors.stands("kim") == {"email": False, "sms": True}
    events = await ask(doors.engine, "select properties from events where name = 'Consent Changed' order by seq")
    assert events[-1]["properties"] == {"source": "merge", "withdrawn": ["email"]}
    [line] = await ask(doors.engine, "select name, granted, act, counts from consent_log where source = 'merge'")
    assert line == {"name": "email", "granted": False, "act": True, "counts": True}


async def test_late_words_are_set_in_their_place_name_by_name(doors: Doors) -> None:
    await doors.call(
        -300, userId="kim", traits={"consents": {"email": True}, "city": "Busan", "phone": "010-1234-5678"}
    )
    await doors.call(-100, userId="kim", traits={"city": "Seoul"})
    await doors.call(
        -200, userId="kim", traits={"consents": {"email": False}, "city": None, "phone": None, "plan": "pro"}
    )
    await doors.call(-250, userId="kim", traits={"plan": "free", "phone": "010-9999-8888"})
    [row] = await ask(doors.engine, "select consents, attributes, phone from customers")
    assert row == {"consents": {"email": False}, "attributes": {"city": "Seoul", "plan": "pro"}, "phone": None}


async def test_what_a_journey_set_is_not_overwritten_by_what_was_said_before(doors: Doors) -> None:
    await doors.call(0, userId="kim", traits={"tier": "silver", "city": "Seoul", "visits": 1})
    who, run = await _customer(doors.engine, "kim"), uuid4()
    async with doors.engine.begin() as db:
        row = "insert into runs (id, workflow_id, journey_key, version, plan_hash, customer_id, status, entered_at)"
        given = {"run": run, "who": who, "now": NOW}
        await db.execute(text(f"{row} values (:run, 'w', 'cart', 1, 'p', :who, 'running', :now)"), given)
    changes = (
        *(
            Change("c-1", "set", "tier", "gold"),
            Change("c-2", "remove", "city"),
            Change("c-3", "increment", "visits", 1),
        ),
        *(Change("c-4", "grant", "sms"),),
    )
    at = NOW + timedelta(minutes=9)
    await RunCommits(doors.engine).carry_out(run, Commit(changes=changes), at, RunSnapshot(0, (), at, "x"))
    await doors.call(8, userId="kim", traits={"tier": "bronze", "city": "Busan", "visits": 5, "plan": "pro"})
    [row_now] = await ask(doors.engine, "select attributes, consents from customers")
    assert row_now == {"attributes": {"tier": "gold", "visits": 2, "plan": "pro"}, "consents": {"sms": True}}
    await doors.act("kim", "provider", {"sms": False}, 10)
    again = (Change("c-5", "grant", "sms"),)
    await RunCommits(doors.engine).carry_out(
        run, Commit(changes=again), NOW + timedelta(minutes=11), RunSnapshot(0, (), at, "x")
    )
    assert await doors.stands("kim") == {"sms": False}, "a journey gives nothing back that they refused themselves"
    log = await ask(doors.engine, "select source, counts from consent_log order by id")
    assert [tuple(line.values()) for line in log] == [("journey", True), ("provider", True), ("journey", False)]


async def test_the_upgrade_puts_right_what_repetitions_had_undone(engine: AsyncEngine) -> None:
    """As data stood before acts were told from statements: an opt-out undone by the next identify, and by a merge."""
    migration = import_module("orchestrator.store.migrations.versions.0011_consents_by_who_said_them")
    undone, stands, night = uuid4(), uuid4(), uuid4()
    log = [
        *(
            (undone, "email", True, 0, "intake"),
            (undone, "email", False, 5, "unsubscribe"),
            (undone, "email", True, 6, "intake"),
        ),
        *(
            (stands, "email", False, 1, "provider"),
            (stands, "email", True, 2, "preferences"),
            (stands, "sms", True, 3, "import"),
        ),
        *((night, "sms", False, 4, "provider"), (night, "sms:night", True, 5, "import")),
    ]
    async with engine.begin() as db:
        for who, consents in (
            (undone, '{"email": true}'),
            (stands, '{"email": true, "sms": true}'),
            (night, '{"sms": false, "sms:night": true}'),
        ):
            row = "insert into customers (id, consents, consented_at, created_at, updated_at)"
            dates = '{"email": "2026-03-02T03:06:00+00:00"}'
            values = "values (:id, cast(:consents as jsonb), cast(:dates as jsonb), :now, :now)"
            await db.execute(text(f"{row} {values}"), {"id": who, "consents": consents, "dates": dates, "now": NOW})
        for who, name, granted, minute, source in log:
            line = "insert into consent_log (customer_id, name, granted, at, source)"
            at = NOW + timedelta(minutes=minute)
            values = "values (:who, :name, :granted, :at, :source)"
            await db.execute(
                text(f"{line} {values}"), {"who": who, "name": name, "granted": granted, "at": at, "source": source}
            )
        for statement in (migration._ACTS, migration._RECORDS, migration._UNDONE):
            await db.execute(text(statement))
    rows = {row["id"]: row for row in await ask(engine, "select id, consents, consented_at from customers")}
    assert rows[undone]["consents"] == {"email": False}
    assert rows[undone]["consented_at"] == {}
    assert rows[stands]["consents"] == {"email": True, "sms": True}
    assert rows[night]["consents"] == {"sms": False, "sms:night": False}
    told = await ask(
        engine,
        "select customer_id, name, granted, counts, evidence from consent_log where source = 'upgrade' order by name",
    )
    assert [(line["customer_id"], line["name"], line["granted"]) for line in told] == [
        (undone, "email", False),
        (night, "sms:night", False),
    ]
    assert datetime.fromisoformat(told[0]["evidence"]["refused_at"]) == NOW + timedelta(minutes=5)
    async with engine.begin() as db:  # and from here on it holds
        given: dict[str, Any] = {"source": "import", "evidence": {}, "at": NOW + timedelta(days=1)}
        assert not await change_consents(db, undone, {"email": True}, **given)
        assert not await change_consents(db, stands, {"email": True}, **given)


USERS, VISITORS = ("kim", "lee"), ("a", "b")
consents = st.sampled_from(["email", "sms", "sms:night"])
turns = st.one_of(
    st.tuples(st.sampled_from(["identify", "import", "proved"]), st.sampled_from(USERS), consents, st.booleans()),
    st.tuples(st.just("visitor"), st.sampled_from(VISITORS), consents, st.booleans()),
    st.tuples(
        st.sampled_from(["unsubscribe", "preferences", "provider"]), st.sampled_from(USERS), consents, st.booleans()
    ),
    st.tuples(st.just("merge"), st.sampled_from(USERS), st.sampled_from(VISITORS), st.just(False)),
    st.tuples(st.just("alias"), st.just("kim"), st.just("lee"), st.just(False)),
    st.tuples(st.just("track"), st.sampled_from(USERS), st.sampled_from(VISITORS), st.just(False)),
)
MINUTES = st.permutations(range(0, 240, 10))


@settings(max_examples=examples(60), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(turns, min_size=4, max_size=12), MINUTES)
async def test_consents_equal_a_plain_re_reading_and_nothing_goes_out_against_it(
    doors: Doors, story: list[tuple[str, str, str, bool]], minutes: list[int]
) -> None:
    async with doors.engine.begin() as db:
        for table in ("consent_log", "events", "identities", "customers"):
            await db.execute(text(f"delete from {table}"))
        await db.execute(text("select nextval('identity_merges')"))
    reading, became = Reading(), {name: name for name in (*USERS, *VISITORS)}
    for user in (*USERS, *VISITORS):
        await doors.call(-1, **{"userId" if user in USERS else "anonymousId": user})
    for (what, who, name, granted), minute in zip(story, minutes, strict=False):
        await _take_turn(doors, reading, became, what, who, name, granted, minute)
    for user in (*USERS, *VISITORS):
        stands = await doors.stands(user)
        assert stands == reading.stands(became[user])
        recipient = Recipient({"email": "kim@example.com", "phone": "+821012345678"}, stands)
        for hours in (0, 11):
            message = Outgoing(("sms", "email"), "advertising")
            decision = decide(message, recipient, KR, SendContext(), NOW + timedelta(hours=hours))
            if isinstance(decision, Send):
                assert reading.stands(became[user])[decision.channel]
                assert hours == 0 or decision.channel == "email" or reading.stands(became[user])["sms:night"]


async def _take_turn(
    doors: Doors, reading: Reading, became: dict[str, str], what: str, who: str, name: str, granted: bool, minute: int
) -> None:
    person, at = became[who], NOW + timedelta(minutes=minute)
    if what in ("merge", "alias", "track"):
        other = became[name]
        if what == "alias":
            await doors.call(minute, kind="alias", userId=who, previousId=name)
        elif what == "track":
            await doors.call(minute, kind="track", userId=who, anonymousId=name, event="Viewed")
        else:
            await doors.call(minute, userId=who, anonymousId=name)
        if what == "alias" or other in VISITORS:
            if person != other:
                reading.merge(person, other)
                became.update({one: person for one, now in became.items() if now == other})
        elif what == "merge":  # a device changes hands
            became[name] = person
        return
    act = what in ("unsubscribe", "preferences", "provider", "proved")
    reading.hear(person, Word(name, granted, at, act))
    if what == "proved":
        word = {"granted": granted, "at": at.isoformat(), "evidence": "form"}
        await doors.call(239, userId=who, traits={"consents": {name: word}})
    elif act:
        await doors.act(who, what, {name: granted}, minute)
    else:
        key = "anonymousId" if what == "visitor" else "userId"
        await doors.call(minute, what, **{key: who}, traits={"consents": {name: granted}})
