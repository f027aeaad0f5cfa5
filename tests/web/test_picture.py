"""The picture of a journey: nothing overlaps, every edge is drawn, every step stands in its stage's lane."""

from itertools import combinations
from pathlib import Path

import pytest
import yaml

from api.console.journeys.picture import CARD_WIDTH, draw
from orchestrator.core.journey.graph import Journey
from orchestrator.core.journey.plan import compile_journey

EXAMPLES = Path(__file__).parent.parent.parent / "examples"


def journey(key: str) -> Journey:
    plan = compile_journey(yaml.safe_load((EXAMPLES / f"{key}.yaml").read_text())).plan
    assert plan is not None
    return plan.journey


@pytest.mark.parametrize("locale", ["ko", "en"])
@pytest.mark.parametrize("key", ["lifecycle", "cart-recovery", "birthday"])
def test_nothing_overlaps_and_nothing_is_missing(key: str, locale: str) -> None:
    drawn = draw(journey(key), locale)
    assert {card.id for card in drawn.cards} == {"entry"} | {step.id for step in journey(key).steps}
    for one, other in combinations(drawn.cards, 2):
        apart = abs(one.x - other.x) >= CARD_WIDTH or one.y + one.height <= other.y or other.y + other.height <= one.y
        assert apart, (one.id, other.id)
    jumps = sum(len(step.targets()) for step in journey(key).steps)
    assert len(drawn.lines) == len(journey(key).edges) + jumps
    for card in drawn.cards:
        assert card.x > 0
        assert card.x + CARD_WIDTH < drawn.width
        assert card.y + card.height < drawn.height
        if card.step is not None:
            assert drawn.lanes[card.lane].stage == card.step.stage


def test_the_lifecycle_fits_on_a_laptop() -> None:
    assert draw(journey("lifecycle")).width <= 1064  # 1280 less the menu and the margins


def test_a_step_stands_below_what_leads_to_it() -> None:
    rows = {card.id: (card.lane, card.row) for card in draw(journey("lifecycle")).cards}
    assert rows["entry"] < rows["welcome"] < rows["first-order-soon"] < rows["nudge"] < rows["still-browsing"]
    assert rows["repurchase-due"] < rows["repurchase"] < rows["bought-again"] < rows["rest"]
