"""Who did it: visitors become customers, customers turn out to be one, and nothing of theirs is lost on the way."""

import asyncio
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from orchestrator.core.customers.traits import Profile, Traits, merged, with_traits
from orchestrator.store.intake.identities import wanted_links
from orchestrator.store.intake.incoming import Incoming
from orchestrator.store.intake.writer import IntakeWriter
from tests.store.intake.intake_shop import NOON, alias, identify, incoming

EVENTS = """
select external_id, count(*) from events join customers on customers.id = customer_id group by 1 order by 1
"""


async def test_a_visitor_who_signs_up_keeps_his_id(writer: IntakeWriter, rows: Any) -> None:
    await writer.store([incoming(visitor="a"), incoming(visitor="a")])
    [(visitor,)] = await rows("select id from customers")
    await writer.store([identify("u", "a", plan="pro")])
    await writer.store([incoming("u"), incoming(visitor="a")])
    assert await rows("select id, external_id, attributes from customers") == [(visitor, "u", {"plan": "pro"})]
    assert await rows(EVENTS) == [("u", 5)]


async def test_a_visitor_who_turns_out_to_be_a_known_customer_is_merged(writer: IntakeWriter, rows: Any) -> None:
    await writer.store([identify("u", plan="pro"), identify(visitor="a", plan="free", city="Seoul")])
    [(visitor,)] = await rows("select id from customers where external_id is null")
    await stand_in_for_runs(rows, visitor)
    await writer.store([identify("u", "a", message="login")])
    [(known, attributes)] = await rows("select id, attributes from customers where external_id = 'u'")
    assert attributes == {"plan": "pro", "city": "Seoul"}
    for table in ("events", "runs", "transitions", "listening", "entry_decisions", "sends", "outbox", "identities"):
        assert set(await rows(f"select customer_id from {table}")) == {(known,)}, table
    assert await rows("select merged_into, attributes from customers where id = %s", visitor) == [(known, {})]
    await writer.store([incoming(visitor="a")])
    assert await rows(EVENTS) == [("u", 4)]


async def stand_in_for_runs(rows: Any, customer: Any) -> None:
    run = "018f0000-0000-7000-8000-000000000001"
    await rows(
        "insert into runs (id, workflow_id, journey_key, version, plan_hash, customer_id, status, entered_at)"
        " values (%s, 'w', 'j', 1, 'h', %s, 'running', now())",
        run,
        customer,
    )
    await rows("insert into transitions values (%s, 1, 'j', %s, now(), 'entered', 's', 1, '', '{}')", run, customer)
    await rows("insert into listening values (%s, 'Viewed', %s, 'w')", customer, run)
    await rows(
        "insert into entry_decisions values (gen_random_uuid(), 'j', 1, %s, 'm', now(), true, '', '{}', %s)",
        customer,
        run,
    )
    await rows(
        "insert into sends (id, run_id, journey_key, step, occurrence, customer_id, message_class, status, reason,"
        " attempts, created_at) values (gen_random_uuid(), %s, 'j', 's', 1, %s, 'advertising', 'sent', '', 1, now())",
        run,
        customer,
    )
    await rows("insert into outbox values (gen_random_uuid(), %s, 'j', 'email', 'a@b.c', 'ko', '{}', now())", customer)


async def test_a_shared_device_mixes_nobody(writer: IntakeWriter, rows: Any) -> None:
    await writer.store([identify("mina", "phone"), incoming(visitor="phone")])
    await writer.store([incoming("jun", "phone")])  # not an identification: the device stays Mina's
    await writer.store([incoming(visitor="phone")])
    assert await rows(EVENTS) == [("jun", 1), ("mina", 3)]
    await writer.store([identify("jun", "phone", message="login")])
    await writer.store([incoming(visitor="phone")])
    await writer.store([identify("mina", "phone", message="again")])
    await writer.store([identify("jun", "phone", message="login")])  # told again: it must not undo what was said since
    await writer.store([incoming(visitor="phone")])
    assert await rows(EVENTS) == [("jun", 3), ("mina", 5)]


