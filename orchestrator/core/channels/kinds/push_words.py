"""The words of a notification, of the app or of the browser."""

from typing import Any

from orchestrator.core.channels.content import (
    MOST_SUBJECT,
    ChannelWords,
    image_field,
    link_field,
    without_empty,
    words_field,
)
from orchestrator.core.text import Text


class PushWords(ChannelWords):
    """A notification of the app, or of the browser."""

    subject: str = words_field(Text("Title"), MOST_SUBJECT)
    image: str = image_field()
    link: str = link_field()

    def options(self) -> dict[str, Any]:
        return without_empty(image=self.image, link=self.link)
