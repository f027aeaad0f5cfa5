"""In which order customers are walked."""

import pytest

from orchestrator.core.backtest.schedule import LEAST, MOST_AT_ONCE, chunks

SIZES = {"none": 5_000, "one": 900, "some": 40, "many": 3}


@pytest.mark.parametrize("sizes", [SIZES, {"none": 0, "one": 1}, {"none": 12_345}, {"none": 0}])
def test_everybody_is_walked_once_and_each_stratum_in_its_order(sizes: dict[str, int]) -> None:
    done = dict.fromkeys(sizes, 0)
    for chunk in chunks(sizes):
        assert chunk.first == done[chunk.stratum]
        assert 0 < chunk.many <= MOST_AT_ONCE
        done[chunk.stratum] += chunk.many
    assert done == sizes


def test_the_first_few_are_of_every_stratum() -> None:
    walked: dict[str, int] = {}
    for chunk in chunks(SIZES, 60):
        walked[chunk.stratum] = walked.get(chunk.stratum, 0) + chunk.many
    assert walked.keys() == SIZES.keys()
    assert all(walked[name] >= min(LEAST, SIZES[name]) for name in SIZES)
    assert sum(walked.values()) == 60
