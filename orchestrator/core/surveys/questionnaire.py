"""Questionnaires: one question, its answer groups, and what answers say when they are counted.

A survey asks one question. Every answer falls into exactly one **group**, which is the way that a waiting run leaves
by; what groups there are follows from the document alone:

=========  ===========================================================================================================
nps        ``detractor`` (0 to 6), ``passive`` (7, 8), ``promoter`` (9, 10)
csat       ``low``, ``neutral``, ``high`` on a scale from 1, by the document's two thresholds
choice     one for each option
multiple   by the first ticked option in the document's order, or, by the rule ``any``, one: ``answered``
text       ``answered``
=========  ===========================================================================================================

Sources: the three groups of NPS and its score, Reichheld, "The One Number You Need to Grow", Harvard Business Review,
December 2003. CSAT as the share of the top boxes: "top-2-box" on a scale of five, the usual reading of ISO 10004:2018.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from math import sqrt
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from orchestrator.core.text import Frozen, LocalText, Text, verbatim
from orchestrator.core.values import Duration

SurveyKind = Literal["nps", "csat", "choice", "multiple", "text"]
KIND_TITLES: dict[str, Text] = {
    "nps": Text("Recommendation (NPS)"),
    "csat": Text("Satisfaction (CSAT)"),
    "choice": Text("One choice"),
    "multiple": Text("Several choices"),
    "text": Text("In their own words"),
}
KEY = r"^[a-z0-9][a-z0-9_-]{0,63}$"
"""Of surveys, options and groups: a group's key is the name of a way out."""
NPS_HIGHEST = 10
ATTRIBUTES: dict[str, str] = {"nps": "last_nps", "csat": "last_csat"}
"""Attributes in which customers carry their last number, by kind: for conditions of journeys and segments."""
MOST_OPTIONS = 20
MOST_COMMENT = 4_000
"""Characters of an answer in one's own words; what is longer is refused, never cut."""
MOST_WORDS = 500

Key = Annotated[str, Field(pattern=KEY)]
Words = dict[str, str]


class Option(Frozen):
    """One thing to choose. Its key is what reports and waiting runs know it by."""

    key: Key
    label: LocalText


class SurveyDocument(Frozen):
    """A survey as it is stored. Its words may change at any time; its kind and groups stay once it was asked."""

    name: LocalText = Field(default_factory=dict)
    kind: SurveyKind
    question: LocalText = Field(default_factory=dict)
    low: LocalText = Field(default_factory=dict, description="What the lowest number means.")
    high: LocalText = Field(default_factory=dict, description="What the highest number means.")
    scale: int = Field(5, ge=3, le=10, description="CSAT: the highest number; the lowest is 1.")
    low_until: int = Field(2, ge=1, le=9, description="CSAT: up to this number the answer is ``low``.")
    high_from: int = Field(4, ge=2, le=10, description="CSAT: from this number on it is ``high``: a top box.")
    options: tuple[Option, ...] = Field((), max_length=MOST_OPTIONS)
    rule: Literal["first", "any"] = Field("first", description="Several choices: what groups them.")
    comment: LocalText = Field(default_factory=dict, description="The question after the answer; empty: none.")
    comment_for: dict[Key, LocalText] = Field(default_factory=dict, description="The same, by group.")
    thanks: LocalText = Field(default_factory=dict)
    reward: LocalText = Field(default_factory=dict, description="What answering brings, said on the page.")
    complaint_groups: tuple[Key, ...] = Field((), description="An answer of these groups opens a complaint.")
    open_for: Duration = Field(timedelta(days=30), description="How long after the asking an answer is taken.")


class AnswerGroup(NamedTuple):
    """Answers that lead the same way. ``lowest`` and ``highest``: of numbers, both included."""

    key: str
    label: Text
    lowest: int | None = None
    highest: int | None = None


class Answer(NamedTuple):
    """What somebody answered, as far as the survey's kind asks for it."""

    score: int | None = None
    choices: tuple[str, ...] = ()
    text: str = ""


class SurveyProblem(NamedTuple):
    """What is wrong with a document: the field (dotted), and why."""

    field: str
    text: Text


class BadAnswer(ValueError):
    """No answer to this question. ``code``: ``empty``, ``unknown_choice``, ``out_of_scale`` or ``too_long``."""

    def __init__(self, code: Literal["empty", "unknown_choice", "out_of_scale", "too_long"]) -> None:
        super().__init__(code)
        self.code = code

    @property
    def text(self) -> Text:
        """For whoever answers."""
        return _BAD[self.code]


_BAD = {
    "empty": Text("Choose an answer first."),
    "unknown_choice": Text("This option no longer exists. Choose another."),
    "out_of_scale": Text("Choose one of the numbers."),
    "too_long": Text("That is more than {most_comment:,} characters. Shorten it.", most_comment=MOST_COMMENT),
}

