"""What no policy, clock or zone may bring about: an unlawful advertisement, or a message that is held and forgotten.

Many messages of many journeys want to reach one customer over some days, and each is decided, held and decided again as
the workers do it. Whether what went out was lawful is then judged by rules written down here anew, by looking at the
wall clock of the customer, minute by minute where need be, and not by asking the code that decided.
"""

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.sending.advertising import Sender, Words, dressed, missing_marks
from orchestrator.core.sending.decide import decide
from orchestrator.core.sending.decision import Decision, Hold, Outgoing, Recipient, Send, SendContext, Skip
from orchestrator.core.sending.frequency import LENGTH, Cap, Counted, Per
from orchestrator.core.sending.policies import INTERNATIONAL, KR, Hours, Policy
from orchestrator.core.values import MessageClass
from tests.examples import examples

HARD_ZONES = (
    "Asia/Seoul",
    "Pacific/Kiritimati",  # +14
    "Pacific/Apia",  # skipped 30 December 2011 as a whole
    "Etc/GMT+12",
    "Europe/Berlin",
    "America/New_York",
    "America/Havana",  # clocks change at midnight
    "Africa/Cairo",  # the same, and not every year
    "Asia/Kathmandu",  # +5:45
    "Australia/Lord_Howe",  # half an hour of summer time
    "Atlantic/Azores",
)
CONTACTS = {
    "email": "kim@example.com",
    "phone": "+821012345678",
    "push_token": "token-0123456789",
    "web_push": '{"endpoint": "https://push.example.com/1"}',
    "customer": "11111111-1111-4111-8111-111111111111",
}
SENDER = Sender("봄가게", "02-123-4567", "080-123-4567", "https://shop.example/u/1", "설정 > 알림")
MANY_TURNS = 400
"""Decisions of one message after which it counts as forgotten."""

zones = st.sampled_from(HARD_ZONES) | st.sampled_from(sorted(available_timezones() - {"localtime", "Factory"}))
local_times = st.one_of(
    st.sampled_from([time(0), time(23, 59), time(21), time(8), time(2, 30), time(20, 50)]),
    st.times().map(lambda at: at.replace(second=0, microsecond=0)),
)
channels = st.lists(st.sampled_from(sorted(CHANNELS)), min_size=1, max_size=3, unique=True).map(tuple)
tags = st.lists(st.sampled_from(["promo", "review", "news"]), max_size=2, unique=True).map(tuple)
hours = st.builds(Hours, start=local_times, end=local_times, exempt=channels | st.just(()))


@st.composite
def caps(draw: st.DrawFn) -> Cap:
    kinds: list[tuple[Per, bool]] = [("day", True), ("day", False), ("week", True), ("week", False), ("hour", False)]
    per, calendar = draw(st.sampled_from(kinds))
    return Cap(
        most=draw(st.integers(1, 3)),
        per=per,
        calendar=calendar,
        channels=draw(st.just(()) | channels),
        tags=draw(st.just(()) | tags),
        counts=draw(st.sampled_from([("advertising",), ("advertising", "informational")])),
        when_full=draw(st.sampled_from(["hold", "reroute", "skip"])),
        within=draw(st.sampled_from([timedelta(0), timedelta(hours=3), timedelta(days=1), timedelta(days=9)])),
    )


instants = st.one_of(
    st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    # Nights in which clocks change, somewhere; New Year; the day that Samoa skipped.
    st.sampled_from(
        [
            datetime(2026, 3, 28, 20, tzinfo=UTC),
            datetime(2026, 10, 24, 20, tzinfo=UTC),
            datetime(2026, 11, 1, 3, tzinfo=UTC),
            datetime(2026, 3, 8, 3, tzinfo=UTC),
            datetime(2026, 4, 4, 12, tzinfo=UTC),
            datetime(2025, 12, 31, 9, 59, tzinfo=UTC),
            datetime(2011, 12, 30, 9, tzinfo=UTC),
        ]
    ),
)
consent_names = [name for channel in CHANNELS for name in (channel, f"{channel}:night")]
answers = st.sampled_from([True, True, True, True, False, None, "true", 1])
by_day, by_night = list(CHANNELS), [f"{channel}:night" for channel in CHANNELS]
consents = st.fixed_dictionaries(dict.fromkeys(by_day, answers), optional=dict.fromkeys(by_night, answers))
given_on = st.builds(lambda at, days: at - timedelta(days=days), instants, st.sampled_from([0, 365, 728, 731, 2000]))


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """A policy that a workspace could save: windows that leave no time of day are refused there."""
    ground = draw(st.sampled_from([KR, INTERNATIONAL]))
    wishes: dict[str, Any] = {"caps": tuple(draw(st.lists(caps(), max_size=3))), "quiet_hours": draw(st.none() | hours)}
    if draw(st.booleans()):
        wishes["night"] = draw(st.none() | hours)
    if draw(st.booleans()):
        wishes["day_only"] = draw(channels)
    try:
        return Policy.model_validate({**ground.model_dump(), **wishes})
    except ValidationError as refused:
        assume("leave no time" not in str(refused))
        raise


