"""What a Korean text message can carry: the letters of KS X 1001 (EUC-KR), counted in bytes.

Carriers and senders count 90 bytes for an SMS and 2,000 for an LMS; a Korean letter takes two. A letter outside of the
set, above all an emoji, lets the whole message fail at the provider (Solapi status 1029, NHN Cloud code -2023).
"""

SMS_BYTES = 90
LMS_BYTES = 2_000
TITLE_BYTES = 40
"""Of an LMS's title."""

_SAME = str.maketrans(
    {
        "₩": "￦",  # the won sign of KS X 1001 is the full-width one
        "—": "―",
        "–": "-",
        "‑": "-",
        "−": "-",
        "•": "·",
        "‧": "·",
        "\u00a0": " ",
        "\u202f": " ",
        "\u2009": " ",
        "\u200b": None,
        "\ufeff": None,
        "\t": " ",
        "©": "(c)",
        "€": "EUR",
        "～": "~",
        "〜": "~",
    }
)
"""Letters outside of the set that have an equal inside of it, as a reader sees them."""


def as_carried(text: str) -> str:
    """The text in letters that are carried, as far as each has an equal among them."""
    return text.translate(_SAME)


def not_carried(text: str) -> tuple[str, ...]:
    """The letters that have no equal and would let the message fail, each once, in order."""
    return tuple(dict.fromkeys(letter for letter in as_carried(text) if _bytes(letter) == 0))


def sms_bytes(text: str) -> int:
    """How many bytes the text takes on the network; what is not carried counts two, like a Korean letter."""
    return sum(_bytes(letter) or 2 for letter in as_carried(text))


def _bytes(letter: str) -> int:
    """1, 2, or 0 where it is not in the set: the codec spells missing syllables out in eight bytes, networks do not."""
    try:
        taken = len(letter.encode("euc_kr"))
    except UnicodeEncodeError:
        return 0
    return taken if taken <= 2 else 0
