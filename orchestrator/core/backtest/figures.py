"""What a back-test has come to so far, in words: each figure with its interval, beside the live version's."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from orchestrator.core.backtest.differences import DIFFERENCES
from orchestrator.core.backtest.estimate import DIFFERENCE, DIFFERS, DRAFT, LIVE, Estimate, Totals
from orchestrator.core.backtest.measures import ANYWAY, CUSTOMERS, ENTRIES, RUNNING, SENT, TRIGGERED, Measure
from orchestrator.core.backtest.walk import Backtest
from orchestrator.core.channels.registry import channel_title
from orchestrator.core.run.routing import REASONS
from orchestrator.core.sending.reasons import CLASS_TEXT, in_few_words
from orchestrator.core.simulation.narrate import end, goal_title
from orchestrator.core.text import Text, verbatim

TOTALS: dict[Measure, Text] = {
    TRIGGERED: Text("Customers whose events fit a trigger"),
    CUSTOMERS: Text("Customers who enter"),
    ENTRIES: Text("Entries"),
    SENT: Text("Messages sent"),
    RUNNING: Text("Still in the journey at the end"),
}
ENDLESS = Text("The journey goes round without waiting: no number would be right.")
REFUSED, SENT_BY, HELD, SKIPPED, ENDED, GOAL = "refused", "sent_by", "held", "skipped", "ended", "goal"
SECTIONS: dict[str, Text] = {
    REFUSED: Text("Refused"),
    SENT_BY: Text("Messages by channel"),
    HELD: Text("Held"),
    SKIPPED: Text("Not sent"),
    GOAL: Text("Goals reached in the journey"),
    ANYWAY: Text("Goals reached anyway, by customers who never entered"),
    ENDED: Text("Ends by reason"),
}
"""What figures are put under, in this order."""


@dataclass(frozen=True)
class Figure:
    """One total. Without a live version to compare with, there is only the draft's."""

    code: tuple[str, ...]
    text: Text
    draft: Estimate
    live: Estimate | None = None
    difference: Estimate | None = None


@dataclass(frozen=True)
class DayFigure:
    """Messages sent on one day by one channel. ``day``: ISO, in the workspace's zone."""

    day: str
    channel: str
    draft: Estimate
    live: Estimate | None


@dataclass(frozen=True)
class Figures:
    """All that is known so far."""

    totals: tuple[Figure, ...]
    sections: dict[str, tuple[Figure, ...]]
    days: tuple[DayFigure, ...]
    differs: tuple[Figure, ...]
    """How many customers' ways differ, by kind; empty without a live version."""


def figures_of(asked: Backtest, totals: Totals) -> Figures:
    """Figures by the totals so far; what nobody came to is left out of sections, and 0 among the totals."""
    compared = asked.live is not None
    measures = {key[1:] for key in totals.keys() if key[0] in (DRAFT, LIVE)}  # noqa: SIM118 - no mapping

    def figure(measure: Measure, text: Text) -> Figure:
        draft = totals.estimate((DRAFT, *measure))
        if not compared:
            return Figure(measure, text, draft)
        live, difference = totals.estimate((LIVE, *measure)), totals.estimate((DIFFERENCE, *measure))
        if measure == TRIGGERED and _same_triggers(asked):
            difference = Estimate(0, 0, 0)  # however few were walked
        return Figure(measure, text, draft, live, difference)

    sections = {kind: _section(asked, kind, measures, figure) for kind in SECTIONS}
    days = sorted(one[1:] for one in measures if one[0] == "sent_on")
    differs = [Figure((kind,), text, totals.estimate((DIFFERS, kind))) for kind, text in DIFFERENCES.items()]
    return Figures(
        tuple(figure(measure, text) for measure, text in TOTALS.items()),
        {kind: found for kind, found in sections.items() if found},
        tuple(_day(totals, day, channel, compared=compared) for day, channel in days),
        tuple(differs) if compared else (),
    )


def _same_triggers(asked: Backtest) -> bool:
    return asked.live is not None and asked.live.journey.entry.triggers == asked.draft.journey.entry.triggers


def _section(
    asked: Backtest, kind: str, measures: Iterable[Measure], figure: Callable[[Measure, Text], Figure]
) -> tuple[Figure, ...]:
    """Most first."""
    found = [figure(measure, _text(asked, measure)) for measure in sorted(measures) if measure[0] == kind]
    return tuple(sorted(found, key=lambda one: -max(one.draft.value, one.live.value if one.live else 0)))


def _text(asked: Backtest, measure: Measure) -> Text:
    kind, code = measure[0], measure[1]
    if kind == REFUSED:
        return REASONS.get(code, verbatim(code))
    if kind == SENT_BY:
        return Text("{channel}, {kind}", channel=channel_title(code), kind=CLASS_TEXT[measure[2]])
    if kind in (HELD, SKIPPED):
        return in_few_words(code)
    return end(asked.draft, code) if kind == ENDED else goal_title(asked.draft, code)


def _day(totals: Totals, day: str, channel: str, *, compared: bool) -> DayFigure:
    measure = ("sent_on", day, channel)
    live = totals.estimate((LIVE, *measure)) if compared else None
    return DayFigure(day, channel, totals.estimate((DRAFT, *measure)), live)
