"""A journey no larger than a stamp: its steps as small shapes from left to right, coloured by stage. Pure geometry.

Steps stand in the column of their distance from the entry, those of one column in the order of the ways that lead to
them, so that few lines cross. What leads back is left out: at this size it would be a tangle.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from orchestrator.core.journey.graph import ENTRY, Journey
from orchestrator.core.steps.contract import Family

WIDTH, HEIGHT = 12.0, 8.0
"""Of a shape."""
ACROSS, DOWN = 20.0, 15.0
"""From one column, and one row, to the next."""
MARGIN = 6.0
LEAST = (224.0, 84.0)
"""Width and height that a picture has at least, so that the steps of a short journey are no larger than others'."""


@dataclass(frozen=True)
class Shape:
    """A step; ``x`` and ``y`` are its middle. The entry is one of no family."""

    x: float
    y: float
    stage: str
    family: Family | None


@dataclass(frozen=True)
class Thumbnail:
    """Shapes, and lines as SVG paths."""

    left: float
    top: float
    width: float
    height: float
    shapes: tuple[Shape, ...]
    lines: tuple[str, ...]


def thumbnail(journey: Journey) -> Thumbnail:
    """The small picture of a journey; steps that nothing leads to are left out."""
    steps = {step.id: step for step in journey.steps}
    next_steps = _edges(journey)
    columns = _columns(next_steps)
    place = _places(columns)
    tallest = max(len(column) for column in columns)
    shapes = tuple(
        Shape(*place[name], (steps[name].stage or "") if name in steps else "", _family(journey, name))
        for column in columns
        for name in column
    )
    lines = tuple(
        _line(place[source], place[target])
        for source, targets in next_steps.items()
        if source in place
        for target in targets
        if place[target][0] > place[source][0]
    )
    width = 2 * MARGIN + WIDTH + ACROSS * (len(columns) - 1)
    height = 2 * MARGIN + HEIGHT + DOWN * (tallest - 1)
    wide, high = max(width, LEAST[0]), max(height, LEAST[1])
    return Thumbnail((width - wide) / 2, (height - high) / 2, wide, high, shapes, lines)


def _edges(journey: Journey) -> Mapping[str, list[str]]:
    known = {step.id for step in journey.steps}
    order = {ENTRY: ["next"], **{step.id: [port.name for port in step.ports()] for step in journey.steps}}
    next_steps: dict[str, list[str]] = {name: [] for name in (ENTRY, *known)}
    for source, ports in order.items():
        targets = {edge.port: edge.target for edge in journey.edges if edge.source == source}
        next_steps[source] = list(dict.fromkeys(targets[port] for port in ports if targets.get(port) in known))
    return next_steps


def _columns(next_steps: Mapping[str, list[str]]) -> list[list[str]]:
    """Breadth first from the entry: by how many steps lie before."""
    seen, columns = {ENTRY}, [[ENTRY]]
    while True:
        following: list[str] = []
        for name in columns[-1]:
            for target in next_steps[name]:
                if target not in seen:
                    seen.add(target)
                    following.append(target)
        if not following:
            return columns
        columns.append(following)


def _places(columns: list[list[str]]) -> dict[str, tuple[float, float]]:
    middle = (max(len(column) for column in columns) - 1) / 2
    return {
        name: (
            MARGIN + WIDTH / 2 + ACROSS * n,
            MARGIN + HEIGHT / 2 + DOWN * (middle - (len(column) - 1) / 2 + row),
        )
        for n, column in enumerate(columns)
        for row, name in enumerate(column)
    }


def _family(journey: Journey, name: str) -> Family | None:
    return next((step.FAMILY for step in journey.steps if step.id == name), None)


def _line(start: tuple[float, float], end: tuple[float, float]) -> str:
    x0, y0, x1, y1 = start[0] + WIDTH / 2, start[1], end[0] - WIDTH / 2, end[1]
    if y0 == y1:
        return f"M{x0:g} {y0:g}H{x1:g}"
    bend = (x1 - x0) / 2
    return f"M{x0:g} {y0:g}C{x0 + bend:g} {y0:g} {x1 - bend:g} {y1:g} {x1:g} {y1:g}"
