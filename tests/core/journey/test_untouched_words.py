"""What a new message begins with is written anew, in whichever of its fields it still stands."""

from typing import Any

import pytest

from orchestrator.core.email.samples import sample_of
from orchestrator.core.journey.plan import compile_journey
from orchestrator.core.messages.template_checks import check_template
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


def new_block(kind: str) -> dict[str, Any]:
    return {"kind": kind, **sample_of(kind).get("ko", {})}


@pytest.mark.parametrize(
    ("block", "fields"),
    [
        (new_block("heading"), ["0.text"]),
        (new_block("text"), ["0.html"]),
        (new_block("button") | {"url": "https://shop.kr"}, ["0.label"]),
        (new_block("coupon"), ["0.title", "0.note"]),
        (new_block("footer"), ["0.html"]),
        (new_block("columns"), [f"0.columns.{n}.blocks.{m}" for n in (0, 1) for m in ("0.text", "1.html")]),
        (new_block("survey"), []),  # asks what can be asked
        ({"kind": "heading", "text": "봄이 왔습니다"}, []),
    ],
)
def test_a_sample_is_found_in_the_blocks_of_an_email(block: dict[str, Any], fields: list[str]) -> None:
    step = message("news", "email")
    step["settings"]["content"] = {"ko": {"subject": "봄", "body": "봄", "blocks": [block]}}
    found = [one.field for one in compile_journey(straight(step, leave())).problems if one.code == "sample_text"]
    assert found == [f"settings.content.ko.blocks.{field}" for field in fields[:1]]  # once for each language
    template = {
        "name": "News",
        "class": "informational",
        "channels": {"email": step["settings"]["content"]},
    }
    told = {one.field for one in check_template(template)[1] if one.code == "sample_text"}
    assert told == {f"channels.email.ko.blocks.{field}" for field in fields}