@dataclass
class Wanted:
    """A message that a journey wants to send, and what became of it."""

    id: str
    message: Outgoing
    at: datetime
    decisions: list[tuple[datetime, Decision]] = field(default_factory=list)


@st.composite
def days_of_messages(draw: st.DrawFn) -> list[Wanted]:
    start = draw(instants)
    built = []
    for n in range(draw(st.integers(1, 10))):
        kind: MessageClass = draw(st.sampled_from(["advertising", "advertising", "informational"]))
        message = Outgoing(draw(channels), kind, draw(tags), same_goods=draw(st.sampled_from([False, False, True])))
        built.append(Wanted(str(n), message, start + timedelta(minutes=draw(st.integers(0, 4 * 24 * 60)))))
    return built


@st.composite
def recipients(draw: st.DrawFn) -> Recipient:
    given_at = draw(st.dictionaries(st.sampled_from(consent_names), given_on, max_size=14))
    known = {kind: address if draw(st.integers(0, 5)) else None for kind, address in CONTACTS.items()}
    return Recipient(
        known, draw(consents), draw(zones), given_at, complaint=draw(st.sampled_from([False] * 4 + [True]))
    )


def carried_out(wanted: Sequence[Wanted], recipient: Recipient, policy: Policy) -> list[Counted]:
    """Decide each message when it is wanted, and again whenever a hold ends, in the order of time."""
    queue = [(one.at, n) for n, one in enumerate(wanted)]
    heapq.heapify(queue)
    sent: list[Counted] = []
    while queue:
        now, n = heapq.heappop(queue)
        one = wanted[n]
        decision = decide(one.message, recipient, policy, SendContext(counted=tuple(sent), since=one.at), now)
        one.decisions.append((now, decision))
        assert len(one.decisions) < MANY_TURNS, "held for ever"
        if isinstance(decision, Send):
            sent.append(Counted(one.id, now, decision.channel, one.message.message_class, one.message.tags))
        elif isinstance(decision, Hold):
            heapq.heappush(queue, (decision.until, n))
    return sent


# --- the rules, told once more -------------------------------------------------------------------------------------


def wall_clock(instant: datetime, where: str) -> tuple[int, int]:
    local = instant.astimezone(ZoneInfo(where))
    return local.hour, local.minute


