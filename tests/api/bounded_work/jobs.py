"""What a pool is asked for in its tests."""

import os
import re
from pathlib import Path
from typing import NoReturn

from tests.waiting import until_true


def process() -> int:
    return os.getpid()


def double(text: str) -> str:
    return text * 2


def for_ever(begun: str = "") -> NoReturn:
    if begun:
        Path(begun).touch()
    while True:
        pass


def in_one_expression_for_ever() -> bool:
    """In C, where nothing of Python's looks at a clock."""
    return re.match(r"(a+)+$", "a" * 60 + "b") is not None


def memory(megabytes: int) -> int:
    return len(bytearray(megabytes * 1024 * 1024))


def growing() -> int:
    """Memory bit by bit, and nobody left to say so when it is all gone."""
    held: list[list[int]] = []
    while True:
        held.append(list(range(100_000)))


def ended() -> NoReturn:
    """As a library does that ends its process without memory."""
    os.abort()


def refused(reason: str) -> NoReturn:
    raise ValueError(reason)


def deep(levels: int) -> object:
    value: object = None
    for _ in range(levels):
        value = [value]
    return str(value)


def waited(path: str) -> bool:
    """Until a file is there."""
    return until_true(Path(path).exists)
