"""Values at dotted paths into nested objects, such as ``customer.address.city``."""

from collections.abc import Mapping
from typing import Any


def lookup(document: Mapping[str, Any] | None, path: str) -> Any:
    """The value at a dotted path into nested objects, or None. A key that itself has dots is found first.

    Arrays have no members, by name or by number.
    """
    if document is None:
        return None
    if "." not in path or path in document:
        return document.get(path)
    value: Any = document
    for name in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value
