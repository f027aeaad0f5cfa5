"""What a new message begins with is written anew, in whichever of its fields it still stands."""

from typing import Any

import pytest

from orchestrator.core.journey.plan import compile_journey
from orchestrator.core.steps.message import Message
from tests.core.run.driver import leave, message, straight

SAMPLE = Message.DEFAULTS["content"]["ko"]


@pytest.mark.parametrize(
    ("channel", "words", "field"),
    [
        ("email", {"subject": SAMPLE["subject"], "body": "봄이 왔습니다."}, "subject"),
        ("email", {"subject": "봄", "body": SAMPLE["body"] + "\n"}, "body"),
        ("sms", {"subject": SAMPLE["subject"], "body": "봄이 왔습니다."}, "subject"),
        ("push", {"subject": SAMPLE["subject"], "body": "봄이 왔습니다."}, "subject"),
        ("email", {"subject": "봄", "body": "봄이 왔습니다."}, None),
    ],
)
def test_a_sample_is_found_in_whichever_field_is_shown(channel: str, words: dict[str, Any], field: str | None) -> None:
    step = message("news", channel)
    step["settings"]["content"] = {"ko": words}
    found = [one.field for one in compile_journey(straight(step, leave())).problems if one.code == "sample_text"]
    assert found == ([] if field is None else [f"settings.content.ko.{field}"])
