"""Phrases: values that become words once it is known who reads."""

from datetime import UTC, datetime

import pytest

from orchestrator.core.text import (
    LOCALES,
    OR,
    Text,
    closest_locale,
    joined,
    language_text,
    moment_text,
    number_text,
    shortened,
    supported_locale,
    verbatim,
)

CODE = Text("A code of {pool}", pool="welcome")


def test_a_phrase_is_translated_and_filled() -> None:
    assert CODE.by_locale() == {"en": "A code of welcome", "ko": "welcome 코드 발급"}
    assert Text("A code of {pool}").format(pool="welcome") == CODE


def test_what_nothing_was_filled_into_is_shown_as_it_is_written() -> None:
    assert Text("A code of {pool}").to("en") == "A code of {pool}"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("발신자 이름", "발신자 이름이 없습니다"),
        ("연락처", "연락처가 없습니다"),
        ("“회원 등급”", "“회원 등급”이 없습니다"),
        ("Nike", "Nike이(가) 없습니다"),
    ],
)
def test_a_particle_of_a_catalogue_follows_the_sound_of_what_was_filled_in(name: str, said: str) -> None:
    assert Text("is missing {marks}", marks=name).to("ko") == said


def test_texts_nest_and_are_said_in_the_language_of_the_whole() -> None:
    channel = Text("{channel} at night", context="condition", channel=Text("e-mail"))
    assert Text("agreed to advertising by {channel}", channel=channel).to("ko") == "이메일 야간 광고 수신 동의"


def test_what_is_filled_in_is_not_read_again() -> None:
    assert Text("A code of {pool}", pool="{pool}").to("en") == "A code of {pool}"


def test_a_missing_parameter_is_an_error_at_once() -> None:
    with pytest.raises(KeyError, match="pool"):
        Text("A code of {pool}", pol="x")


def test_texts_are_values() -> None:
    assert Text("A code of {pool}", pool="welcome") == CODE
    assert hash(CODE) == hash(Text("A code of {pool}", pool="welcome"))
    assert Text("A code of {pool}", pool="other") != CODE
    assert verbatim("x") == verbatim("x")
    assert verbatim("x") != Text("x")


@pytest.mark.parametrize(("count", "en", "ko"), [(1, "1 day", "1일"), (2, "2 days", "2일"), (0, "0 days", "0일")])
def test_a_count_chooses_the_plural_form(count: int, en: str, ko: str) -> None:
    assert Text("{count} day", plural="{count} days", count=count).by_locale() == {"en": en, "ko": ko}


def test_a_phrase_that_no_catalogue_has_is_shown_in_english() -> None:
    assert Text("Not translated {count}", plural="Not translated {count}s", count=2).to("ko") == "Not translated 2s"


def test_words_that_somebody_wrote_are_shown_as_they_are() -> None:
    assert verbatim("Wait").to("ko") == "Wait"
    assert verbatim({"ko": "환영"}).by_locale() == {"en": "환영", "ko": "환영"}
    assert verbatim({}, Text("once")).by_locale() == {"en": "once", "ko": "1회"}


def test_lists_are_joined_as_each_language_does() -> None:
    assert joined((Text("once"), Text("twice")), OR).by_locale() == {"en": "once or twice", "ko": "1회 또는 2회"}


def test_long_words_are_cut_in_each_language() -> None:
    assert shortened(Text("once"), 2).by_locale() == {"en": "on…", "ko": "1회"}


def test_numbers_moments_and_languages_are_written_as_each_language_does() -> None:
    at = datetime(2026, 3, 3, 10, tzinfo=UTC)
    assert number_text(1234.5).to("ko") == "1,234.5"
    assert number_text(0.125, "@##%").to("en") == "12.5%"
    assert moment_text(at, "instant").by_locale() == {"en": "Tue 3 Mar 2026 10:00", "ko": "2026년 3월 3일(화) 10:00"}
    assert language_text("ko").by_locale() == {"en": "Korean", "ko": "한국어"}
    assert language_text("no such").to("en") == "no such"


def test_a_tag_is_read_as_the_nearest_language_of_ours() -> None:
    assert [closest_locale(tag) for tag in ("ko-KR", "EN", "fr", "")] == ["ko", "en", None, None]
    assert [supported_locale(tag) for tag in ("ko-KR", "fr")] == ["ko", "en"]
    assert LOCALES[0] == "en"
