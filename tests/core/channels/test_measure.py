"""How long a message is on its channel."""

import pytest

from orchestrator.core.channels.registry import CHANNELS


@pytest.mark.parametrize(
    ("body", "form", "size", "limit", "fits"),
    [
        ("a" * 90, "sms", 90, 90, True),
        ("a" * 91, "lms", 91, 2_000, True),
        ("뷁" * 11, "sms", 22, 90, False),  # a syllable that KS X 1001 does not have: providers refuse it
        ("₩12,300 — “지금”", "sms", 20, 90, True),  # letters that are carried as their equals
        ("가" * 1_000, "lms", 2_000, 2_000, True),
        ("가" * 1_001, "lms", 2_002, 2_000, False),
        ("안녕 🙂", "sms", 7, 90, False),
    ],
)
def test_a_text_message(body: str, form: str, size: int, limit: int, fits: bool) -> None:
    facts = CHANNELS["sms"].measured("", body)
    assert (facts.form, facts.bytes, facts.limit, facts.fits) == (form, size, limit, fits)
    assert bool(facts.notes) == (form == "lms" or not fits)


def test_a_title_makes_a_text_message_long_and_is_short_itself() -> None:
    facts = CHANNELS["sms"].measured("봄 소식", "세일")
    assert (facts.form, facts.fits, len(facts.notes)) == ("lms", True, 1)
    facts = CHANNELS["sms"].measured("가" * 21, "세일")
    assert not facts.fits
    assert [one.code for one in facts.problems] == ["title_too_long"]


@pytest.mark.parametrize(("channel", "limit"), [("alimtalk", 1_300), ("push", 4_096)])
def test_other_channels_have_limits_of_their_own(channel: str, limit: int) -> None:
    assert CHANNELS[channel].measured("", "a" * limit).fits
    facts = CHANNELS[channel].measured("", "a" * (limit + 1))
    assert not facts.fits
    assert f"{limit:,}" in facts.notes[0].to("ko")


def test_an_e_mail_may_be_long() -> None:
    assert CHANNELS["email"].measured("", "가" * 10_000).fits
