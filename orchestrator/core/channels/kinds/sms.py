"""SMS: a short message of 90 bytes, or a long one (LMS) of 2,000, which costs more and may have a title.

Source: NHN Cloud SMS v3.0, and every Korean carrier. Letters outside of EUC-KR, such as emoji, are refused.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from orchestrator.core.channels import contacts
from orchestrator.core.channels.channel import AdvertisingMarks, Channel
from orchestrator.core.channels.content import (
    MOST_SUBJECT,
    ChannelWords,
    WordsProblem,
    image_field,
    without_empty,
    words_field,
)
from orchestrator.core.channels.measure import MessageFacts, too_long
from orchestrator.core.channels.sms_text import LMS_BYTES, SMS_BYTES, TITLE_BYTES, not_carried, sms_bytes
from orchestrator.core.text import Text

MOST_NAMED = 8


class SmsWords(ChannelWords):
    """A short message, or a long one where it is longer than 90 bytes; only the long one has a title and a picture."""

    subject: str = words_field(Text("Title of a long message (LMS)"), MOST_SUBJECT)
    image: str = image_field(help=Text("With a picture it goes out as an MMS. From the library, as a JPEG."))

    def options(self) -> dict[str, Any]:
        return without_empty(image=self.image)


def measure(subject: str, body: str) -> MessageFacts:
    """A short message has no title: with one, or with more than 90 bytes, it goes out as a long one."""
    size = sms_bytes(body)
    long = size > SMS_BYTES or bool(subject)
    strange = " ".join(not_carried(subject + body)[:MOST_NAMED])
    notes: list[Text] = []
    if size > LMS_BYTES:
        notes.append(too_long(size, LMS_BYTES, "bytes"))
    elif size <= SMS_BYTES and long:
        notes.append(Text("It has a title: it goes out as a long message (LMS), which costs more."))
    elif long:
        notes.append(
            Text(
                "More than {sms_bytes} bytes: it goes out as a long message (LMS), which costs more.",
                sms_bytes=SMS_BYTES,
            )
        )
    if strange:
        notes.append(Text("Carriers reject these characters (not in EUC-KR): {named}. Remove them.", named=strange))
    cut = sms_bytes(subject) > TITLE_BYTES
    if cut:
        notes.append(Text("The title is longer than {limit} bytes. Shorten it.", limit=TITLE_BYTES))
    return MessageFacts(
        len(body),
        size,
        LMS_BYTES if long else SMS_BYTES,
        "bytes",
        "lms" if long else "sms",
        tuple(notes),
        size <= LMS_BYTES and not strange and not cut,
        tuple(_problems(strange, long=size > SMS_BYTES, cut=cut)),
    )


def measure_with_picture(subject: str, body: str) -> MessageFacts:
    """With a picture it is an MMS, which is as long as a long message."""
    facts = measure(subject, body)
    notes = tuple(note for note in facts.notes if not facts.fits)
    note = Text("It has a picture: it goes out as a multimedia message (MMS), which costs more.")
    problems = tuple(one for one in facts.problems if one.code != "sms_becomes_lms")
    return replace(facts, limit=LMS_BYTES, form="mms", notes=(*notes, note), problems=problems)


def _problems(strange: str, *, long: bool, cut: bool) -> Iterator[WordsProblem]:
    if strange:
        yield WordsProblem("letters_refused", "body", {"letters": strange})
    if long:
        yield WordsProblem("sms_becomes_lms", "body", {"limit": SMS_BYTES})
    if cut:
        yield WordsProblem("title_too_long", "subject", {"limit": TITLE_BYTES})


SMS = Channel(
    name="sms",
    title=Text("SMS"),
    in_sentence=Text("SMS"),
    to_customers=Text("text message"),
    icon="message-square",
    contact=contacts.PHONE,
    words=SmsWords,
    preview="text",
    subject="optional",
    charged_by_length=True,
    measure=measure,
    pictured=measure_with_picture,
    marks=AdvertisingMarks(label="both", sender="after_label", opt_out="number", opt_out_text=Text("Free opt-out")),
)
