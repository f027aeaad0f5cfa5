"""Journey files as people read them: in order, and read again as the same document."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.files.journeys import to_json, to_yaml
from orchestrator.files.yaml_text import load_yaml
from orchestrator.journey_gallery import templates

DOCUMENT = {
    "edges": [{"to": "m", "from": "entry"}],
    "steps": [
        {
            "settings": {
                "content": {"ko": {"body": "안녕하세요.\n\n또 만나요.\n", "subject": "제목"}},
                "class": "advertising",
                "fallback": ["push"],
                "channel": "email",
            },
            "kind": "message",
            "id": "m",
        }
    ],
    "name": {"ko": "여정", "en": "Journey"},
    "key": "one",
}
WRITTEN = """\
key: one
name: {ko: 여정, en: Journey}
steps:
  - id: m
    kind: message
    settings:
      channel: email
      fallback: [push]
      class: advertising
      content:
        ko:
          subject: 제목
          body: |
            안녕하세요.

            또 만나요.
edges:
  - {from: entry, to: m}
"""


def test_fields_stand_in_the_order_of_the_documentation_and_texts_in_blocks() -> None:
    assert to_yaml(DOCUMENT) == WRITTEN
    assert list(load_yaml(to_json(DOCUMENT))) == ["key", "name", "steps", "edges"]


@pytest.mark.parametrize("template", templates(), ids=lambda one: one.id)
def test_every_template_is_written_and_read_again_as_it_was(template: Any) -> None:
    assert load_yaml(to_yaml(template.document)) == template.document


@pytest.mark.parametrize(
    "words",
    ["10:00", "1e3", "0x1f", "017", "0o7", ".5", "+1", "2026-03-01", "1h30m", "yes", "Null", "~", "", " ", "=", "<<",
     "- a", "a: b", "#x", "{x", "x}", "[", "a,b", "*a", "&a", "!a", "? a", "'", '"', "|", ">", "%",
     "@", "`",
     "a\n b \n", "\n", "  lead\nx", "tab\tx", "a\r\nb", "\x85", ":\x850", "\u2028", "\ufeff", "\x7f", "\x1b", "😀",
     "</script>", "\u202e"],
)  # fmt: skip
def test_words_stay_words(words: str) -> None:
    document = {"name": words, "variables": {words or "x": [words, {"a": words}]}}
    assert load_yaml(to_yaml(document)) == document


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from(["key", "name", "steps", "edges", "more"]), VALUES))
def test_whatever_is_in_a_file_is_read_again_as_it_was(document: dict[str, Any]) -> None:
    assert load_yaml(to_yaml(document)) == document