def is_in(hours: Hours | None, channel: str, instant: datetime, where: str) -> bool:
    """Walks from the window's beginning to its end, a minute at a time, as a clock's hands do."""
    if hours is None or channel in hours.exempt:
        return False
    minute, minutes = (hours.start.hour, hours.start.minute), set()
    while minute != (hours.end.hour, hours.end.minute):
        minutes.add(minute)
        minute = (minute[0] + (minute[1] + 1) // 60) % 24, (minute[1] + 1) % 60
    return wall_clock(instant, where) in minutes


def agreed(recipient: Recipient, name: str, policy: Policy, now: datetime) -> bool:
    if recipient.consents.get(name) is not True:
        return False
    at = recipient.consented_at.get(name)
    return at is None or policy.reconfirm_after is None or at + policy.reconfirm_after > now


def same_period(cap: Cap, one: datetime, other: datetime, where: str) -> bool:
    if not cap.calendar:
        return abs(one - other) < LENGTH[cap.per]
    days = [at.astimezone(ZoneInfo(where)).date() for at in (one, other)]
    return days[0] == days[1] if cap.per == "day" else days[0].isocalendar()[:2] == days[1].isocalendar()[:2]


def over(cap: Cap, sent: Sequence[Counted], last: Counted, where: str) -> bool:
    """Whether an advertisement was one too many under a cap that covers it."""

    def covered(one: Counted) -> bool:
        on_channel = not cap.channels or one.channel in cap.channels
        return on_channel and (not cap.tags or bool(set(cap.tags) & set(one.tags)))

    if last.message_class != "advertising" or not covered(last):
        return False
    before = [one for one in sent[: sent.index(last)] if covered(one) and one.message_class in cap.counts]
    return sum(same_period(cap, one.at, last.at, where) for one in before) >= cap.most


@settings(max_examples=examples(400), deadline=None)
@given(days_of_messages(), recipients(), policies())
@example(
    [Wanted("0", Outgoing(("sms",), "advertising"), datetime(2011, 12, 30, 9, tzinfo=UTC))],
    Recipient(CONTACTS, {"sms": True}, "Pacific/Apia"),
    KR,
)
def test_no_advertisement_is_unlawful_and_nothing_held_is_lost(
    wanted: list[Wanted], recipient: Recipient, policy: Policy
) -> None:
    sent = carried_out(wanted, recipient, policy)
    where = recipient.zone
    by_id = {one.id: one for one in sent}
    for one in wanted:
        now, last = one.decisions[-1]
        # Nothing is lost: every message ends by going out once, or by being given up with a reason.
        assert not isinstance(last, Hold)
        assert isinstance(last, Send) == (one.id in by_id)
        assert isinstance(last, Send) or (last.reason.text.to("ko") and last.reason.text.to("en"))
        assert [at for at, _ in one.decisions] == sorted({at for at, _ in one.decisions})
        held = [decision.until for _, decision in one.decisions if isinstance(decision, Hold)]
        assert held == [at for at, _ in one.decisions[1:]]
        if not isinstance(last, Send):
            continue
        assert not is_in(policy.closed.get(last.channel), last.channel, now, where)
        if one.message.message_class == "informational":
            if last.channel in policy.day_only:
                assert not is_in(policy.night, last.channel, now, where)
                assert not is_in(policy.quiet_hours, last.channel, now, where)
            continue
        of_same_goods = one.message.same_goods and policy.name == "KR" and recipient.consents[last.channel] is not False
        assert agreed(recipient, last.channel, policy, now) or of_same_goods
        assert not is_in(policy.night, last.channel, now, where) or agreed(
            recipient, f"{last.channel}:night", policy, now
        )
        assert not is_in(policy.quiet_hours, last.channel, now, where)
        assert not recipient.complaint
        assert not any(over(cap, sent, by_id[one.id], where) for cap in policy.caps)


@settings(max_examples=examples(200), deadline=None)
@given(days_of_messages(), recipients(), policies())
def test_a_message_waits_for_room_no_longer_than_its_caps_allow(
    wanted: list[Wanted], recipient: Recipient, policy: Policy
) -> None:
    carried_out(wanted, recipient, policy)
    longest = max((cap.within for cap in policy.caps), default=timedelta(0))
    for one in wanted:
        for _, decision in one.decisions:
            if isinstance(decision, Hold) and decision.reason.code == "frequency_cap_held":
                assert decision.until <= one.at + longest


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60)
labels = st.sampled_from(["", "(광고)", "[광고] ", "(광 고)", "(광고) (광고)", "（광고）", "광고: "])


@settings(max_examples=examples(300), deadline=None)
@given(labels, words, labels, words, st.sampled_from(sorted(CHANNELS)), st.sampled_from(["ko", "en", "ko-KR"]))
def test_an_advertisement_is_labelled_and_tells_the_way_out_whatever_its_author_wrote(
    label: str, subject: str, other: str, body: str, channel: str, locale: str
) -> None:
    subject = label + subject if CHANNELS[channel].subject != "none" else ""
    written = Words(subject, other + body)
    said = dressed(written, channel, "advertising", KR, SENDER, locale)
    assert missing_marks(said, channel, "advertising", KR, SENDER) == ()
    if CHANNELS[channel].marks.by_owner:
        return
    first = said.subject or said.body
    assert first.startswith("(광고)")
    assert not first.removeprefix("(광고)").lstrip().startswith(("(광고)", "[광고]", "(광 고)", "（광고）"))
    assert any(way in said.body for way in ("080-123-4567", "https://shop.example/u/1", "설정 > 알림"))
    assert dressed(said, channel, "advertising", KR, SENDER, locale) == said, "dressing twice is dressing once"


