"""The answers of a survey in an e-mail: each a link to the survey's page with that answer chosen."""

from typing import Any

import pytest

from orchestrator.core.channels.content import Content
from orchestrator.core.messages.compose import render_email

LINK = "https://journeys.example/s/token"


def made(**block: Any) -> tuple[str, str]:
    content = Content.model_validate({"subject": "x", "blocks": [{"kind": "survey", **block}]})
    _, html, text = render_email(content, "en", {"links": {"survey": LINK}, "workspace": {}})
    return html, text


@pytest.mark.parametrize(
    ("block", "answers"),
    [
        ({}, range(11)),
        ({"lowest": 1, "highest": 5}, range(1, 6)),
        ({"look": "stars"}, range(1, 6)),
        ({"look": "faces"}, range(1, 6)),
    ],
)
def test_each_answer_is_a_link(block: dict[str, Any], answers: range) -> None:
    html, _ = made(**block)
    assert [n for n in range(12) if f'href="{LINK}?a={n}"' in html] == list(answers)


def test_what_is_no_number_is_read_aloud_as_one() -> None:
    assert 'aria-label="3 / 5"' in made(look="stars")[0]


def test_it_says_in_plain_text_what_is_asked_and_where() -> None:
    _, text = made(question="Would you recommend us?", low="Not at all", high="Certainly")
    assert text.strip() == f"Would you recommend us?\nNot at all … Certainly\n{LINK}"


def test_what_customers_bring_is_escaped() -> None:
    content = Content.model_validate(
        {"subject": "x", "blocks": [{"kind": "survey", "question": "{{ customer.name }}?"}]}
    )
    context = {"links": {"survey": LINK}, "workspace": {}, "customer": {"name": "<b>Eve</b>"}}
    assert "&lt;b&gt;Eve" in render_email(content, "en", context)[1]
