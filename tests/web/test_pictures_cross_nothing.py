"""No line of a picture that the server draws runs through a step: gallery, examples and random journeys."""

import re
from collections.abc import Iterator
from itertools import pairwise
from random import Random
from typing import Any

import pytest

from api.console.journeys.picture import CARD_WIDTH, draw
from api.console.journeys.thumbnail import HEIGHT, WIDTH, thumbnail
from orchestrator.core.journey.graph import Journey
from orchestrator.core.journey.parse import read_journey
from orchestrator.core.values import STAGES
from tests.web.drawn_journeys import FILE, journeys, text

Point = tuple[float, float]
Box = tuple[float, float, float, float]
NUMBER = re.compile(r"[MLHVCQ]|-?\d+(?:\.\d+)?(?:e-?\d+)?")


def generated(seed: int) -> Journey:
    """Up to thirty steps: mostly forwards, some back, some go-tos; stages that follow one another, mostly."""
    dice = Random(seed)
    count = dice.randint(2, 30)
    steps: list[dict[str, Any]] = []
    edges: list[dict[str, str]] = [{"from": "entry", "to": "s0"}]
    for n in range(count):
        kind = "exit" if n == count - 1 else dice.choice(["delay", "delay", "branch", "branch", "exit", "go_to"])
        stage = STAGES[n * len(STAGES) // count] if dice.random() < 0.85 else dice.choice(STAGES)
        step, ports = _step(kind, dice, count)
        steps.append({"id": f"s{n}", "stage": stage, **step})
        for port in ports:
            to = dice.randrange(count) if dice.random() < 0.12 else min(count - 1, n + 1 + int(dice.random() ** 3 * 9))
            edges.append({"from": f"s{n}", "port": port, "to": f"s{to}"})
    document = {"key": "k", "name": "Any", "entry": {"triggers": []}, "steps": steps, "edges": edges}
    journey, _ = read_journey(document)
    assert {edge.source for edge in journey.edges} <= {"entry", *(step.id for step in journey.steps)}
    return journey


def _step(kind: str, dice: Random, count: int) -> tuple[dict[str, Any], list[str]]:
    if kind == "delay":
        return {"kind": kind, "settings": {"mode": "duration", "duration": "1d"}}, ["next"]
    if kind == "branch":
        asked = {"kind": "attribute", "name": "tier", "value": "gold"}
        ports = [f"p{n}" for n in range(dice.randint(1, 4))]
        branches = [{"port": port, "label": {"en": port, "ko": port}, "when": asked} for port in ports]
        return {"kind": kind, "settings": {"branches": branches}}, [*ports, "otherwise"]
    if kind == "go_to":
        return {"kind": kind, "settings": {"target": f"s{dice.randrange(count)}"}}, []
    return {"kind": kind, "settings": {}}, []


ALL = {**journeys(), **{f"generated/{seed}": generated(seed) for seed in range(200)}}


def points(path: str) -> list[Point]:
    """What an SVG path runs through, its curves in twenty pieces."""
    found: list[Point] = []
    parts = iter(NUMBER.findall(path))
    for part in parts:
        here = found[-1] if found else (0.0, 0.0)
        if part in "ML":
            found.append((float(next(parts)), float(next(parts))))
        elif part == "H":
            found.append((float(next(parts)), here[1]))
        elif part == "V":
            found.append((here[0], float(next(parts))))
        else:
            corners = [(float(next(parts)), float(next(parts))) for _ in range(3 if part == "C" else 2)]
            found += [_bezier([here, *corners], n / 20) for n in range(1, 21)]
    return found


def _bezier(corners: list[Point], share: float) -> Point:
    while len(corners) > 1:
        corners = [(a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share) for a, b in pairwise(corners)]
    return corners[0]


def crossed(path: str, boxes: dict[str, Box]) -> Iterator[str]:
    """Which boxes a line enters; to touch a border is not to enter."""
    line = points(path)
    for (x0, y0), (x1, y1) in pairwise(line):
        for name, (left, top, right, bottom) in boxes.items():
            if _overlap(x0, x1, left, right) and _overlap(y0, y1, top, bottom):
                yield name


def _overlap(a: float, b: float, low: float, high: float) -> bool:
    return min(a, b) < high - 0.01 and max(a, b) > low + 0.01


def test_what_is_looked_for_is_found() -> None:
    boxes = {"a": (0.0, 0.0, 10.0, 10.0)}
    assert list(crossed("M-5 5L15 5", boxes)) == ["a"]
    assert list(crossed("M-5 5H0", boxes)) == []
    assert set(crossed("M-5 5C0 5 10 5 15 5", boxes)) == {"a"}
    assert list(crossed("M5 20V12", boxes)) == []


@pytest.mark.parametrize("locale", ["ko", "en"])
def test_no_line_of_a_picture_runs_through_a_card(locale: str) -> None:
    for name, journey in ALL.items():
        drawn = draw(journey, locale)
        boxes = {card.id: (card.x, card.y, card.x + CARD_WIDTH, card.y + card.height) for card in drawn.cards}
        for line in drawn.lines:
            assert list(crossed(line.path, boxes)) == [], (name, line.source, line.port, line.target)


def test_no_line_of_a_thumbnail_runs_through_a_step() -> None:
    for name, journey in ALL.items():
        small = thumbnail(journey)
        boxes = {
            f"{n}": (one.x - WIDTH / 2, one.y - HEIGHT / 2, one.x + WIDTH / 2, one.y + HEIGHT / 2)
            for n, one in enumerate(small.shapes)
        }
        for line in small.lines:
            assert list(crossed(line, boxes)) == [], name


def test_the_canvas_is_tested_with_the_journeys_of_today() -> None:
    same = FILE.read_text() == text()  # a difference would be thousands of lines
    assert same, "make it anew: python -m tests.web.drawn_journeys"
