"""Codes of test runs, checks and simulations: as long as real ones, and never one of them."""

from random import Random

import pytest

from orchestrator.core.coupons.pool import ALPHABET, CodePattern, virtual_code


@pytest.mark.parametrize(
    "pattern",
    [
        CodePattern(),
        CodePattern(prefix="WELCOME"),
        CodePattern(prefix="W1", length=4),
        CodePattern(prefix="SPRING2026SALE", length=32, group=3),
        CodePattern(length=12, group=0),
    ],
)
def test_a_specimen_is_as_long_as_a_real_code_and_never_one(pattern: CodePattern) -> None:
    specimen, real = virtual_code("who asks", pattern), pattern.code(Random(7).choice)
    assert len(specimen) == len(real)
    assert [n for n, letter in enumerate(specimen) if letter == "-"] == [
        n for n, letter in enumerate(real) if letter == "-"
    ]
    own = specimen.removeprefix(pattern.prefix).replace("-", "")
    assert own.startswith("DEMO")
    assert not set(own) <= set(ALPHABET)
    assert virtual_code("who asks", pattern) == specimen


def test_those_who_ask_apart_get_different_ones() -> None:
    assert virtual_code("a") != virtual_code("b")
