"""Surveys: each answer falls into one group, and the score is what its definition says."""

from collections import Counter
from contextlib import suppress
from datetime import timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.core.surveys.invitations import INVITATIONS, QUESTIONS, READY, new_document
from orchestrator.core.surveys.questionnaire import (
    KIND_TITLES,
    MOST_COMMENT,
    RESERVED,
    Answer,
    BadAnswer,
    SurveyDocument,
    SurveyKind,
    answer_from,
    comment_question,
    distribution,
    group_of,
    groups_of,
    numbers_of,
    problems_of,
    score,
)
from orchestrator.core.templating.engine import ROOTS, variables

KINDS: tuple[SurveyKind, ...] = get_args(SurveyKind)
BOTH = {"en": "Words", "ko": "문구"}


def survey(kind: str, **more: Any) -> SurveyDocument:
    options = (
        [{"key": key, "label": BOTH} for key in ("red", "green", "blue")] if kind in ("choice", "multiple") else []
    )
    return SurveyDocument.model_validate({"kind": kind, "name": BOTH, "question": BOTH, "options": options, **more})


@st.composite
def documents(draw: st.DrawFn) -> SurveyDocument:
    kind = draw(st.sampled_from(KINDS))
    if kind != "csat":
        return survey(kind, rule=draw(st.sampled_from(["first", "any"])))
    scale = draw(st.integers(3, 10))
    low = draw(st.integers(1, scale - 1))
    return survey(kind, scale=scale, low_until=low, high_from=draw(st.integers(low + 1, scale)))


@st.composite
def answered(draw: st.DrawFn) -> tuple[SurveyDocument, Answer]:
    document = draw(documents())
    if numbers := list(numbers_of(document)):
        return document, Answer(score=draw(st.sampled_from(numbers)))
    if document.kind == "text":
        return document, Answer(text=draw(st.text(min_size=1, max_size=50).filter(str.strip)))
    keys = [option.key for option in document.options]
    most = 1 if document.kind == "choice" else 3
    return document, Answer(
        choices=tuple(draw(st.lists(st.sampled_from(keys), min_size=1, max_size=most, unique=True)))
    )


@given(answered())
def test_every_answer_falls_into_exactly_one_group(case: tuple[SurveyDocument, Answer]) -> None:
    document, answer = case
    assert problems_of(document) == ()
    keys = [group.key for group in groups_of(document)]
    assert len(set(keys)) == len(keys)
    assert group_of(document, answer) in keys
    assert not set(keys) & (RESERVED - {"answered"})


@given(documents())
def test_the_groups_of_numbers_cover_the_scale_without_a_gap(document: SurveyDocument) -> None:
    if numbers_of(document):
        bounds = [(group.lowest, group.highest) for group in groups_of(document)]
        covered = [n for low, high in bounds if low is not None and high is not None for n in range(low, high + 1)]
        assert covered == list(numbers_of(document))


@given(st.lists(st.integers(0, 10), min_size=1, max_size=300))
def test_nps_is_promoters_less_detractors_and_stays_within_a_hundred(given_: list[int]) -> None:
    nps = survey("nps")
    found = score(nps, Counter(group_of(nps, Answer(score=n)) for n in given_))
    promoters, detractors = sum(n >= 9 for n in given_), sum(n <= 6 for n in given_)
    assert found is not None
    assert found.value == pytest.approx(100 * promoters / len(given_) - 100 * detractors / len(given_))
    assert (found.top, found.bottom, found.of) == (promoters, detractors, len(given_))
    assert -100 <= found.value <= 100
    assert 0 <= found.margin <= 200


@given(st.lists(st.integers(1, 5), min_size=1, max_size=300))
def test_csat_is_the_share_of_the_top_boxes(given_: list[int]) -> None:
    csat = survey("csat")
    found = score(csat, Counter(group_of(csat, Answer(score=n)) for n in given_))
    assert found is not None
    assert found.value == pytest.approx(100 * sum(n >= 4 for n in given_) / len(given_))


def test_the_margin_is_that_of_a_share() -> None:
    found = score(survey("csat"), {"high": 50, "low": 50})
    assert found is not None
    assert found.margin == pytest.approx(9.8)
    nps = score(survey("nps"), {"promoter": 50, "detractor": 50})
    assert nps is not None
    assert (nps.value, round(nps.margin, 1)) == (0, 19.6)


def test_there_is_no_score_without_answers_or_without_numbers() -> None:
    assert score(survey("nps"), {}) is None
    assert score(survey("nps"), {"red": 4}) is None
    assert score(survey("choice"), {"red": 4}) is None


