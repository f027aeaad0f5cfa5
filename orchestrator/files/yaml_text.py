"""YAML as people mean it: ``at: 10:00`` is a time of day, ``port: yes`` is a name, and a key written twice is a slip.

PyYAML reads YAML 1.1, in which the first is the number 600 and the second is true. This reader follows the core schema
of YAML 1.2 (yaml.org/spec/1.2.2, 10.3): true, false, null, numbers, and everything else is text; dates too, as in JSON.
"""

import re
from collections.abc import Hashable
from datetime import date
from typing import Any

import yaml

from orchestrator.core.characters import storable_text

MOST_LEVELS = 200
MOST_VALUES = 300_000
_MOST = 2**63 - 1


class InvalidYaml(Exception):
    """The text is no YAML. ``line``: where, as people count; 0: nobody knows."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


class TooDeep(Exception):
    """Values are nested deeper than ``limit``, or are without end."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit


class _Reader(yaml.CSafeLoader):
    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's own form; filled below

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Merge keys (``<<``) are none: a few lines of them make a file that takes minutes to read."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for name, _ in node.value:
            key = (name.tag, name.value) if isinstance(name, yaml.ScalarNode) else id(name)
            if key in seen:
                where = f"while reading {node.tag.rpartition(':')[2]}"
                raise yaml.constructor.ConstructorError(
                    where, node.start_mark, f"“{name.value}” is written twice", name.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


for _tag, _form, _first in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("int", r"^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$", "-+0123456789"),
    ("float", r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?)$", "-+0123456789."),
    ("null", r"^(?:~|null|Null|NULL|)$", "~nN\0"),
):
    _Reader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_form), [*_first.replace("\0", ""), ""])


def _int(reader: _Reader, node: yaml.ScalarNode) -> int | float:
    text = str(reader.construct_scalar(node))
    # Not for PyYAML to read, to which a leading 0 means octal. Nobody means a number of more digits than 64 bits hold.
    number = (int(text, 0) if text.startswith(("0o", "0x")) else int(text)) if len(text) < 24 else _MOST + 1
    return number if -_MOST <= number <= _MOST else float(text if text[1:2] not in "ox" else "inf")


def _float(reader: _Reader, node: yaml.ScalarNode) -> float:
    return float(str(reader.construct_scalar(node)))


_Reader.add_constructor("tag:yaml.org,2002:int", _int)
_Reader.add_constructor("tag:yaml.org,2002:float", _float)


def load_yaml(text: str | bytes) -> Any:
    """The document; of JSON (which is YAML) every value is read as JSON reads it.

    Raises ``yaml.YAMLError``, and ``RecursionError`` for what is nested more than 200 levels deep.
    """
    level = 0
    for event in yaml.parse(text, Loader=_Reader):  # before the reader follows the levels down, which has no floor
        if isinstance(event, yaml.CollectionStartEvent):
            level += 1
            if level > MOST_LEVELS:
                raise RecursionError
        elif isinstance(event, yaml.CollectionEndEvent):
            level -= 1
    return yaml.load(text, Loader=_Reader)  # noqa: S506 - a SafeLoader


def load_plain_yaml(body: bytes) -> Any:
    """The document in JSON's values. Raises :class:`InvalidYaml` and :class:`TooDeep`."""
    try:
        document = load_yaml(body)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        last = body.count(b"\n") + 1  # the end of the file is no line of it
        raise InvalidYaml(0 if mark is None else min(mark.line + 1, last)) from None
    except (yaml.YAMLError, ValueError, OverflowError):  # characters YAML forbids, or a date that is none
        raise InvalidYaml(0) from None
    except RecursionError:
        raise TooDeep(MOST_LEVELS) from None
    return _plain(document, [MOST_VALUES], MOST_LEVELS)


def _plain(value: Any, left: list[int], levels: int) -> Any:
    """YAML's values as JSON's. ``left``: values that may still come; an alias is counted each time it is used."""
    left[0] -= 1
    if left[0] < 0 or levels < 0:
        raise TooDeep(MOST_LEVELS)
    if isinstance(value, dict):
        return {storable_text(str(name)): _plain(item, left, levels - 1) for name, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(item, left, levels - 1) for item in value]
    if isinstance(value, str):
        return storable_text(value)
    if isinstance(value, date):  # and datetime
        return value.isoformat()
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
