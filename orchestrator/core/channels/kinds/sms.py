"""SMS: a short message of 90 bytes, or a long one (LMS) of 2,000, which costs more and may have a title.

Source: NHN Cloud SMS v3.0, and every Korean carrier. Letters outside of EUC-KR, such as emoji, are refused.
"""

from collections.abc import Iterator

from orchestrator.core.channels import contacts
from orchestrator.core.channels.channel import AdvertisingMarks, Channel
from orchestrator.core.channels.content import MOST_SUBJECT, ChannelWords, WordsProblem, words_field
from orchestrator.core.channels.measure import MessageFacts, too_long
from orchestrator.core.channels.sms_text import LMS_BYTES, SMS_BYTES
from orchestrator.core.text import Text

KOREAN = "cp949"
"""What Korean carriers call EUC-KR: with all modern syllables."""
MOST_NAMED = 8


class SmsWords(ChannelWords):
    """A short message, or a long one where it is longer than 90 bytes; only the long one has a title."""

    subject: str = words_field(Text("Title of a long message (LMS)"), MOST_SUBJECT)


def measure(subject: str, body: str) -> MessageFacts:
    """A short message has no subject; with more than 90 bytes it goes out as a long one, which has."""
    size = len(body.encode(KOREAN, "replace"))
    notes: list[Text] = []
    strange = " ".join([letter for letter in dict.fromkeys(subject + body) if not _korean(letter)][:MOST_NAMED])
    long = size > SMS_BYTES
    if size > LMS_BYTES:
        notes.append(too_long(size, LMS_BYTES, "bytes"))
    elif long:
        notes.append(
            Text(
                "More than {sms_bytes} bytes: it goes out as a long message (LMS), which costs more.",
                sms_bytes=SMS_BYTES,
            )
        )
    if strange:
        notes.append(Text("Carriers reject these characters (not in EUC-KR): {named}. Remove them.", named=strange))
    return MessageFacts(
        len(body),
        size,
        LMS_BYTES if long else SMS_BYTES,
        "bytes",
        "lms" if long else "sms",
        tuple(notes),
        size <= LMS_BYTES and not strange,
        tuple(_problems(strange, long=long)),
    )


def _problems(strange: str, *, long: bool) -> Iterator[WordsProblem]:
    if strange:
        yield WordsProblem("letters_refused", "body", {"letters": strange})
    if long:
        yield WordsProblem("sms_becomes_lms", "body", {"limit": SMS_BYTES})


def _korean(letter: str) -> bool:
    try:
        letter.encode(KOREAN)
    except UnicodeEncodeError:
        return False
    return True


SMS = Channel(
    name="sms",
    title=Text("SMS"),
    in_sentence=Text("SMS"),
    to_customers=Text("text message"),
    icon="message-square",
    contact=contacts.PHONE,
    words=SmsWords,
    subject="optional",
    charged_by_length=True,
    measure=measure,
    marks=AdvertisingMarks(label="both", sender="after_label", opt_out="number", opt_out_text=Text("Free opt-out")),
)
