"""A journey as a picture: steps in the lanes of their stages, edges between the lanes. Pure geometry, in pixels.

Each stage that occurs is a column, its steps stand below one another in the order in which a customer reaches them.
Edges run in the gutters between the columns, each in a track of its own; edges to the same step share one. An edge to
a column farther away runs above all cards.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

from orchestrator.core.journey.graph import ENTRY, Journey
from orchestrator.core.steps import Step
from orchestrator.core.steps.contract import Port
from orchestrator.core.text import in_locale
from orchestrator.core.values import STAGES

CARD_WIDTH = 212
GAP = 24
HEAD = 36
"""Height of a lane's own title."""
PAD = 10
TITLE, LINE, COUNTS, PORT = 20, 16, 20, 22
TRACK, MARGIN = 9, 13
"""Between two tracks of a gutter, and from a gutter's tracks to its cards."""
RADIUS = 6
HANGUL = 0x1100
THIN, BROAD = frozenset(" fijlrtI.,:;'’“”/()|!-"), frozenset("mwMW@%ABCDEGHKNOPQRSUVXYZ")


@dataclass(frozen=True)
class PortRow:
    """A port named on its card; ``y`` is the middle of its row, from the top of the card."""

    port: Port
    y: float


@dataclass
class Card:
    """A step on the picture; the entry is one without a step."""

    id: str
    step: Step | None
    lane: int
    row: int
    height: int
    title_lines: int
    lines: int
    ports: tuple[PortRow, ...]
    x: float = 0
    y: float = 0

    @property
    def arrival_y(self) -> float:
        """Where edges arrive, at either side."""
        return self.y + PAD + TITLE / 2

    def departure_y(self, port: str) -> float:
        """Where the edge of a port leaves, at either side."""
        for row in self.ports:
            if row.port.name == port:
                return self.y + row.y
        return self.y + self.height - PAD - COUNTS / 2


@dataclass(frozen=True)
class Lane:
    """One stage's column."""

    stage: str
    x: float
    width: float


@dataclass(frozen=True)
class Line:
    """An edge as an SVG path; a jump is drawn dashed."""

    source: str
    port: str
    target: str
    path: str
    jump: bool


@dataclass(frozen=True)
class Picture:
    """Everything with its place."""

    width: float
    height: float
    lanes: tuple[Lane, ...]
    cards: tuple[Card, ...]
    lines: tuple[Line, ...]


@dataclass
class _Edge:
    source: Card
    port: str
    target: Card
    jump: bool
    gutters: tuple[int, ...] = ()
    tracks: list[float] = field(default_factory=list)
    bus: float = 0

    @property
    def straight(self) -> bool:
        """Down to the very next card."""
        if self.source.lane != self.target.lane or self.target.row != self.source.row + 1 or self.jump:
            return False
        rows = self.source.ports
        return not rows or rows[-1].port.name == self.port


def draw(journey: Journey, locale: str = "en") -> Picture:
    """The picture of a journey whose shape is sound, with room for its words in a language."""
    cards = _place_in_lanes(journey, locale)
    edges = list(_edges(journey, cards))
    for edge in edges:
        edge.gutters = _gutters(edge)
    stages = [stage for stage in STAGES if any(step.stage == stage for step in journey.steps)]
    buses = _buses(edges)
    top = HEAD + 12 + (TRACK * buses + 6 if buses else 0)
    _stack(cards.values(), top)
    tracks = _assign_tracks(edges)
    lanes, width = _set_columns(stages, tracks, cards.values())
    _resolve(edges, lanes, tracks)
    height = max(card.y + card.height for card in cards.values()) + 16
    lines = tuple(Line(e.source.id, e.port, e.target.id, _path(e), e.jump) for e in edges)
    return Picture(width, height, tuple(lanes), tuple(cards.values()), lines)


def _place_in_lanes(journey: Journey, locale: str) -> dict[str, Card]:
    steps = {step.id: step for step in journey.steps}
    order = _order(journey, steps)
    present = [stage for stage in STAGES if any(step.stage == stage for step in journey.steps)]
    first = next((steps[name] for name in order), None)
    lane = present.index(first.stage) if first is not None and first.stage in present else 0
    cards = {ENTRY: _entry(journey, lane)}
    rows: dict[int, int] = defaultdict(int, {lane: 1})
    connected = {(edge.source, edge.port) for edge in journey.edges}
    for name in order:
        step = steps[name]
        lane = present.index(step.stage) if step.stage in present else 0
        cards[name] = _card(step, lane, rows[lane], connected, locale)
        rows[lane] += 1
    return cards


