"""YAML that is made to last ends at once."""

import contextlib
import time

import pytest
import yaml

from orchestrator.files.yaml_text import load_yaml

MERGES = "a0: &a0 {x: 1}\n" + "".join(f"a{n}: &a{n}\n  <<: [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "{a: " * 100_000, "- " * 100_000, "? " * 50_000, MERGES, "a: " + "9" * 100_000]
)
def test_it_ends(text: str) -> None:
    began = time.thread_time()
    with contextlib.suppress(yaml.YAMLError, RecursionError):
        load_yaml(text)
    assert time.thread_time() - began < 2


def test_merge_keys_are_none() -> None:
    assert load_yaml("a: &a {x: 1}\nb: {<<: *a}") == {"a": {"x": 1}, "b": {"<<": {"x": 1}}}
    with pytest.raises(yaml.YAMLError):
        load_yaml("a: &a {x: 1}\nb: {!!merge <<: *a}")


def test_a_number_beyond_64_bits_is_none_that_the_store_cannot_hold() -> None:
    assert load_yaml("a: 99999999999999999999") == {"a": 1e20}