@pytest.mark.parametrize(
    ("channel", "given", "missing"),
    [
        ("email", Words("봄 세일", "본문 봄가게 https://shop.example/u/1"), ("label",)),
        ("email", Words("(광고) 봄 세일", "본문 https://shop.example/u/1"), ("sender",)),
        ("email", Words("(광고) 봄 세일", "본문 봄가게"), ("opt_out",)),
        ("email", Words("", "(광고) 봄가게 https://shop.example/u/1"), ("label",)),
        ("sms", Words("봄 세일", "(광고)[봄가게] 본문 080-123-4567"), ("label",)),
        ("sms", Words("", "본문"), ("label", "sender", "opt_out")),
        ("push", Words("", "(광고) 본문"), ("opt_out",)),
        ("kakao_brand", Words("", "본문"), ()),
    ],
)
def test_a_missing_mark_is_named(channel: str, given: Words, missing: tuple[str, ...]) -> None:
    assert missing_marks(given, channel, "advertising", KR, SENDER) == missing
    assert missing_marks(given, channel, "informational", KR, SENDER) == ()


def test_windows_that_leave_no_time_of_day_are_refused() -> None:
    day = Hours(start=time(8), end=time(21))
    with pytest.raises(ValidationError, match="leave no time for sms"):
        Policy.model_validate({**KR.model_dump(), "quiet_hours": {**day.model_dump(), "exempt": ["kakao_brand"]}})


CONSENTS: Mapping[str, bool] = {"sms": True, "email": True}
NOON = datetime(2026, 3, 2, 3, tzinfo=UTC)
"""Noon in Seoul, a Monday."""


def counted(*ago: timedelta, channel: str = "sms") -> tuple[Counted, ...]:
    return tuple(Counted(f"c{n}", NOON - one, channel, "advertising", ("promo",)) for n, one in enumerate(ago))


HOUR = timedelta(hours=1)
CAP_CASES: list[tuple[dict[str, Any], tuple[Counted, ...], str]] = [
    ({"most": 2}, counted(HOUR), "send sms"),
    ({"most": 2}, counted(HOUR, 2 * HOUR), "hold 03-03 01:00"),
    ({"most": 2}, counted(HOUR, 2 * HOUR, 3 * HOUR), "hold 03-03 01:00"),
    ({"most": 1}, counted(24 * HOUR), "send sms"),
    ({"most": 1}, counted(24 * HOUR - timedelta(minutes=1)), "hold 03-02 03:01"),
    ({"most": 1, "calendar": True}, counted(13 * HOUR), "send sms"),
    ({"most": 1, "calendar": True}, counted(11 * HOUR), "hold 03-02 15:00"),
    ({"most": 1, "per": "week", "calendar": True, "within": "7d"}, counted(11 * HOUR), "hold 03-08 15:00"),
    ({"most": 1, "per": "week"}, counted(HOUR), "skip frequency_cap_too_long"),
    ({"most": 1, "when_full": "skip"}, counted(HOUR), "skip frequency_cap"),
    ({"most": 1, "when_full": "reroute", "channels": ["sms"]}, counted(HOUR), "send email"),
    ({"most": 1, "channels": ["email"]}, counted(HOUR), "send sms"),
    ({"most": 1, "tags": ["promo"]}, counted(HOUR), "hold 03-03 02:00"),
    ({"most": 1, "tags": ["other"]}, counted(HOUR), "send sms"),
]


@pytest.mark.parametrize(("cap", "past", "expected"), CAP_CASES)
def test_a_cap_is_decided(cap: dict[str, Any], past: tuple[Counted, ...], expected: str) -> None:
    policy = Policy.model_validate({**KR.model_dump(), "caps": [cap]})
    message = Outgoing(("sms", "email"), "advertising", ("promo",))
    decision = decide(message, Recipient(CONTACTS, CONSENTS), policy, SendContext(counted=past), NOON)
    match decision:
        case Send(channel=channel):
            said = f"send {channel}"
        case Hold(until=until):
            said = f"hold {until.astimezone(UTC):%m-%d %H:%M}"
        case Skip(reason=reason):
            said = f"skip {reason.code}"
    assert said == expected