@pytest.mark.parametrize(
    ("kind", "answer", "code"),
    [
        ("nps", Answer(), "empty"),
        ("nps", Answer(score=11), "out_of_scale"),
        ("nps", Answer(score=-1), "out_of_scale"),
        ("csat", Answer(score=0), "out_of_scale"),
        ("csat", Answer(score=6), "out_of_scale"),
        ("choice", Answer(), "empty"),
        ("choice", Answer(choices=("red", "blue")), "unknown_choice"),
        ("choice", Answer(choices=("black",)), "unknown_choice"),
        ("multiple", Answer(choices=("red", "black")), "unknown_choice"),
        ("text", Answer(text="  \n"), "empty"),
        ("text", Answer(text="x" * (MOST_COMMENT + 1)), "too_long"),
        ("nps", Answer(score=9, text="x" * (MOST_COMMENT + 1)), "too_long"),
    ],
)
def test_what_answers_nothing_is_refused(kind: str, answer: Answer, code: str) -> None:
    with pytest.raises(BadAnswer) as refused:
        group_of(survey(kind), answer)
    assert refused.value.code == code
    assert refused.value.text.to("en")
    assert refused.value.text.to("ko")


@given(documents(), st.lists(st.text(max_size=80), max_size=6), st.text(max_size=100))
def test_whatever_a_form_sends_is_an_answer_or_is_refused(
    document: SurveyDocument, values: list[str], words: str
) -> None:
    answer = answer_from(document, values, words)
    with suppress(BadAnswer):
        assert group_of(document, answer) in [group.key for group in groups_of(document)]


@pytest.mark.parametrize("value", ["9", " 9 "])
def test_a_number_is_read_as_forms_spell_it(value: str) -> None:
    assert answer_from(survey("nps"), [value]).score == 9


@pytest.mark.parametrize("value", ["nine", "٩", "9.0", "-9", "99999999999999999999", "9 or 10"])
def test_what_is_no_number_is_out_of_the_scale(value: str) -> None:
    with pytest.raises(BadAnswer):
        group_of(survey("nps"), answer_from(survey("nps"), [value]))


def test_several_choices_are_kept_in_the_order_of_the_survey() -> None:
    document = survey("multiple")
    answer = answer_from(document, ["blue", "red", "blue"])
    assert answer.choices == ("red", "blue")
    assert group_of(document, answer) == "red"
    assert group_of(survey("multiple", rule="any"), answer) == "answered"


def test_the_distribution_has_every_answer_also_those_that_nobody_gave() -> None:
    bars = distribution(survey("nps"), {"0": 2, "10": 3})
    assert [(bar.key, bar.group, bar.times) for bar in bars if bar.times] == [
        ("0", "detractor", 2),
        ("10", "promoter", 3),
    ]
    assert len(bars) == 11
    assert [bar.key for bar in distribution(survey("choice"), {"blue": 1, "gone": 2})] == [
        "red",
        "green",
        "blue",
        "gone",
    ]


def test_what_is_asked_afterwards_depends_on_the_group_and_falls_back_by_language() -> None:
    document = survey("nps", comment={"en": "Why?", "ko": "이유는?"}, comment_for={"detractor": {"ko": "무엇이?"}})
    assert comment_question(document, "detractor") == {"en": "Why?", "ko": "무엇이?"}
    assert comment_question(document, "promoter") == {"en": "Why?", "ko": "이유는?"}
    assert comment_question(survey("text", comment=BOTH), "answered") == {}


@pytest.mark.parametrize(
    ("kind", "more", "fields"),
    [
        ("nps", {"question": {"ko": "질문"}}, []),
        ("nps", {"name": {}}, ["name"]),
        ("nps", {"question": {"ko": " "}}, ["question"]),
        ("nps", {"question": {"en": "x" * 501, "ko": "질문"}}, ["question.en"]),
        ("csat", {"low_until": 4, "high_from": 4}, ["high_from"]),
        ("csat", {"scale": 3, "high_from": 4}, ["high_from"]),
        ("choice", {"options": [{"key": "one", "label": "One"}]}, ["options"]),
        ("choice", {"options": [{"key": "one", "label": "One"}] * 2}, ["options"]),
        ("choice", {"options": [{"key": "no_answer", "label": "x"}, {"key": "b", "label": "x"}]}, ["options"]),
        ("choice", {"options": [{"key": "a", "label": {}}, {"key": "b", "label": "x"}]}, ["options"]),
        ("nps", {"complaint_groups": ["low"]}, ["complaint_groups"]),
        ("nps", {"open_for": timedelta(minutes=1)}, ["open_for"]),
    ],
)
def test_a_document_says_what_is_wrong_with_it_in_both_languages(
    kind: str, more: dict[str, Any], fields: list[str]
) -> None:
    found = problems_of(survey(kind, **more))
    assert [problem.field for problem in found] == fields
    for problem in found:
        assert problem.text.to("en") != problem.text.to("ko")


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_survey_can_be_asked_as_it_is(kind: SurveyKind) -> None:
    document = SurveyDocument.model_validate(new_document(kind))
    assert problems_of(document) == ()
    assert set(QUESTIONS) == set(INVITATIONS) == set(KIND_TITLES) == set(KINDS)
    for locale in ("en", "ko"):
        body = INVITATIONS[kind][locale]["body"]
        assert "links.survey" in variables(body)
        assert {path.split(".")[0] for path in variables(body)} <= ROOTS


@pytest.mark.parametrize("key", READY)
def test_the_surveys_that_are_there_from_the_beginning_are_sound(key: str) -> None:
    assert problems_of(READY[key]) == ()
