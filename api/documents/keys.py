"""Keys of journeys and templates: as they stand in addresses, and as they are made from names."""

import re
import unicodedata
from typing import Annotated, Any

from fastapi import Path

from orchestrator.core.journey.graph import JOURNEY_KEY
from orchestrator.core.text import in_locale

Key = Annotated[str, Path(pattern=JOURNEY_KEY, description="A journey's key, such as `cart-recovery`.")]


def key_of(document: dict[str, Any]) -> str:
    """The file's own key if it has one, else one made from the name."""
    key = document.get("key")
    if isinstance(key, str) and re.fullmatch(JOURNEY_KEY, key):
        return key
    name = document.get("name")
    if isinstance(name, dict):
        name = in_locale({str(locale): str(words) for locale, words in name.items()}, "en")
    plain = unicodedata.normalize("NFKD", str(name or "")).encode("ascii", "ignore").decode().lower()
    found = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:50].rstrip("-")
    return found if re.fullmatch(JOURNEY_KEY, found) else f"journey-{found}".rstrip("-")
