"""Keys of journeys and templates: as they stand in addresses, and as they are made from names."""

import re
from typing import Annotated, Any

from fastapi import Path

from orchestrator.core.journey.graph import JOURNEY_KEY
from orchestrator.core.keys import key_from_names

Key = Annotated[str, Path(pattern=JOURNEY_KEY, description="A journey's key, such as `cart-recovery`.")]


def key_of(document: dict[str, Any], kind: str = "journey") -> str:
    """The file's own key if it has one, else one made from the name."""
    key = document.get("key")
    if isinstance(key, str) and re.fullmatch(JOURNEY_KEY, key):
        return key
    return key_from_names(document.get("name"), kind)