_NPS = (
    AnswerGroup("detractor", Text("Detractors (0–6)"), 0, 6),
    AnswerGroup("passive", Text("Passives (7–8)"), 7, 8),
    AnswerGroup("promoter", Text("Promoters (9–10)"), 9, 10),
)
_ANSWERED = AnswerGroup("answered", Text("Answered"))


def groups_of(document: SurveyDocument) -> tuple[AnswerGroup, ...]:
    """The groups, from the worst to the best, or in the order of the options."""
    match document.kind:
        case "nps":
            return _NPS
        case "csat":
            return _csat_groups(document)
        case "choice":
            return _option_groups(document)
        case "multiple" if document.rule == "first":
            return _option_groups(document)
    return (_ANSWERED,)


def _csat_groups(document: SurveyDocument) -> tuple[AnswerGroup, ...]:
    low, high, scale = document.low_until, document.high_from, document.scale
    between = ((low + 1, high - 1, "neutral", Text("Neutral")),) if high - low > 1 else ()
    bounds = (
        (1, low, "low", Text("Dissatisfied")),
        *between,
        (high, scale, "high", Text("Satisfied")),
    )
    return tuple(AnswerGroup(key, _with_numbers(words, a, b), a, b) for a, b, key, words in bounds)


def _with_numbers(words: Text, lowest: int, highest: int) -> Text:
    if lowest == highest:
        return Text("{words} ({lowest})", words=words, lowest=lowest)
    return Text("{words} ({lowest}–{highest})", words=words, lowest=lowest, highest=highest)


def _option_groups(document: SurveyDocument) -> tuple[AnswerGroup, ...]:
    return tuple(AnswerGroup(one.key, verbatim(one.label, one.key)) for one in document.options)


def numbers_of(document: SurveyDocument) -> range:
    """The numbers to choose from; of a survey without numbers, none."""
    if document.kind == "nps":
        return range(NPS_HIGHEST + 1)
    return range(1, document.scale + 1) if document.kind == "csat" else range(0)


def group_of(document: SurveyDocument, answer: Answer) -> str:
    """The key of the one group that an answer falls into. Raises :class:`BadAnswer` for what answers nothing."""
    if len(answer.text) > MOST_COMMENT:
        raise BadAnswer("too_long")
    if numbers_of(document):
        return _group_of_number(document, answer.score)
    if document.kind == "text":
        if not answer.text.strip():
            raise BadAnswer("empty")
        return _ANSWERED.key
    return _group_of_choices(document, answer.choices)


def _group_of_number(document: SurveyDocument, score: int | None) -> str:
    if score is None:
        raise BadAnswer("empty")
    if score not in numbers_of(document):
        raise BadAnswer("out_of_scale")
    return next(
        group.key
        for group in groups_of(document)
        if group.lowest is not None and group.highest is not None and group.lowest <= score <= group.highest
    )


def _group_of_choices(document: SurveyDocument, choices: tuple[str, ...]) -> str:
    known = [option.key for option in document.options]
    if not choices:
        raise BadAnswer("empty")
    if not set(choices) <= set(known) or (document.kind == "choice" and len(choices) > 1):
        raise BadAnswer("unknown_choice")
    if document.kind == "multiple" and document.rule == "any":
        return _ANSWERED.key
    return next(key for key in known if key in choices)


def answer_from(document: SurveyDocument, values: Iterable[str], text: str = "") -> Answer:
    """An answer as forms and links spell it (``9``, or keys of options), whatever else they hold. Not judged yet."""
    given = tuple(dict.fromkeys(value.strip()[:64] for value in values if value.strip()))
    words = text.replace("\0", "").replace("\r\n", "\n").strip()
    if numbers_of(document):
        [first, *_] = given or ("",)
        plain = first.isascii() and first.isdigit() and len(first) <= 3
        # What is no number is out of the scale, not missing.
        return Answer(score=int(first) if plain else -1 if first else None, text=words)
    if document.kind == "text":
        return Answer(text=words)
    ordered = [option.key for option in document.options if option.key in given]
    strange = [value for value in given if value not in ordered]
    return Answer(choices=(*ordered, *strange), text=words)


class Score(NamedTuple):
    """What the answers say. ``value``: NPS from -100 to 100; CSAT, a percentage. ``margin``: half the width of the 95 %
    interval, in the same unit; ``top`` and ``bottom``: how many answers lift it and press it down; ``of``: all."""

    value: float
    margin: float
    top: int
    bottom: int
    of: int


