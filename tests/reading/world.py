"""A workspace in which everything has happened once: every reason, status and source that people may read about.

Every id is marked (:mod:`tests.reading.renamed`), every thing has a name; what customers and colleagues wrote is known.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import yaml

from api.console.templates.pages import _preview_text
from api.demo.story import CATEGORY_EN, PRODUCTS
from orchestrator.core.events.ids import experiment_id
from orchestrator.core.events.system_events import SYSTEM_EVENTS
from orchestrator.core.journey.plan import Plan, compile_journey
from orchestrator.core.surveys.invitations import new_document
from orchestrator.core.text import LOCALES
from orchestrator.journey_gallery import templates
from orchestrator.message_gallery import ReadyMade, ready_made
from tests.reading.renamed import NAMED, marked, renamed, written_in

EXAMPLES = Path(__file__).parents[2] / "examples"
NOW = datetime(2026, 12, 3, 5, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)
SPACE = UUID(int=4242)
KNOWN, NAMELESS = uuid5(SPACE, "known"), uuid5(SPACE, "nameless")
POOL, SURVEY, TEMPLATE, SEGMENT = (marked(one) for one in ("pool", "survey", "template", "segment"))
EXPERIMENT = experiment_id("zq-lifecycle", "zq-first-order-benefit")
ROLES = ("viewer", "marketer", "operator", "admin")
SOURCES = ("intake", "import", "journey", "preferences", "unsubscribe", "provider", "console", "merge", "upgrade")


def documents() -> list[dict[str, Any]]:
    """Every journey of the gallery and the examples, with marked ids and names for everything."""
    files = [
        yaml.safe_load((EXAMPLES / f"{key}.yaml").read_text()) for key in ("lifecycle", "cart-recovery", "birthday")
    ]
    gallery = [{**one.copy(), "key": f"g-{one.id}"} for one in templates()]
    return [renamed(one) for one in (*files, *gallery)]


def plans() -> list[Plan]:
    found = [compile_journey(one).plan for one in documents()]
    assert all(found)
    return [one for one in found if one is not None]


def data() -> frozenset[str]:
    """What customers and colleagues wrote, in whatever language."""
    written = written_in([documents(), list(_words())])
    return written | {"한국어", "Seoul", "Asia", "zq"} - {"zq"}


def _words() -> Iterator[Any]:
    yield NAMED
    for one in ready_made():
        yield [one.document, one.name.by_locale(), one.description.by_locale()]
        yield [text for look in looks(one) for text in look]
    yield from (new_document(kind) for kind in ("nps", "csat", "choice", "multiple", "text"))
    yield [
        *SYSTEM_EVENTS,
        "Mina",
        "Jiwoo",
        "mina",
        "example.com",
        "jiwoo@example.com",
        "kakao",
        "method",
        "Ctrl",
        "JP",
        "AAAA",
        "methoda",
        "methodb",
        "methodc",
        "methodd",
        "methode",
        "methodf",
        *(word for product in PRODUCTS for word in product if isinstance(word, str)),
        *CATEGORY_EN.values(),
    ]


def looks(one: ReadyMade) -> Iterator[tuple[str, str]]:
    """A ready-made message as the gallery shows it, in every language that it has."""
    for language in LOCALES:
        yield _preview_text(one, language)
