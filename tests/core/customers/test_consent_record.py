"""What counts of what was said of a consent: acts, statements, late words and merges, in whatever order they come."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.core.customers.consent_record import (
    ConsentAct,
    ConsentRecord,
    instant,
    microseconds,
    read_records,
    records_as_json,
)
from orchestrator.core.customers.consents import Consents, hear, in_turn
from orchestrator.core.customers.traits import Profile, Traits, merged, with_consents, with_traits
from orchestrator.core.sending.decide import decide
from orchestrator.core.sending.decision import Outgoing, Recipient, Send, SendContext
from orchestrator.core.sending.policies import KR
from tests.consent_reading import Reading, Word
from tests.examples import examples

T0 = datetime(2026, 3, 2, 3, tzinfo=UTC)  # noon in Seoul
NAMES = ("email", "sms", "sms:night")
PEOPLE = ("kim", "visitor", "lee")


def at(minute: int) -> datetime:
    return T0 + timedelta(minutes=minute)


def test_a_statement_repeated_undoes_no_opt_out() -> None:
    said = Traits(at(0), consents={"email": True})
    profile = with_traits(Profile(), said)
    out = hear(profile.consents, {"email": False}, at(1), act=True)
    profile = Profile(consents=out.consents)
    for minute in (2, 3):
        profile, heard = with_consents(profile, Traits(at(minute), consents={"email": True}))
        assert profile.consents.standing == {"email": False}
        lines = heard[0][0].lines
        assert [(line.granted, line.counts) for line in lines] == ([(True, False)] if minute == 2 else []), "said once"
    proved = Traits(at(4), acts={"email": ConsentAct(True, at(4), {"evidence": "double opt-in"})})
    assert with_traits(profile, proved).consents.standing == {"email": True}


@pytest.mark.parametrize(
    ("words", "stands"),
    [
        ("statement yes 0", True),
        ("statement no 0, statement yes 1", True),
        ("statement yes 1, statement no 0", True),
        ("act no 0, statement yes 1", False),
        ("statement yes 5, act no 0", False),
        ("act no 1, act yes 0", False),
        ("act no 0, act yes 1, statement yes 0", True),
        ("act yes 0, statement no 1", False),
        ("act yes 1, statement no 0", True),
        ("act yes 0, statement no 1, statement yes 2", True),
        ("act yes 0, act no 0", False),
        ("act no 0, act yes 0", False),
    ],
)
def test_the_rules(words: str, stands: bool) -> None:
    record = ConsentRecord()
    for word in words.split(", "):
        kind, granted, minute = word.split()
        add = record.with_act if kind == "act" else record.with_statement
        record = add(granted == "yes", at(int(minute)))
    assert record.stands() is stands
    assert read_records(records_as_json({"email": record})) == {"email": record}


@pytest.mark.parametrize("act", [True, False])
def test_of_two_words_said_just_now_in_one_instant_the_second_counts(act: bool) -> None:
    consents = Consents()
    for granted in (True, False, True, False, True):
        now = in_turn(consents, {"sms": granted}, at(0), act=act)
        consents = hear(consents, {"sms": granted}, now, act=act).consents
        assert consents.standing == {"sms": granted}
    assert consents.records["sms"].newest() - microseconds(at(0)) <= 4


def test_instants_are_kept_to_the_microsecond() -> None:
    odd = datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
    assert instant(microseconds(odd)) == odd
    assert microseconds(datetime(1970, 1, 1, tzinfo=UTC)) == 0


def test_a_repeated_statement_renews_no_date_and_an_act_does() -> None:
    profile = with_traits(Profile(), Traits(at(0), consents={"sms": True}))
    profile = with_traits(profile, Traits(at(9), consents={"sms": True}))
    assert profile.consents.dates == {"sms": at(0).isoformat()}
    profile = with_traits(profile, Traits(at(9), acts={"sms": ConsentAct(True, at(5))}))
    assert profile.consents.dates == {"sms": at(5).isoformat()}


def test_the_opt_out_of_a_channel_ends_its_night_and_a_stale_night_does_not_come_back() -> None:
    consents = hear(Consents(), {"sms": True, "sms:night": True}, at(0)).consents
    out = hear(consents, {"sms": False}, at(1), act=True)
    assert out.consents.standing == {"sms": False, "sms:night": False}
    assert out.changes.withdrawn == ("sms", "sms:night")
    again = hear(out.consents, {"sms": True}, at(2), act=True).consents
    assert again.standing == {"sms": True, "sms:night": False}


words = st.builds(
    Word, st.sampled_from(NAMES), st.booleans(), st.integers(0, 12).map(at), act=st.sampled_from([True, False, False])
)
merges = st.sampled_from([("kim", "visitor"), ("kim", "lee"), ("lee", "visitor")])
stories = st.lists(st.tuples(st.sampled_from(PEOPLE), words) | merges, max_size=14)


@settings(deadline=None)
@given(stories, st.booleans())
def test_consents_equal_a_plain_re_reading_of_all_that_was_said(story: list[Any], night: bool) -> None:
    reading, people, became = Reading(), {name: Profile() for name in PEOPLE}, {name: name for name in PEOPLE}
    for who, what in story:
        if isinstance(what, Word):
            person = became[who]
            reading.hear(person, what)
            given_word = {what.name: ConsentAct(what.granted, what.at)} if what.act else {}
            stated = {} if what.act else {what.name: what.granted}
            people[person] = with_traits(people[person], Traits(what.at, consents=stated, acts=given_word))
        elif became[who] != became[what]:
            known, other = became[who], became[what]
            reading.merge(known, other)
            people[known] = merged(people[known], people.pop(other))
            became = {name: known if person == other else person for name, person in became.items()}
    for person, profile in people.items():
        assert profile.consents.standing == reading.stands(person)
        assert set(profile.consents.dates) == {name for name, stands in reading.stands(person).items() if stands}
        _no_advertising_against_it(profile, reading.stands(person), night)


def _no_advertising_against_it(profile: Profile, stands: dict[str, bool], night: bool) -> None:
    recipient = Recipient({"email": "kim@example.com", "phone": "+821012345678"}, profile.consents.standing)
    now = T0 + timedelta(hours=11 if night else 1)
    decision = decide(Outgoing(("sms", "email"), "advertising"), recipient, KR, SendContext(), now)
    if isinstance(decision, Send):
        assert stands.get(decision.channel) is True
        assert decision.channel == "email" or not night or stands.get("sms:night") is True


@given(st.permutations([(0, "Seoul"), (1, None), (2, "Busan"), (3, None), (4, "Jeju")]), st.integers(1, 5))
def test_every_name_counts_by_its_own_instant_also_that_there_is_none(order: list[Any], known: int) -> None:
    """Names said beside it, later or earlier, change nothing in that."""
    said = [one for one in order if one[0] < known]
    profile = Profile()
    for minute, city in said:
        profile = with_traits(
            profile, Traits(at(minute), {"phone": city}, {"city": city}, groups={"acme": {"at": city}})
        )
        profile = with_traits(profile, Traits(at(99), {"email": "kim@example.com"}, {"plan": minute}, {"sms": True}))
    newest = max(said)[1]
    assert profile.attributes.get("city") == newest
    assert profile.contact.get("phone") == newest
    assert profile.attributes["group"]["acme"].get("at") == newest


def test_a_withdrawal_that_arrives_late_is_set_in_its_place_whatever_else_was_said_since() -> None:
    profile = with_traits(Profile(), Traits(at(-5), consents={"email": True}))
    profile = with_traits(profile, Traits(at(-1), attributes={"city": "Seoul"}))
    profile = with_traits(profile, Traits(at(-3), consents={"email": False}))
    assert profile.consents.standing == {"email": False}


def test_what_was_taken_away_does_not_come_back_by_a_merge() -> None:
    known = with_traits(with_traits(Profile(), Traits(at(0), {}, {"city": "Seoul"})), Traits(at(2), {}, {"city": None}))
    other = with_traits(Profile(), Traits(at(1), {}, {"city": "Busan", "plan": "pro"}))
    assert merged(known, other).attributes == {"plan": "pro"}


@settings(max_examples=examples(60))
@given(st.integers(0, 9), st.integers(0, 9))
def test_what_stood_before_instants_by_name_were_kept_counts_from_the_profiles(said: int, profile_at: int) -> None:
    profile = Profile(attributes={"city": "Seoul"}, at=at(profile_at))
    after = with_traits(profile, Traits(at(said), {}, {"city": "Busan", "new": 1}))
    assert after.attributes == {"city": "Busan" if said >= profile_at else "Seoul", "new": 1}