def score(document: SurveyDocument, by_group: Mapping[str, int]) -> Score | None:
    """The score of answers counted by group; None where there are none, or the kind has no score.

    NPS = %promoters - %detractors. CSAT = the share of top boxes (``high``). The margin is the normal approximation of
    a sum that gains 1, 0 or -1 with each answer (CSAT: 1 or 0), as Rocks, "Interval Estimation for the 'Net Promoter
    Score'", The American Statistician 70 (2016), gives it for NPS; it says little below some thirty answers.
    """
    counted = [group.key for group in groups_of(document)]
    of = sum(count for key, count in by_group.items() if key in counted)
    if not of or document.kind not in ("nps", "csat"):
        return None
    best, worst = ("promoter", "detractor") if document.kind == "nps" else ("high", "low")
    top, bottom = by_group.get(best, 0), by_group.get(worst, 0)
    up, down = top / of, bottom / of if document.kind == "nps" else 0.0
    spread = max(up + down - (up - down) ** 2, 0.0)
    return Score(100 * (up - down), 100 * 1.96 * sqrt(spread / of), top, bottom, of)


class Bar(NamedTuple):
    """One answer of the distribution. ``group`` gives it its colour."""

    key: str
    label: Text
    group: str
    times: int


def distribution(document: SurveyDocument, by_answer: Mapping[str, int]) -> tuple[Bar, ...]:
    """How often each number or option was answered, in its order; ``by_answer``: by number or option key.

    Of several choices each is counted, so the counts may add up to more than the answers. What is no longer among the
    options comes last, under its key.
    """
    bars = []
    for number in numbers_of(document):
        key = str(number)
        bars.append(Bar(key, verbatim(key), _group_of_number(document, number), by_answer.get(key, 0)))
    for option in document.options if document.kind in ("choice", "multiple") else ():
        words = verbatim(option.label, option.key)
        bars.append(Bar(option.key, words, option.key, by_answer.get(option.key, 0)))
    told = {bar.key for bar in bars}
    rest = [(key, count) for key, count in by_answer.items() if key not in told and count]
    return (*bars, *(Bar(key, verbatim(key), "", count) for key, count in sorted(rest)))


def comment_question(document: SurveyDocument, group: str) -> Words:
    """What is asked after an answer of this group, by language; empty: nothing. Free text is its own comment."""
    if document.kind == "text":
        return {}
    own = document.comment_for.get(group) or {}
    return {**document.comment, **{locale: words for locale, words in own.items() if words}}


def problems_of(document: SurveyDocument) -> tuple[SurveyProblem, ...]:
    """What has to be put right before anybody is asked, in the order of the form."""
    found = [*_words_missing(document), *_words_too_long(document)]
    if document.kind == "csat":
        found += _scale(document)
    if document.kind in ("choice", "multiple"):
        found += _options(document)
    keys = {group.key for group in groups_of(document)}
    for key in (*document.complaint_groups, *document.comment_for):
        if key not in keys:
            found.append(
                SurveyProblem(
                    "complaint_groups" if key in document.complaint_groups else "comment_for",
                    Text("There is no answer group “{key}”.", key=key),
                )
            )
    if not timedelta(hours=1) <= document.open_for <= timedelta(days=365):
        words = Text("Between an hour and a year.")
        found.append(SurveyProblem("open_for", words))
    return tuple(found)


def _words_missing(document: SurveyDocument) -> list[SurveyProblem]:
    """What is there in no language. Whoever reads another one than those that are there is asked in one of them."""
    return [
        SurveyProblem(field, Text("Fill this in, in one language at least."))
        for field, words in (("name", document.name), ("question", document.question))
        if not any(text.strip() for text in words.values())
    ]


def _words_too_long(document: SurveyDocument) -> list[SurveyProblem]:
    fields = ("name", "question", "low", "high", "comment", "thanks", "reward")
    return [
        SurveyProblem(f"{field}.{locale}", Text("At most {most_words} characters.", most_words=MOST_WORDS))
        for field in fields
        for locale, words in getattr(document, field).items()
        if len(words) > MOST_WORDS
    ]


def _scale(document: SurveyDocument) -> list[SurveyProblem]:
    if document.low_until < document.high_from <= document.scale:
        return []
    words = Text("“Satisfied from” must be higher than “Dissatisfied up to”, and within the scale.")
    return [SurveyProblem("high_from", words)]


def _options(document: SurveyDocument) -> list[SurveyProblem]:
    found = []
    keys = [option.key for option in document.options]
    if len(keys) < 2:
        found.append(SurveyProblem("options", Text("At least two options.")))
    for twice in sorted({key for key in keys if keys.count(key) > 1}):
        words = Text("The option “{twice}” appears twice.", twice=twice)
        found.append(SurveyProblem("options", words))
    for reserved in sorted(set(keys) & RESERVED):
        words = Text("“{reserved}” is reserved. Choose another id.", reserved=reserved)
        found.append(SurveyProblem("options", words))
    for option in document.options:
        if not any(words.strip() for words in option.label.values()):
            words = Text("Option “{key}” has no words.", key=option.key)
            found.append(SurveyProblem("options", words))
    return found


RESERVED = frozenset({"no_answer", "not_sent", "next", "answered"})
"""Ways out of the survey step that are no answer of a customer's."""
