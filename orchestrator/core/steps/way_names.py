"""What ways out are called that nobody gave a label, or whose settings are not finished."""

from collections.abc import Collection, Mapping
from typing import Any

from orchestrator.core.text import Text, spelt_out, verbatim


def ways_in(listed: object) -> list[Mapping[str, Any]]:
    """The entries of a list of ways out, as far as unfinished settings have one."""
    return [way for way in listed if isinstance(way, Mapping)] if isinstance(listed, list | tuple) else []


def nameless(port: str, number: int, added: str, first: Collection[Mapping[str, Any]]) -> Text:
    """Its id as words where somebody chose that; the number of its place where the id came with a new way out.

    ``added``: the id of one that is added to a list, numbered where it is taken. ``first``: those that a new step has.
    """
    if _unnumbered(port) in {added, *(way.get("port") for way in first)}:
        return Text("Path {number}", number=number)
    return spelt_out(port)


def _unnumbered(port: str) -> str:
    """Without the number at its end, and what joins it."""
    stem = port.rstrip("0123456789")
    return stem[:-1] if stem != port and stem.endswith(("-", "_")) else stem


def rough_label(given: object, otherwise: Text) -> Text:
    """A label as far as unfinished settings have one."""
    if isinstance(given, str) and given:
        return verbatim(given)
    words = {k: v for k, v in given.items() if isinstance(v, str)} if isinstance(given, Mapping) else {}
    return verbatim(words, otherwise)
