"""Messages that do worse than their kind: what is named, what is not, and how often chance alone is."""

from dataclasses import replace

import numpy
import pytest

from orchestrator.core.suggestions.finding import RATE, MessageFigures, Metric, compare_times, find_worse
from tests.examples import examples


def message(step: str, people: int, of: int = 2_000, metric: Metric = "opened", **other: str) -> MessageFigures:
    given = {"journey": "j", "channel": "email", "message_class": "advertising", **other}
    return MessageFigures(step=step, people=people, of=of, metric=metric, **given)


OTHERS = [message("b", 500), message("c", 520), message("d", 480)]


def test_a_message_that_is_opened_half_as_often_is_named_with_its_evidence() -> None:
    [found] = find_worse([message("a", 240), *OTHERS])
    assert found.figures.step == "a"
    assert (found.kind_people, found.kind_of, found.others) == (1_500, 6_000, 3)
    assert found.relative == pytest.approx(0.12 / 0.25 - 1)
    assert found.low < found.relative < found.high < 0
    assert found.missed == 260, "0.25 of 2,000 less the 240 there were"


def test_a_message_that_makes_more_people_unsubscribe_is_named() -> None:
    kind = [replace(one, metric="unsubscribed", people=20) for one in OTHERS]
    [found] = find_worse([message("a", 90, metric="unsubscribed"), *kind])
    assert found.figures.step == "a"
    assert found.relative > 0
    assert not find_worse([message("a", 2, metric="unsubscribed"), *kind]), "fewer is no fault"


def test_better_ones_are_not_named_and_neither_are_the_few() -> None:
    assert not find_worse([message("a", 900), *OTHERS])
    assert not find_worse([message("a", 2, of=40), *OTHERS]), "40 people tell nothing"
    assert not find_worse([message("a", 440), *OTHERS]), "measurable perhaps, but no fifth less"


def test_one_is_compared_with_its_own_kind_alone() -> None:
    confirmations = [replace(one, message_class="informational", people=1_600) for one in OTHERS]
    assert not find_worse([*OTHERS, *confirmations])
    pushes = [replace(message(step, 900), channel="push") for step in ("x", "y")]
    assert not find_worse([message("a", 240), *pushes]), "two of another channel are no kind of it"
    assert not find_worse([message("a", 240), message("b", 500)]), "nobody knows which of two is the odd one"


def test_chance_alone_names_hardly_any_however_often_one_looks() -> None:
    """Six equal messages of one kind, looked at on ten days as they grow: at most the stated rate of so many shops."""
    dice, shops = numpy.random.default_rng(7), examples(400)
    wrong = 0
    for _ in range(shops):
        days = dice.binomial(100, 0.2, size=(10, 6)).cumsum(axis=0)
        looks = (
            [message(str(n), int(people), of=100 * day) for n, people in enumerate(row)]
            for day, row in enumerate(days, 1)
        )
        wrong += any(find_worse(look) for look in looks)
    assert wrong <= RATE * shops


def test_before_and_after_are_told_with_an_interval_once_there_are_enough() -> None:
    better = compare_times(message("a", 240), message("a", 500))
    assert better.relative == pytest.approx(500 / 240 - 1)
    assert better.low is not None
    assert better.low > 0
    assert compare_times(message("a", 240), message("a", 5, of=20)).low is None
