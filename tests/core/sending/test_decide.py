"""Decisions of sending: the table of cases, and what no combination of circumstances may bring about."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from orchestrator.core.channels.contacts import CONTACTS
from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.sending.decide import decide
from orchestrator.core.sending.decision import Decision, Hold, Outgoing, Recipient, Send, SendContext, Skip
from orchestrator.core.sending.policies import KR, NO_POLICY, Hours, Policy
from orchestrator.core.timing import within_window, zone

SEOUL = ZoneInfo("Asia/Seoul")
NOON = datetime(2026, 3, 2, 12, tzinfo=SEOUL)
LATE = datetime(2026, 3, 2, 22, 30, tzinfo=SEOUL)
EVERYTHING = {"email": "kim@example.com", "phone": "+821012345678", "push_token": "token-0123456789"}
CONSENTED = dict.fromkeys(CHANNELS, True)
KIM = Recipient(EVERYTHING, CONSENTED)
EVERYWHERE = {**EVERYTHING, "web_push": '{"endpoint": "https://push.example.com/1"}', "customer": str(UUID(int=1))}
KIM_EVERYWHERE = Recipient(EVERYWHERE, CONSENTED)
LONG_AGO = datetime(2023, 3, 2, tzinfo=UTC)


def ad(*channels: str) -> Outgoing:
    return Outgoing(channels, "advertising")


def same_goods(*channels: str) -> Outgoing:
    return Outgoing(channels, "advertising", same_goods=True)


def info(*channels: str) -> Outgoing:
    return Outgoing(channels, "informational")


def said(decision: Decision) -> str:
    """A decision in one line."""
    passed = "".join(f"{channel}:{reason.code} → " for channel, reason in decision.passed.items())
    match decision:
        case Send(channel=channel):
            return f"{passed}send {channel}"
        case Hold(until=until, reason=reason, channel=channel):
            return f"{passed}hold {channel} {reason.code} {until.astimezone(UTC):%m-%d %H:%M}Z"
        case Skip(reason=reason):
            return f"{passed}skip {reason.code}"


def no_consent(*channels: str) -> Recipient:
    return replace(KIM, consents={**CONSENTED, **dict.fromkeys(channels, False)})


def local(zone_name: str, hour: int, minute: int = 0, day: int = 2, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=ZoneInfo(zone_name))


CASES = [
    # message, recipient, standing, now, what happens
    (ad("email"), KIM, SendContext(), NOON, "send email"),
    (ad("sms"), KIM, SendContext(), NOON, "send sms"),
    # consent
    (ad("email"), no_consent("email"), SendContext(), NOON, "email:no_consent → skip no_consent"),
    (ad("email"), Recipient(EVERYTHING, {}), SendContext(), NOON, "email:no_consent → skip no_consent"),
    (ad("email"), Recipient(EVERYTHING, {"email": "yes"}), SendContext(), NOON, "email:no_consent → skip no_consent"),
    (info("email"), Recipient(EVERYTHING, {}), SendContext(), NOON, "send email"),
    (ad("sms", "email"), no_consent("sms"), SendContext(), NOON, "sms:no_consent → send email"),
    (ad("sms", "email"), no_consent("sms", "email"), SendContext(), NOON,
     "sms:no_consent → email:no_consent → skip no_consent"),
    # a sale of the same goods stands for a consent, never against a refusal, and never by night
    (same_goods("email"), Recipient(EVERYTHING, {}), SendContext(), NOON, "send email"),
    (same_goods("email"), no_consent("email"), SendContext(), NOON, "email:no_consent → skip no_consent"),
    (same_goods("sms"), Recipient(EVERYTHING, {}), SendContext(), LATE, "hold sms legal_night 03-02 23:00Z"),
    (same_goods("email"), replace(KIM, consented_at={"email": LONG_AGO}), SendContext(), NOON, "send email"),
    (ad("email"), replace(KIM, consented_at={"email": LONG_AGO}), SendContext(), NOON,
     "email:consent_expired → skip consent_expired"),
    # who sends it
    *((ad(name), KIM_EVERYWHERE, SendContext(unsaid=("contact",)), NOON, "skip no_sender")
      for name, channel in CHANNELS.items() if channel.advertises),
    *((info(name), KIM_EVERYWHERE, SendContext(unsaid=("sender", "contact", "opt_out")), NOON, f"send {name}")
      for name in CHANNELS),
    (ad("email"), no_consent("email"), SendContext(unsaid=("contact",)), NOON, "email:no_consent → skip no_consent"),
    # address
    (info("sms"), Recipient({}, {}), SendContext(), NOON, "sms:no_address → skip no_address"),
    (info("sms"), Recipient({"phone": "010-1234-5678"}, {}), SendContext(), NOON, "sms:no_address → skip no_address"),
    (ad("push", "sms", "email"), Recipient({"email": "kim@example.com"}, CONSENTED), SendContext(), NOON,
     "push:no_address → sms:no_address → send email"),
    # what Kakao lets through
    (ad("alimtalk"), KIM, SendContext(), NOON, "alimtalk:class_not_allowed → skip class_not_allowed"),
    (ad("alimtalk", "sms"), KIM, SendContext(), NOON, "alimtalk:class_not_allowed → send sms"),
    (info("alimtalk"), KIM, SendContext(), LATE, "send alimtalk"),
    # night: 21:00-08:00 where the receiver is
    (ad("sms"), KIM, SendContext(), local("Asia/Seoul", 20, 59), "send sms"),
    (ad("sms"), KIM, SendContext(), local("Asia/Seoul", 21), "hold sms legal_night 03-02 23:00Z"),
    (ad("sms"), KIM, SendContext(), LATE, "hold sms legal_night 03-02 23:00Z"),
    (ad("sms"), KIM, SendContext(), local("Asia/Seoul", 0), "hold sms legal_night 03-01 23:00Z"),
    (ad("sms"), KIM, SendContext(), local("Asia/Seoul", 7, 59), "hold sms legal_night 03-01 23:00Z"),
    (ad("sms"), KIM, SendContext(), local("Asia/Seoul", 8), "send sms"),
    (ad("push"), KIM, SendContext(), LATE, "hold push legal_night 03-02 23:00Z"),
    (ad("email"), KIM, SendContext(), LATE, "send email"),
    (info("sms"), KIM, SendContext(), LATE, "send sms"),
    (ad("sms"), replace(KIM, consents={**CONSENTED, "sms:night": True}), SendContext(), LATE, "send sms"),
    (ad("sms"), replace(KIM, consents={**CONSENTED, "push:night": True}), SendContext(), LATE,
     "hold sms legal_night 03-02 23:00Z"),
    (ad("sms"), replace(KIM, consents={"sms:night": True}), SendContext(), LATE, "sms:no_consent → skip no_consent"),
    (ad("sms"), replace(KIM, zone="Europe/Berlin"), SendContext(), LATE, "send sms"),
    (ad("sms"), replace(KIM, zone="America/New_York"), SendContext(), NOON, "hold sms legal_night 03-02 13:00Z"),
    (ad("sms"), replace(KIM, zone="Not/AZone"), SendContext(), LATE, "hold sms legal_night 03-02 23:00Z"),
    # the clock goes forward at 02:00 on 29 March in Berlin: the morning comes an hour sooner
    (ad("sms"), replace(KIM, zone="Europe/Berlin"), SendContext(), local("Europe/Berlin", 23, day=28),
     "hold sms legal_night 03-29 06:00Z"),
    # a held first choice is not rerouted: the customer gets it where they chose, in the morning
    (ad("sms", "email"), KIM, SendContext(), LATE, "hold sms legal_night 03-02 23:00Z"),
    (ad("sms", "push"), no_consent("sms"), SendContext(), LATE, "sms:no_consent → hold push legal_night 03-02 23:00Z"),
    # the journey, the run, the step
    (info("email"), KIM, SendContext(journey="paused"), NOON, "hold email journey_paused 03-02 04:00Z"),
    (info("email"), KIM, SendContext(journey="stopped"), NOON, "skip journey_stopped"),
    (info("email"), KIM, SendContext(run_over=True), NOON, "skip run_over"),
    (info("email"), KIM, SendContext(wanted=False), NOON, "skip not_wanted"),
    (ad("sms"), no_consent("sms"), SendContext(journey="paused", run_over=True, wanted=False), LATE, "skip run_over"),
    (ad("sms"), no_consent("sms"), SendContext(wanted=False), LATE, "skip not_wanted"),
]  # fmt: skip


@pytest.mark.parametrize(("message", "recipient", "standing", "now", "expected"), CASES)
def test_a_case_is_decided(
    message: Outgoing, recipient: Recipient, standing: SendContext, now: datetime, expected: str
) -> None:
    assert said(decide(message, recipient, KR, standing, now)) == expected


def test_without_a_policy_neither_consent_nor_night_counts() -> None:
    assert said(decide(ad("sms"), Recipient(EVERYTHING, {}), NO_POLICY, SendContext(), LATE)) == "send sms"


def test_quiet_hours_hold_advertising_even_with_night_consent() -> None:
    policy = KR.model_copy(update={"quiet_hours": Hours(start=time(22), end=time(10))})
    awake = replace(KIM, consents={**CONSENTED, "sms:night": True})
    assert said(decide(ad("sms"), awake, policy, SendContext(), LATE)) == "hold sms quiet_hours 03-03 01:00Z"
    assert said(decide(info("sms"), awake, policy, SendContext(), LATE)) == "send sms"
    assert said(decide(ad("email"), awake, policy, SendContext(), LATE)) == "hold email quiet_hours 03-03 01:00Z"


def test_a_decision_says_why_in_both_languages() -> None:
    held = decide(ad("sms"), KIM, KR, SendContext(), LATE)
    assert isinstance(held, Hold)
    assert held.reason.text.to("en") == "No night-time consent: held until 2026-03-03 08:00 (Asia/Seoul)"
    assert held.reason.text.to("ko") == "야간 광고 수신 동의 없음: 2026-03-03 08:00 (Asia/Seoul)까지 보류"


def test_a_decision_carries_what_it_saw_and_no_address() -> None:
    decision = decide(ad("sms", "email"), no_consent("sms"), KR, SendContext(), NOON)
    assert dict(decision.inputs) == {
        "now": "2026-03-02T12:00:00+09:00",
        "local": "2026-03-02T12:00:00",
        "zone": "Asia/Seoul",
        "channels": ["sms", "email"],
        "class": "advertising",
        "consents": {"sms": False, "sms:night": False, "email": True, "email:night": False},
        "contacts": {"email": True, "phone": True},
        "journey": "live",
        "run_over": False,
        "wanted": True,
        "policy": KR.model_dump(mode="json"),
    }
    assert Policy.model_validate(decision.inputs["policy"]) == KR


@pytest.mark.parametrize(
    ("kind", "address", "valid"),
    [
        ("email", "kim@example.com", True),
        ("email", "kim.a+b@sub.example.co.kr", True),
        ("email", "김@예시.한국", True),
        ("email", "kim@example", False),
        ("email", "kim@@example.com", False),
        ("email", "kim@example.com\nBcc: x@y.kr", False),
        ("email", "kim @example.com", False),
        ("email", "Kim <kim@example.com>", False),
        ("email", ".kim@example.com", False),
        ("email", "a..b@example.com", False),
        ("email", "kim@-example.com", False),
        ("email", "kim@exa_mple-.com", False),
        ("email", "a" * 65 + "@example.com", False),
        ("email", "", False),
        ("phone", "+821012345678", True),
        ("phone", "01012345678", False),
        ("phone", "+8210-1234-5678", False),
        ("phone", "+0101234567", False),
        ("phone", "+82101234567890123", False),
        ("push_token", "abcdefgh:APA91_x-y", True),
        ("push_token", "short", False),
        ("push_token", "with space in it", False),
    ],
)
def test_an_address_has_the_form_of_its_kind(kind: str, address: str, *, valid: bool) -> None:
    assert CONTACTS[kind].valid(address) is valid


# --- what never happens --------------------------------------------------------------------------------------------

ZONES = sorted(available_timezones() - {"localtime", "Factory"})
channels = st.lists(st.sampled_from(sorted(CHANNELS)), min_size=1, max_size=4, unique=True).map(tuple)
messages = st.builds(Outgoing, channels, st.sampled_from(["advertising", "informational"]))
consent_keys = [key for channel in CHANNELS for key in (channel, f"{channel}:night")]
recipients = st.builds(
    Recipient,
    st.fixed_dictionaries(
        {}, optional={kind: st.sampled_from([good, "", None, "?"]) for kind, good in EVERYTHING.items()}
    ),
    st.dictionaries(st.sampled_from(consent_keys), st.sampled_from([True, False, None, "true", 1])),
    st.sampled_from(ZONES),
)
clock_times = st.times().map(lambda at: at.replace(second=0, microsecond=0))
hours = st.builds(
    Hours, start=clock_times, end=clock_times, exempt=st.lists(st.sampled_from(sorted(CHANNELS))).map(tuple)
)


@st.composite
def drawn_policies(draw: st.DrawFn) -> Policy:
    try:
        return Policy(night=draw(st.none() | hours), quiet_hours=draw(st.none() | hours))
    except ValidationError:  # windows that leave no time of day
        assume(False)
        raise


policies = st.one_of(st.just(KR), st.just(NO_POLICY), drawn_policies())
standings = st.builds(SendContext, st.sampled_from(["live", "paused", "stopped"]), st.booleans(), st.booleans())
instants = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(messages, recipients, standings, instants)
def test_advertising_is_never_sent_without_consent(
    message: Outgoing, recipient: Recipient, standing: SendContext, now: datetime
) -> None:
    decision = decide(message, recipient, KR, standing, now)
    if not isinstance(decision, Send):
        return
    assert (standing.journey, standing.run_over, standing.wanted) == ("live", False, True)
    assert CHANNELS[decision.channel].contact.valid(decision.address)
    if message.message_class == "advertising":
        assert recipient.consents[decision.channel] is True
        night = within_window(now, time(21), time(8), zone(recipient.zone))
        assert not night or decision.channel == "email" or recipient.consents[f"{decision.channel}:night"] is True


@given(messages, recipients, policies, standings, instants)
def test_a_hold_ends_outside_its_window_and_the_same_reason_does_not_hold_again(
    message: Outgoing, recipient: Recipient, policy: Policy, standing: SendContext, now: datetime
) -> None:
    decision = decide(message, recipient, policy, standing, now)
    if not isinstance(decision, Hold):
        return
    assert now < decision.until <= now + timedelta(days=2)
    if decision.reason.code == "journey_paused":
        return
    windows = {"legal_night": policy.night, "channel_closed": policy.closed.get(decision.channel)}
    window = windows.get(decision.reason.code, policy.quiet_hours)
    assert window is not None
    assert not within_window(decision.until, window.start, window.end, zone(recipient.zone))
    again = decide(message, recipient, policy, standing, decision.until)
    assert not isinstance(again, Hold) or again.reason.code != decision.reason.code


@given(messages, recipients, policies, standings, instants)
def test_every_channel_is_accounted_for(
    message: Outgoing, recipient: Recipient, policy: Policy, standing: SendContext, now: datetime
) -> None:
    decision = decide(message, recipient, policy, standing, now)
    tried = list(decision.passed)
    assert tried == list(message.channels[: len(tried)])
    if isinstance(decision, Send | Hold):
        assert decision.channel == message.channels[len(tried)]
    assert decide(message, recipient, policy, standing, now) == decision