def _entry(journey: Journey, lane: int) -> Card:
    lines = min(2, len(journey.entry.triggers))
    return Card(ENTRY, None, lane, 0, 2 * PAD + TITLE * lines, lines, 0, ())


def _card(step: Step, lane: int, row: int, connected: set[tuple[str, str]], locale: str) -> Card:
    title = _lines(in_locale(step.label, locale, step.TITLE.to(locale)), 1.1, CARD_WIDTH - 50, 2)
    lines = _lines(step.summary().to(locale).replace("*", ""), 1, CARD_WIDTH - 26, step.SUMMARY_LINES)
    height = PAD + TITLE * title + LINE * lines + 4 + COUNTS + PAD
    named = [port for port in step.ports() if port.required or (step.id, port.name) in connected]
    if [port.name for port in named] == ["next"]:
        named = []
    rows = tuple(PortRow(port, height - 4 + PORT * (n + 0.5)) for n, port in enumerate(named))
    return Card(step.id, step, lane, row, height + (PORT * len(rows) if rows else 0), title, lines, rows)


def _lines(words: str, size: float, room: float, most: int) -> int:
    return min(most, max(1, ceil(size * sum(map(_width, words)) / room)))


def _width(letter: str) -> float:
    """About the width at 12 px; what comes out longer than thought is cut off by the style."""
    if ord(letter) >= HANGUL:
        return 10.6
    return 3.6 if letter in THIN else 8.2 if letter in BROAD else 6.6


def _order(journey: Journey, steps: Mapping[str, Step]) -> list[str]:
    """Steps as a customer reaches them: depth first, each after all that lead to it, loops aside."""
    next_steps: dict[str, list[str]] = {}
    for name, step in steps.items():
        targets = {edge.port: edge.target for edge in journey.edges if edge.source == name}
        next_steps[name] = [targets[port.name] for port in step.ports() if targets.get(port.name) in steps]
    done: list[str] = []
    for edge in journey.edges:
        if edge.source == ENTRY and edge.target in steps:
            _walk(edge.target, next_steps, {edge.target}, done)
            break
    reached = done[::-1]
    return reached + [name for name in steps if name not in reached]


def _walk(root: str, next_steps: dict[str, list[str]], seen: set[str], done: list[str]) -> None:
    """Appends what is reached in post-order, without recursion; the last way first: reversed, the first leads."""
    stack = [(root, iter(reversed(next_steps[root])))]
    while stack:
        name, ahead = stack[-1]
        following = next((one for one in ahead if one not in seen), None)
        if following is None:
            done.append(name)
            stack.pop()
        else:
            seen.add(following)
            stack.append((following, iter(reversed(next_steps[following]))))


def _edges(journey: Journey, cards: dict[str, Card]) -> Iterator[_Edge]:
    for edge in journey.edges:
        if edge.source in cards and edge.target in cards:
            yield _Edge(cards[edge.source], edge.port, cards[edge.target], False)
    for step in journey.steps:
        for target in step.targets():
            if target in cards:
                yield _Edge(cards[step.id], "", cards[target], True)


def _gutters(edge: _Edge) -> tuple[int, ...]:
    """Which gutters an edge runs in; gutter n lies left of lane n."""
    here, there = edge.source.lane, edge.target.lane
    if edge.straight:
        return ()
    if here == there:
        return (here,) if edge.target.row <= edge.source.row else (here + 1,)
    if there > here:
        return (there,) if there == here + 1 else (here + 1, there)
    return (here,) if there == here - 1 else (here, there + 1)


def _buses(edges: list[_Edge]) -> int:
    """Gives each edge between distant lanes a track above the cards; edges to one step share it."""
    targets: dict[str, int] = {}
    for edge in edges:
        if len(edge.gutters) == 2:
            edge.bus = HEAD + 8 + TRACK * targets.setdefault(edge.target.id, len(targets))
    return len(targets)


def _stack(cards: Iterable[Card], top: float) -> None:
    below: dict[int, float] = defaultdict(lambda: top)
    for card in cards:
        card.y = below[card.lane]
        below[card.lane] += card.height + GAP


