"""Which messages do measurably worse than others of their kind.

A message's kind is its channel and its class: an order confirmation is opened more than a newsletter, and neither says
anything of the other. Each message is compared with all others of its kind together, by the always-valid intervals of
experiments (``core.experiments.analysis``), because suggestions are looked at again and again. It is no experiment:
other customers got the others. So a finding says that there is something to try, and the change that it suggests is
itself an experiment.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from orchestrator.core.experiments.analysis import analyse
from orchestrator.core.experiments.sums import ArmSums

Metric = Literal["opened", "clicked", "unsubscribed"]
METRICS: tuple[Metric, ...] = ("opened", "clicked", "unsubscribed")
RATE = 0.05
"""The chance that any of a kind's messages is ever wrongly found worse, for one metric."""
SHORTFALL = 0.2
"""So much worse than its kind, as a part of the kind's rate, a message is at least before anybody is bothered: than all
others together, and than the middle one of them."""
LEAST_OTHERS = 2
"""Other messages of the kind: one alone may be the odd one itself."""


@dataclass(frozen=True, slots=True)
class MessageFigures:
    """What became of one message step on one channel, in people: of ``of`` who were reached, ``people`` did it."""

    journey: str
    step: str
    channel: str
    message_class: str
    metric: Metric
    people: int
    of: int

    @property
    def rate(self) -> float:
        """0 of nobody."""
        return self.people / self.of if self.of else 0.0


@dataclass(frozen=True, slots=True)
class Finding:
    """A message that does worse than its kind.

    ``kind_people`` of ``kind_of``: of the others of its kind together. ``low`` to ``high``: how the rate differs
    from theirs, as a part of theirs (-0.4 is 40 % less), by an interval that holds however often one looks.
    """

    figures: MessageFigures
    kind_people: int
    kind_of: int
    others: int
    relative: float
    low: float
    high: float

    @property
    def kind_rate(self) -> float:
        """The rate of the others."""
        return self.kind_people / self.kind_of if self.kind_of else 0.0

    @property
    def missed(self) -> int:
        """So many people more (of unsubscribed: fewer) it would have been at the rate of its kind."""
        return round(abs(self.kind_rate - self.figures.rate) * self.figures.of)


def find_worse(figures: Iterable[MessageFigures]) -> list[Finding]:
    """Those that do worse than their kind, the most people missed first."""
    kinds: dict[tuple[str, str, str], list[MessageFigures]] = {}
    for one in figures:
        kinds.setdefault((one.channel, one.message_class, one.metric), []).append(one)
    found = [finding for kind in kinds.values() for finding in _of_kind(kind)]
    return sorted(found, key=lambda one: (-one.missed, one.figures.journey, one.figures.step, one.figures.metric))


def _of_kind(kind: Sequence[MessageFigures]) -> Iterable[Finding]:
    if len(kind) <= LEAST_OTHERS:
        return
    people, of = sum(one.people for one in kind), sum(one.of for one in kind)
    for one in kind:
        finding = _beside(one, people - one.people, of - one.of, len(kind))
        # One that is opened far more than all others makes none of these worse.
        usual = median(other.rate for other in kind if other is not one)
        if finding is not None and _shortfall(one, one.rate / usual - 1 if usual else 0.0) >= SHORTFALL:
            yield finding


def _beside(one: MessageFigures, people: int, of: int, tested: int) -> Finding | None:
    """The message beside the others of its kind; None where it is not measurably worse."""
    arms = [_sums("others", people, of), _sums("this", one.people, one.of)]
    compared = analyse(arms, "others", rate=RATE / tested, with_chances=False).arm("this").comparison
    if compared is None or compared.relative is None or compared.relative_low is None or compared.relative_high is None:
        return None
    nearest = compared.relative_low if one.metric == "unsubscribed" else compared.relative_high
    if _shortfall(one, nearest) <= 0 or _shortfall(one, compared.relative) < SHORTFALL:
        return None
    return Finding(one, people, of, tested - 1, compared.relative, compared.relative_low, compared.relative_high)


def _shortfall(one: MessageFigures, relative: float) -> float:
    """How much worse a difference is: of unsubscribed more is worse, of all else less."""
    return relative if one.metric == "unsubscribed" else -relative


def _sums(name: str, people: int, of: int) -> ArmSums:
    return ArmSums(name, of, float(people), float(people))


@dataclass(frozen=True, slots=True)
class BeforeAfter:
    """A message before a suggested change went live and since. The interval is None while there are too few."""

    before: MessageFigures
    after: MessageFigures
    relative: float | None
    low: float | None
    high: float | None


def compare_times(before: MessageFigures, after: MessageFigures) -> BeforeAfter:
    """What changed with it. Seasons and other changes are in it too: the arms of the experiment tell them apart."""
    arms = [_sums("before", before.people, before.of), _sums("after", after.people, after.of)]
    compared = analyse(arms, "before", rate=RATE, with_chances=False).arm("after").comparison
    if compared is None:
        return BeforeAfter(before, after, None, None, None)
    return BeforeAfter(before, after, compared.relative, compared.relative_low, compared.relative_high)
