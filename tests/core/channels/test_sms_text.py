"""What a Korean text message carries."""

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.core.channels.sms_text import as_carried, not_carried, sms_bytes


def test_korean_takes_two_bytes_and_latin_one() -> None:
    assert sms_bytes("가나다abc 1\n") == 6 + 3 + 1 + 1 + 1
    assert sms_bytes("가" * 45) == 90


def test_what_has_an_equal_is_written_with_it() -> None:
    assert as_carried("₩12,300 — “지금” • 끝…") == "￦12,300 ― “지금” · 끝…"
    assert not_carried("₩12,300 — “지금” • 끝…") == ()


def test_what_is_not_carried_is_named_once() -> None:
    assert not_carried("봄 🌸 뷁 🌸 é") == ("🌸", "뷁", "é")
    assert sms_bytes("🌸") == 2


@given(st.text())
def test_whatever_is_said_to_be_carried_can_be_encoded(text: str) -> None:
    carried = as_carried(text)
    if not not_carried(text):
        assert len(carried.encode("euc_kr")) == sms_bytes(text)