async def test_an_alias_joins_two_ids(writer: IntakeWriter, rows: Any) -> None:
    await writer.store([incoming(visitor="a"), incoming("old", minute=1), incoming("new", minute=2)])
    await writer.store([alias("a", "new")])
    await writer.store([alias("old", "new")])
    await writer.store([alias("never-seen", "new"), alias("new", "new")])
    await writer.store([incoming("old"), incoming(visitor="a"), incoming(visitor="never-seen"), incoming("new")])
    assert await rows(EVENTS) == [("new", 11)]
    assert await rows("select count(*) from customers where merged_into is null") == [(1,)]


async def test_an_alias_to_a_new_id_renames(writer: IntakeWriter, rows: Any) -> None:
    await writer.store([incoming("old")])
    await writer.store([alias("old", "new")])
    await writer.store([incoming("old"), incoming("new")])
    assert await rows(EVENTS) == [("new", 4)]


async def test_merges_follow_one_another(writer: IntakeWriter, rows: Any) -> None:
    await writer.store([incoming(visitor="a"), incoming("u"), incoming("v")])
    [(visitor,)] = await rows("select id from customers where external_id is null")
    await writer.store([identify("u", "a")])
    await writer.store([alias("u", "v")])
    [(became,)] = await rows("select merged_into from customers where id = %s", visitor)
    assert await rows("select external_id from customers where id = %s", became) == [("v",)]


async def test_another_process_learns_of_a_merge(writer: IntakeWriter, database_url: str, rows: Any) -> None:
    other = IntakeWriter(database_url)
    await other.start()
    await other.store([incoming(visitor="a"), incoming("u")])  # both are remembered there
    await writer.store([identify("u", "a")])
    await other.store([incoming(visitor="a")])
    await other.close()
    assert await rows(EVENTS) == [("u", 4)]


async def test_two_processes_meet_the_same_new_people(writer: IntakeWriter, database_url: str, rows: Any) -> None:
    other = IntakeWriter(database_url)
    await other.start()
    for number in range(10):
        await asyncio.gather(
            writer.store([incoming(visitor=f"a{number}"), incoming(f"u{number}", f"a{number}")]),
            other.store([incoming(f"u{number}"), identify(f"u{number}", f"a{number}")]),
        )
    await other.close()
    assert await rows("select count(*) from customers where merged_into is null") == [(10,)]
    assert await rows(EVENTS) == [(f"u{number}", 4) for number in range(10)]


@st.composite
def calls(draw: DrawFn) -> list[Incoming]:
    users, visitors = st.sampled_from([None, "u", "v"]), st.sampled_from([None, "a", "b"])
    events = [incoming(draw(users), draw(visitors)) for _ in range(draw(st.integers(1, 8)))]
    return [event for event in events if event.keys]


@given(calls())
def test_every_new_event_has_one_customer_and_no_customer_two_names(events: list[Incoming]) -> None:
    wanted = wanted_links(events, {})
    assert {key for event in events for key in event.keys} == set(wanted)
    names = [whose.customer for (kind, _), whose in wanted.items() if kind == "user"]
    assert len(names) == len(set(names))


PROFILES = st.builds(
    Profile,
    attributes=st.dictionaries(st.sampled_from("abc"), st.integers(0, 3)),
    tags=st.lists(st.sampled_from("xyz"), unique=True).map(tuple),
)


@given(PROFILES, PROFILES)
def test_the_known_profile_wins(known: Profile, other: Profile) -> None:
    both = merged(known, other)
    assert both.attributes == {**other.attributes, **known.attributes}
    assert set(both.tags) == {*known.tags, *other.tags}
    assert merged(both, other) == both


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.permutations(range(4)))
def test_the_newest_word_wins_in_whatever_order_it_comes(order: list[int]) -> None:
    profile = Profile()
    for number in order:
        at = NOON + timedelta(minutes=number)
        profile = with_traits(profile, Traits(at, {"email": f"{number}@x"}, {"n": number}, {"email": number == 3}))
    assert profile.contact == {"email": "3@x"}
    assert profile.attributes == {"n": 3}
    assert profile.consents.standing == {"email": True}
