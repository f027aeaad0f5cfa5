"""One syntax of e-mail addresses, for what comes in and for what is sent."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from activities.channels.contract import DefinitionError, Unreachable
from activities.channels.providers.smtp import Config, _wire_recipient, _wire_sender
from orchestrator.core.channels.contacts import EMAIL
from orchestrator.core.channels.email_address import is_email, read_email, travelling_email
from orchestrator.core.characters import INVISIBLE

GOOD = {
    "kim@example.com": "kim@example.com",
    " kim@example.com\n": "kim@example.com",
    "Kim.Ji+news_1@Mail.Example.COM": "Kim.Ji+news_1@mail.example.com",
    "o'hara@example.ie": "o'hara@example.ie",
    "a@b.co": "a@b.co",
    "kim@한국.kr": "kim@한국.kr",
    "kim@xn--3e0b707e.kr": "kim@한국.kr",
    "kim@faß.de": "kim@faß.de",  # IDNA 2003 would have sent it to fass.de, which is somebody else's
    "kim@xn--fa-hia.de": "kim@faß.de",
    "kim@BÜCHER.example": "kim@bücher.example",
    "kim@bu\u0308cher.example": "kim@bücher.example",
    "kim@ｅｘａｍｐｌｅ．ｃｏｍ": "kim@example.com",
    "kim@日本語。jp": "kim@日本語.jp",
    "김지우@example.com": "김지우@example.com",
    unicodedata.normalize("NFD", "김지우@example.com"): "김지우@example.com",
    "दीपक@example.com": "दीपक@example.com",
    f"{'a' * 64}@example.com": f"{'a' * 64}@example.com",
    "a@ab--cd.example": "a@ab--cd.example",
}
BAD = [
    *("", " ", "kim", "kim@", "@example.com", "kim@localhost", "kim@example", "kim@example.com.", "kim@.example.com"),
    *("mailto:kim@example.com", "<kim@example.com>", "Kim <kim@example.com>", '"Kim"@example.com', "kim@example..com"),
    *("kim@[192.0.2.1]", "kim@192.0.2.1", "kim@example.1", "kim lee@example.com", "kim@example.com, lee@example.com"),
    *("kim@lee@example.com", ".kim@example.com", "kim.@example.com", "ki..m@example.com", "kim＠example.com"),
    *(
        "ｋｉｍ@example.com",
        "kim@exa_mple.com",
        "kim@-example.com",
        "kim@example-.com",
        "kim@xn--.com",
        "kim@xn--a.com",
    ),
    *("kim@example.com?subject=x", "kim@exam ple.com", "kim(work)@example.com", "kim@☃.example", "😀@example.com"),
    *(f"{'a' * 65}@example.com", f"{'가' * 22}@example.com", f"kim@{'a' * 64}.com", f"a@{'a.' * 130}com", "٣@٣.٣"),
    *("kim\0@example.com", "kim\x01@example.com", "\ud800@example.com", "kim@\ud800.com", "kim@example\u3000.com"),
    *(text for one in INVISIBLE + "\u200c\u200d" for text in (f"{one}kim@example.com", f"k{one}im@example.com")),
]


@pytest.mark.parametrize("text", GOOD)
def test_an_address_is_read_as_it_is_kept(text: str) -> None:
    assert read_email(text) == GOOD[text]
    assert read_email(GOOD[text]) == GOOD[text]
    assert EMAIL.valid(GOOD[text])


@pytest.mark.parametrize("text", BAD)
def test_what_is_none_is_none_everywhere(text: str) -> None:
    assert read_email(text) is None
    assert not EMAIL.valid(text)
    assert travelling_email(text) is None
    with pytest.raises(Unreachable):
        _wire_recipient(text)


def test_an_address_with_space_around_it_is_read_and_not_sent_to() -> None:
    assert read_email(" a@b.co ") == "a@b.co"
    assert not is_email(" a@b.co ")


def test_it_travels_in_ascii_where_it_can() -> None:
    assert travelling_email("kim@한국.kr") == "kim@xn--3e0b707e.kr"
    assert travelling_email("kim@faß.de") == "kim@xn--fa-hia.de"
    assert travelling_email("김지우@example.com") is None  # needs SMTPUTF8


LETTERS = st.text(st.characters() | st.sampled_from("@.-_<>:a1가각é＠．xn"), max_size=12)


@given(st.tuples(LETTERS, LETTERS).map("@".join) | LETTERS | st.emails())
@example("a@ß.de")
def test_whatever_is_read_is_read_again_and_can_be_kept(text: str) -> None:
    address = read_email(text)
    if address is None:
        return
    assert read_email(address) == address
    assert is_email(address)
    assert unicodedata.is_normalized("NFC", address)
    assert "." in address.rpartition("@")[2]
    travelling = travelling_email(address)
    assert travelling is None or (travelling.isascii() and read_email(travelling) == address)
    assert not set(address) & {*INVISIBLE, " ", "<", ">", ":", "\0"}


def test_a_sender_may_have_a_name_and_be_on_this_machine() -> None:
    assert _wire_sender("달빛상점 <news@한국.kr>") == "news@xn--3e0b707e.kr"
    assert _wire_sender("Sojourn <sojourn@localhost>") == "sojourn@localhost"
    for wrong in ("Shop <news@shop>", "news", "<>", "mailto:news@shop.example", "뉴스@shop.example", "a b@localhost"):
        with pytest.raises(DefinitionError):
            _wire_sender(wrong)
        with pytest.raises(ValueError, match="sender"):
            Config(host="mail.example", sender=wrong)
