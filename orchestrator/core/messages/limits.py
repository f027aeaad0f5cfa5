"""How long a message is on its channel, and what the channel makes of that.

Sources: SMS is 90 bytes of EUC-KR in Korea, a long message (LMS) 2,000 (NHN Cloud SMS v3.0, and every Korean carrier);
letters outside of EUC-KR, such as emoji, are refused. Alimtalk: 1,300 characters (NHN Cloud KakaoTalk Bizmessage).
Push: 4,096 bytes of payload (Firebase Cloud Messaging).
"""

from dataclasses import dataclass
from typing import Literal

from orchestrator.core.sending.advertising import Words
from orchestrator.core.text import Text

SMS_BYTES, LMS_BYTES = 90, 2_000
ALIMTALK_CHARACTERS = 1_300
PUSH_BYTES = 4_096
KOREAN = "cp949"
"""What Korean carriers call EUC-KR: with all modern syllables."""
MOST_NAMED = 8


@dataclass(frozen=True, slots=True)
class MessageFacts:
    """``limit`` counts ``unit``; None: the channel has none. ``form``: what it goes out as."""

    characters: int
    bytes: int
    limit: int | None
    unit: Literal["characters", "bytes"]
    form: str
    notes: tuple[Text, ...]
    fits: bool


def message_facts(words: Words, channel: str) -> MessageFacts:
    """Of a message as it would go out."""
    match channel:
        case "sms":
            return _sms(words)
        case "alimtalk":
            return _counted(words.body, ALIMTALK_CHARACTERS, "characters", "alimtalk")
        case "push":
            return _counted(f"{words.subject}{words.body}", PUSH_BYTES, "bytes", "push")
    return _counted(words.body, None, "characters", channel)


def _counted(text: str, limit: int | None, unit: Literal["characters", "bytes"], form: str) -> MessageFacts:
    characters, size = len(text), len(text.encode())
    measured = characters if unit == "characters" else size
    fits = limit is None or measured <= limit
    notes = () if fits or limit is None else (_too_long(measured, limit, unit),)
    return MessageFacts(characters, size, limit, unit, form, notes, fits)


def _sms(words: Words) -> MessageFacts:
    """A short message has no subject; with more than 90 bytes it goes out as a long one, which has."""
    body = words.body
    size = len(body.encode(KOREAN, "replace"))
    notes: list[Text] = []
    strange = [letter for letter in dict.fromkeys(words.subject + body) if not _korean(letter)]
    if strange:
        named = " ".join(strange[:MOST_NAMED])
        notes.append(Text("Carriers refuse letters that are not in EUC-KR: {named}. Leave them out.", named=named))
    if size <= SMS_BYTES:
        return MessageFacts(len(body), size, SMS_BYTES, "bytes", "sms", tuple(notes), not strange)
    if size <= LMS_BYTES:
        notes.insert(
            0,
            Text(
                "More than {sms_bytes} bytes: it goes out as a long message (LMS), which costs more.",
                sms_bytes=SMS_BYTES,
            ),
        )
    else:
        notes.insert(0, _too_long(size, LMS_BYTES, "bytes"))
    return MessageFacts(len(body), size, LMS_BYTES, "bytes", "lms", tuple(notes), size <= LMS_BYTES and not strange)


def _korean(letter: str) -> bool:
    try:
        letter.encode(KOREAN)
    except UnicodeEncodeError:
        return False
    return True


def _too_long(measured: int, limit: int, unit: str) -> Text:
    of = Text("characters") if unit == "characters" else Text("bytes")
    return Text(
        "{measured:,} {of}, more than the {limit:,} that this channel carries. Shorten it.",
        measured=measured,
        of=of,
        limit=limit,
    )
