"""docs/sending.md keeps up with the code."""

import re
from pathlib import Path
from typing import get_args

from orchestrator.core.sending.decide import CHECKS
from orchestrator.core.sending.reasons import REASONS, ReasonCode
from orchestrator.core.templating.engine import ROOTS
from orchestrator.core.templating.filters import DATE_FORMATS

PAGE = (Path(__file__).parents[1] / "docs" / "sending.md").read_text(encoding="utf-8")


def test_every_reason_is_documented_in_both_languages_and_none_besides() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \| ([^|]+) \|$", PAGE, re.MULTILINE)
    assert [code for code, *_ in rows] == list(get_args(ReasonCode)) == list(REASONS)
    for code, english, korean in rows:
        assert re.search("[a-z]", english), code
        assert re.search("[가-힣]", korean), code


def test_every_reason_has_its_words_with_the_same_parameters_in_both_languages() -> None:
    for code, words in REASONS.items():
        placeholders = [set(re.findall(r"{(\w+)}", phrase)) for phrase in words.by_locale().values()]
        assert placeholders[0] == placeholders[1], code
        assert re.search("[가-힣]", words.to("ko")), code


def test_every_check_is_in_the_table() -> None:
    assert re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE) == [str(n + 1) for n in range(len(CHECKS))]


def test_what_templates_may_speak_of_is_documented() -> None:
    for name in (*ROOTS, *DATE_FORMATS):
        assert f"`{name}`" in PAGE or f"'{name}'" in PAGE, name