Spans = dict[int, dict[str, tuple[float, float]]]
"""By gutter, by what shares a track: from where to where it runs."""


def _spans(edges: list[_Edge]) -> Spans:
    found: Spans = defaultdict(dict)
    for edge in edges:
        start, end = edge.source.departure_y(edge.port), edge.target.arrival_y
        runs = [(start, end)] if len(edge.gutters) == 1 else [(start, edge.bus), (edge.bus, end)]
        for n, gutter in enumerate(edge.gutters):
            name = _sharing(edge, n)
            low, high = found[gutter].get(name, (min(runs[n]), max(runs[n])))
            found[gutter][name] = (min(low, *runs[n]), max(high, *runs[n]))
    return found


def _sharing(edge: _Edge, n: int) -> str:
    last = n == len(edge.gutters) - 1
    side = "left" if edge.gutters[n] == edge.target.lane else "right"
    return f"{edge.target.id}/{side}" if last else f"{edge.source.id}/{edge.port}/out"


def _assign_tracks(edges: list[_Edge]) -> dict[int, dict[str, int]]:
    """Shorter runs first; a run takes the first track in which nothing else runs beside it."""
    assigned: dict[int, dict[str, int]] = {}
    for gutter, spans in _spans(edges).items():
        taken: list[list[tuple[float, float]]] = []
        assigned[gutter] = {}
        for name, (low, high) in sorted(spans.items(), key=lambda one: one[1][1] - one[1][0]):
            free = (n for n, track in enumerate(taken) if all(high + 4 < a or low - 4 > b for a, b in track))
            n = next(free, len(taken))
            if n == len(taken):
                taken.append([])
            taken[n].append((low, high))
            assigned[gutter][name] = n
    return assigned


def _set_columns(
    stages: Sequence[str], tracks: dict[int, dict[str, int]], cards: Iterable[Card]
) -> tuple[list[Lane], float]:
    def gutter(n: int) -> float:
        used = max(tracks.get(n, {}).values(), default=-1) + 1
        return 2 * MARGIN + max(0, used - 1) * TRACK if used else MARGIN

    lanes, x = [], gutter(0)
    for n, stage in enumerate(stages or [""]):
        lanes.append(Lane(stage, x, CARD_WIDTH))
        x += CARD_WIDTH + gutter(n + 1)
    for card in cards:
        card.x = lanes[card.lane].x
    return lanes, x


def _resolve(edges: list[_Edge], lanes: list[Lane], tracks: dict[int, dict[str, int]]) -> None:
    for edge in edges:
        for n, gutter in enumerate(edge.gutters):
            left = lanes[gutter - 1].x + CARD_WIDTH if gutter else 0
            edge.tracks.append(left + MARGIN + TRACK * tracks[gutter][_sharing(edge, n)])


def _path(edge: _Edge) -> str:
    source, target = edge.source, edge.target
    if edge.straight:
        x = source.x + CARD_WIDTH / 2
        return f"M{x:g} {source.y + source.height:g}V{target.y - 2:g}"
    start, end = source.departure_y(edge.port), target.arrival_y
    from_right, to_right = edge.gutters[0] > source.lane, edge.gutters[-1] > target.lane
    first, last = edge.tracks[0], edge.tracks[-1]
    points = [(source.x + CARD_WIDTH if from_right else source.x, start), (first, start)]
    points += [(first, edge.bus), (last, edge.bus)] if len(edge.gutters) == 2 else []
    points += [(last, end), (target.x + CARD_WIDTH + 2 if to_right else target.x - 2, end)]
    return _rounded(points)


def _rounded(points: list[tuple[float, float]]) -> str:
    """A polyline of right angles with round corners."""
    parts = [f"M{points[0][0]:g} {points[0][1]:g}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        near, far = _towards(corner, before), _towards(corner, after)
        parts.append(f"L{near[0]:g} {near[1]:g}Q{corner[0]:g} {corner[1]:g} {far[0]:g} {far[1]:g}")
    parts.append(f"L{points[-1][0]:g} {points[-1][1]:g}")
    return "".join(parts)


def _towards(corner: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    length = abs(other[0] - corner[0]) + abs(other[1] - corner[1])
    share = min(RADIUS, length / 2) / length if length else 0
    return corner[0] + (other[0] - corner[0]) * share, corner[1] + (other[1] - corner[1]) * share
