"""Carrier pigeon: a channel that is thrown away again."""

from collections.abc import Iterator

from orchestrator.core.channels import contacts
from orchestrator.core.channels.channel import Channel
from orchestrator.core.channels.content import ChannelWords, WordsProblem, words_field
from orchestrator.core.channels.measure import at_most
from orchestrator.core.text import Text


class PigeonWords(ChannelWords):
    """What a pigeon carries."""

    subject: str = words_field(Text("Title"))
    ring: str = words_field(Text("Ring"), 20)

    def problems(self) -> Iterator[WordsProblem]:
        """A ring is heavy."""
        if len(self.ring) > 10:
            yield WordsProblem("button_name_too_long", "ring", {"name": self.ring, "limit": 10})


PIGEON = Channel(
    name="pigeon",
    title=Text("Carrier pigeon"),
    in_sentence=Text("carrier pigeon"),
    to_customers=Text("pigeon"),
    icon="bird",
    contact=contacts.PHONE,
    words=PigeonWords,
    subject="shown",
    measure=at_most(120, "characters", "pigeon"),
)
