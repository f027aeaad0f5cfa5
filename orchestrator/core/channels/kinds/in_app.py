"""On-site message: waits for the customer on the shop's own pages."""

from typing import Any, Literal

from pydantic import Field

from orchestrator.core.channels import contacts
from orchestrator.core.channels.channel import Channel
from orchestrator.core.channels.content import (
    MOST_SUBJECT,
    ChannelWords,
    image_field,
    link_field,
    without_empty,
    words_field,
)
from orchestrator.core.labels import labelled
from orchestrator.core.text import Text

LOOKS: dict[str, Text] = {
    "banner": Text("Banner at the top"),
    "card": Text("Card in the corner"),
    "modal": Text("Window in the middle"),
}


class OnSiteWords(ChannelWords):
    """A message that waits on the shop's own pages."""

    subject: str = words_field(Text("Title"), MOST_SUBJECT)
    look: Literal["banner", "card", "modal"] = Field("card", json_schema_extra=labelled(Text("Look"), options=LOOKS))
    image: str = image_field()
    button: str = words_field(Text("Button", context="words"), 200)
    link: str = link_field()

    def options(self) -> dict[str, Any]:
        button = [{"name": self.button, "url": self.link}] if self.button else []
        return {"data": {"look": self.look}, **without_empty(image=self.image, link=self.link, buttons=button)}


IN_APP = Channel(
    name="in_app",
    title=Text("On-site message"),
    in_sentence=Text("on-site message"),
    to_customers=Text("message on our site"),
    icon="bell",
    contact=contacts.CUSTOMER,
    words=OnSiteWords,
    preview="page",
    subject="shown",
    opens=True,
)
