"""The canvas and the template editor know channels from ``GET /api/step-types``: no source of theirs names one."""

import re
from pathlib import Path

import pytest

from orchestrator.core.channels.registry import CHANNELS

CANVAS = Path(__file__).parent.parent.parent / "web" / "canvas" / "src"
SOURCES = [
    path for path in sorted(CANVAS.rglob("*.ts*")) if not path.name.endswith((".gen.ts", ".test.ts", ".test.tsx"))
]

OTHER_MEANINGS = {
    # fields of a customer
    "messages/text-field.tsx": {"email"},
    "previews/customer-name.ts": {"email"},
    "previews/example-picker.tsx": {"email"},
    "testrun/customer.tsx": {"email"},
    "testrun/script.ts": {"email"},
    # the short form of a text message, which has no title
    "phone/screen.tsx": {"sms"},
}
"""By source, words that mean something else there."""


def named_channels(text: str) -> set[str]:
    """Channels that a source names: as a literal, as a key, or as a member."""
    text = re.sub(r"/\*.*?\*/|(?<!:)//[^\n]*", "", text, flags=re.S)
    text = re.sub(r'className="[^"]*"', "", text)
    literals = re.findall(r"""["'`](\w+)["'`]""", text)
    keys = re.findall(r"(?<![\w.])(\w+)\??:(?!:)", text)
    of_others = re.findall(r"\.(\w+)\b(?!\()", text)
    return {*literals, *keys, *of_others} & set(CHANNELS)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(CANVAS)))
def test_no_source_names_a_channel(path: Path) -> None:
    excepted = OTHER_MEANINGS.get(str(path.relative_to(CANVAS)), set())
    assert named_channels(path.read_text(encoding="utf-8")) == excepted


def test_a_source_that_named_a_channel_would_be_noticed() -> None:
    assert named_channels('if (preview.channel === "push") list.push(preview);') == {"push"}
    assert named_channels('const NOT_SHOWN = { sms: ["preheader"] };') == {"sms"}
    assert named_channels("PLACEHOLDERS.email ?? titles[`web_push`]") == {"email", "web_push"}
    assert named_channels('<div className="push">') == set()
    assert named_channels('/* "sms" */ list.push(one); // "alimtalk"') == set()
