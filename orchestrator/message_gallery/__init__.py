"""Message templates to begin with: complete, in Korean and English, made one's own and changed from there.

Each is a document beside this file, with a ``description`` of when one uses it; in ``ORDER`` designed e-mails
come first, those and the others in the order of a customer's life.
"""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from orchestrator.core.messages.template_checks import check_template
from orchestrator.core.messages.template_document import TemplateDocument
from orchestrator.core.text import SOURCE, Text, verbatim
from orchestrator.files.yaml_text import load_yaml

FOLDER = Path(__file__).parent
ORDER = (
    "welcome",
    "cart-reminder",
    "shipping-notice",
    "survey-invitation",
    "event-news",
    "win-back",
    "first-purchase",
    "order-confirmation",
    "review-request",
    "repurchase",
    "birthday-coupon",
    "points-expiry",
)


@dataclass(frozen=True)
class ReadyMade:
    """One to begin with."""

    id: str
    document: dict[str, Any]
    template: TemplateDocument
    name: Text
    description: Text

    def copy(self) -> dict[str, Any]:
        """The document, for whoever means to change it."""
        return deepcopy(self.document)


@lru_cache(maxsize=1)
def ready_made() -> tuple[ReadyMade, ...]:
    """All of them, in order."""
    return tuple(_load(name) for name in ORDER)


def find_ready_made(identity: str) -> ReadyMade | None:
    """The one of this id."""
    return _load(identity) if identity in ORDER else None


@lru_cache(maxsize=len(ORDER))
def _load(name: str) -> ReadyMade:
    document = load_yaml((FOLDER / f"{name}.yaml").read_bytes())
    description: Mapping[str, str] = document.pop("description")
    template, problems = check_template(document)
    errors = [problem.text.to(SOURCE) for problem in problems if problem.severity == "error"]
    if template is None or errors:
        raise ValueError(f"the message template {name} has errors: {errors}")
    return ReadyMade(
        name,
        document,
        template,
        verbatim(document["name"]),
        verbatim(description),
    )
