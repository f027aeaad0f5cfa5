"""A back-test in the terminal."""

from rich import box
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text as Styled

from api.backtests.running import BacktestProgress
from orchestrator.core.backtest.differences import DIFFERENCES
from orchestrator.core.backtest.estimate import Estimate
from orchestrator.core.backtest.figures import SECTIONS, Figure, figures_of
from orchestrator.core.backtest.walk import Backtest
from orchestrator.core.channels.registry import channel_title
from orchestrator.core.text import Text

DRAFT, LIVE, DIFFERENCE = Text("Draft", context="backtest"), Text("Live", context="backtest"), Text("Difference")
BY_DAY = Text("Messages by day")
_BAR = 30


def progress_line(progress: BacktestProgress, locale: str) -> str:
    """How many were walked, and what the figures are."""
    totals = progress.totals
    if totals.complete:
        return Text("All {of:,} customers walked: the figures are exact.", of=totals.of).to(locale)
    words = Text(
        "{walked:,} of {of:,} customers walked: the number lies in the interval in 95 of 100 cases.",
        walked=totals.walked,
        of=totals.of,
    )
    return words.to(locale)


def backtest_table(asked: Backtest, progress: BacktestProgress, locale: str, line: str) -> Group:
    """The figures so far."""
    figures = figures_of(asked, progress.totals)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    compared = asked.live is not None
    table.add_column("")
    for heading in (DRAFT, LIVE, DIFFERENCE) if compared else (DRAFT,):
        table.add_column(heading.to(locale), justify="right")
    for figure in figures.totals:
        table.add_row(*_row(figure, locale))
    for kind, found in figures.sections.items():
        table.add_row(Styled(SECTIONS[kind].to(locale), style="bold"))
        for figure in found:
            table.add_row(*_row(figure, locale, "  "))
    for figure in figures.differs:
        table.add_row(figure.text.to(locale), _said(figure.draft))
    return Group(Styled(line), table)


def print_backtest(
    console: Console, asked: Backtest, progress: BacktestProgress, locale: str, *, customers: bool
) -> None:
    """The last figures, messages by day, and on demand the customers whose ways differ."""
    if not progress.totals.ready:
        console.print(Text("There are no customers to walk.").to(locale))
        return
    console.print(backtest_table(asked, progress, locale, progress_line(progress, locale)))
    _print_days(console, asked, progress, locale)
    if not customers:
        return
    for kind, ids in progress.differing.items():
        console.print(Styled(DIFFERENCES[kind].to(locale), style="bold"))
        console.print("\n".join(ids), highlight=False)


def _print_days(console: Console, asked: Backtest, progress: BacktestProgress, locale: str) -> None:
    days = figures_of(asked, progress.totals).days
    if not days:
        return
    most = max(one.draft.value for one in days) or 1
    table = Table(title=BY_DAY.to(locale), title_justify="left", box=None, show_header=False, pad_edge=False)
    for one in days:
        bar = "▇" * round(_BAR * one.draft.value / most)
        table.add_row(one.day, channel_title(one.channel).to(locale), _said(one.draft), bar)
    console.print(table)


def _row(figure: Figure, locale: str, indent: str = "") -> list[str]:
    told = [one for one in (figure.draft, figure.live, figure.difference) if one is not None]
    return [indent + figure.text.to(locale), *(_said(one) for one in told)]


def _said(one: Estimate) -> str:
    if one.exact:
        return f"{one.value:,.0f}"
    return f"≈ {one.value:,.0f} [{one.low:,.0f} – {one.high:,.0f}]"
