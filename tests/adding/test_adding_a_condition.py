"""A kind of condition is added in three files, and everything else learns of it without another line.

What ``tests/adding/leaf.py`` adds is looked for in evaluation, words, contradictions, the compiler, the forms, the SQL;
and that it is not documented has to be noticed.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.web.test_inspector_covers_every_kind import EDITORS, walked

ROOT = Path(__file__).parents[2]


@pytest.mark.long
@pytest.mark.timeout(300)
def test_a_leaf_is_three_files(database_url: str) -> None:
    command = [sys.executable, "-m", "tests.adding.leaf", database_url]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=280)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    form = seen.pop("form")
    assert form["kind"] == "long_enough"
    assert form["scope"] == "customer"
    assert form["title"]["en"] == "Length of an attribute"
    assert list(form["schema"]["properties"]) == ["kind", "name", "characters"]
    assert walked({"long_enough": form["schema"]}, EDITORS)["long_enough"] == []
    assert seen == {
        # evaluation and words
        "truths": [False, True],
        "words": ["sku has 3 characters or more", "not (sku has 3 characters or more)"],
        "explained": "sku has 3 characters or more (found: “ab”)",
        "wakes_on": ["Customer Updated"],
        "scopes": ["customer"],
        "plain": True,
        "can_match": [True, False],
        # journeys: the file's schema, the compiler's names, what a run listens for, the documentation
        "in_schema": True,
        "problems": [["unknown_attribute", {"name": "sku"}]],
        "watched": ["Customer Updated"],
        "undocumented": ["long_enough", "name", "characters"],
        # SQL: refused while there is none, and equal to evaluation for the conditions that Hypothesis draws
        "refused": True,
        "has_sql": True,
        "drawn": True,
    }
