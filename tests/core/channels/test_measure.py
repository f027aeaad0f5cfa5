"""How long a message is on its channel."""

import pytest

from orchestrator.core.channels.registry import CHANNELS


@pytest.mark.parametrize(
    ("body", "form", "size", "limit", "fits"),
    [
        ("a" * 90, "sms", 90, 90, True),
        ("a" * 91, "lms", 91, 2_000, True),
        ("똠방각하" * 11, "sms", 88, 90, True),  # a syllable that is in the carriers' set, if not in KS X 1001
        ("가" * 1_000, "lms", 2_000, 2_000, True),
        ("가" * 1_001, "lms", 2_002, 2_000, False),
        ("안녕 🙂", "sms", 6, 90, False),
    ],
)
def test_a_text_message(body: str, form: str, size: int, limit: int, fits: bool) -> None:
    facts = CHANNELS["sms"].measured("", body)
    assert (facts.form, facts.bytes, facts.limit, facts.fits) == (form, size, limit, fits)
    assert bool(facts.notes) == (form == "lms" or not fits)


@pytest.mark.parametrize(("channel", "limit"), [("alimtalk", 1_300), ("push", 4_096)])
def test_other_channels_have_limits_of_their_own(channel: str, limit: int) -> None:
    assert CHANNELS[channel].measured("", "a" * limit).fits
    facts = CHANNELS[channel].measured("", "a" * (limit + 1))
    assert not facts.fits
    assert f"{limit:,}" in facts.notes[0].to("ko")


def test_an_e_mail_may_be_long() -> None:
    assert CHANNELS["email"].measured("", "가" * 10_000).fits
