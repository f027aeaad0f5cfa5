"""How large a segment has been, as a line."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

WIDTH, HEIGHT, LEFT, FOOT, HEAD = 1000, 140, 60, 22, 8
MOST_POINTS = 200


@dataclass(frozen=True)
class SizeChart:
    """A line in pixels. ``ticks``: sizes of the scale with their height; ``ends``: the first and last instant in words;
    ``first`` and ``last``: sizes then."""

    line: str
    ticks: tuple[tuple[float, int], ...]
    ends: tuple[str, str]
    first: int
    last: int
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT


def draw_sizes(sizes: Sequence[tuple[datetime, int]], said: Callable[[datetime], str]) -> SizeChart | None:
    """The line through these sizes, the oldest first; None of fewer than two. ``said``: an instant in words."""
    if len(sizes) < 2:
        return None
    every = -(-len(sizes) // MOST_POINTS)
    shown = [*sizes[:-1:every], sizes[-1]]
    start, length = shown[0][0], (shown[-1][0] - shown[0][0]).total_seconds() or 1.0
    most = max(size for _, size in shown) or 1

    def x(at: datetime) -> float:
        return LEFT + (WIDTH - LEFT - 8) * (at - start).total_seconds() / length

    def y(size: int) -> float:
        return HEIGHT - FOOT - (HEIGHT - FOOT - HEAD) * size / most

    line = " ".join(f"{x(at):.1f},{y(size):.1f}" for at, size in shown)
    ticks = ((y(0), 0), (y(most), most))
    return SizeChart(line, ticks, (said(shown[0][0]), said(shown[-1][0])), shown[0][1], shown[-1][1])
