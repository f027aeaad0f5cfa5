"""Characters of texts that others send: what can be stored."""

from typing import Any


def storable_text(text: str) -> str:
    """The text without what PostgreSQL cannot hold: the NUL character goes, half of a surrogate pair becomes U+FFFD."""
    text = text.replace("\0", "")
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def storable(value: Any) -> Any:
    """The same for all texts and names in a JSON value. Raises RecursionError for what is nested too deeply."""
    if isinstance(value, str):
        return storable_text(value)
    if isinstance(value, dict):
        return {storable_text(key): storable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [storable(item) for item in value]
    return value
