"""Whatever the channel, the country and the language: words that were dressed say all that is asked of them."""

import itertools

import pytest

from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.sending.advertising import Sender, Words, dressed, missing_marks, missing_sender
from orchestrator.core.sending.policies import INTERNATIONAL, KR, NO_POLICY, policy_for

SENDER = Sender("오늘찻집", "02-123-4567", "080-123-4567", "https://shop.kr/out")
ONLY_LINK = Sender("Shop", "", "", "https://shop.kr/out")
LOOSE = policy_for({"label": ""}, "KR")
CASES = list(itertools.product(CHANNELS, (KR, INTERNATIONAL, NO_POLICY, LOOSE), (SENDER, ONLY_LINK), ("ko", "en")))


@pytest.mark.parametrize(("channel", "policy", "sender", "locale"), CASES)
def test_nothing_is_refused_as_unmarked_that_was_dressed(
    channel: str, policy: object, sender: Sender, locale: str
) -> None:
    for written in (Words("", "Tea is cheap today"), Words("Tea", "Tea is cheap today"), Words("", "(광고) Tea")):
        words = dressed(written, channel, "advertising", policy, sender, locale)  # type: ignore[arg-type]
        lacking = set(missing_marks(words, channel, "advertising", policy, sender))  # type: ignore[arg-type]
        subject_wanted = CHANNELS[channel].marks.label == "subject" and not written.subject
        assert lacking <= ({"label"} if subject_wanted else set())
        assert dressed(words, channel, "advertising", policy, sender, locale) == words  # type: ignore[arg-type]


def test_a_foreign_number_gets_the_senders_name_without_a_label() -> None:
    words = dressed(Words("", "Tea is cheap today"), "sms", "advertising", INTERNATIONAL, SENDER, "en")
    assert words.body.startswith("[오늘찻집] Tea is cheap today\n")
    named = dressed(Words("", "오늘찻집: Tea"), "sms", "advertising", INTERNATIONAL, SENDER, "en")
    assert named.body.startswith("오늘찻집: Tea\n")


def test_a_contact_is_asked_for_where_the_law_asks() -> None:
    assert missing_sender(KR, Sender()) == ("sender", "contact", "opt_out")
    assert missing_sender(KR, ONLY_LINK) == ("contact",)
    assert missing_sender(INTERNATIONAL, ONLY_LINK) == ()
    assert missing_sender(NO_POLICY, Sender()) == ()
    assert missing_sender(KR, SENDER) == ()
