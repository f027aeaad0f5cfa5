"""The console's words: the same in both languages, all that pages use, and none that they do not."""

import json
import re
from pathlib import Path

import pytest

from api.pages.words import Words
from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.text import LOCALES

ROOT = Path(__file__).parent.parent.parent
WORDS = {
    locale: json.loads((ROOT / "web" / "locale" / f"{locale}.json").read_text(encoding="utf-8"))
    for locale in ("en", "ko")
}
SOURCES = [*(ROOT / "web" / "templates").glob("*.html"), *(ROOT / "api").glob("[cp]*/*.py")]
USED = re.compile(r"""(?<![\w.])(?:t|self|(?:self\.|view\.|v\.)?words)\(\s*["']([a-z_]+\.[a-z_]+)["']""")
FAMILIES = re.compile(r"""\.of\(\s*["']([a-z_]+)["']""")
PLACEHOLDER = re.compile(r"\{(\w+)\}")


def used() -> tuple[set[str], set[str]]:
    texts = [path.read_text(encoding="utf-8") for path in SOURCES]
    return {k for text in texts for k in USED.findall(text)}, {f for text in texts for f in FAMILIES.findall(text)}


def test_both_languages_have_the_same_keys_in_the_same_order() -> None:
    assert list(WORDS["en"]) == list(WORDS["ko"])


@pytest.mark.parametrize("key", WORDS["en"])
def test_both_languages_have_the_same_placeholders(key: str) -> None:
    assert set(PLACEHOLDER.findall(WORDS["en"][key])) == set(PLACEHOLDER.findall(WORDS["ko"][key]))
    assert WORDS["en"][key].strip()
    assert WORDS["ko"][key].strip()


def test_pages_use_only_words_that_exist() -> None:
    keys, families = used()
    assert len(keys) > 80
    assert keys <= set(WORDS["en"])
    assert families <= {key.partition(".")[0] for key in WORDS["en"]}


def test_no_word_is_left_over() -> None:
    keys, families = used()
    assert {key for key in WORDS["en"] if key not in keys and key.partition(".")[0] not in families} == set()


def test_every_channel_and_status_has_its_word() -> None:
    for locale in LOCALES:
        words = Words(locale, "Asia/Seoul")
        assert all(words.channel(name) not in ("", name) for name in CHANNELS)
        assert all(words.channel_to_customers(name) not in ("", name) for name in CHANNELS)
    assert {f"status.{status}" for status in ("draft", "live", "paused", "stopped")} <= set(WORDS["en"])
    assert {f"send.{s}" for s in ("held", "skipped", "claimed", "sent", "unknown", "failed")} <= set(WORDS["en"])


def test_names_between_asterisks_are_set_off_and_everything_is_escaped() -> None:
    words = Words("en", "Asia/Seoul")
    assert words.emphasised("*Order <b>* once") == "<em>Order &lt;b&gt;</em> once"
    assert words.emphasised("2 * 3 <") == "2 * 3 &lt;"
