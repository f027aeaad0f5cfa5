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
    "banner": Text("Banner at the top", "상단 배너"),
    "card": Text("Card in the corner", "모서리 카드"),
    "modal": Text("Window in the middle", "중앙 팝업"),
}


class OnSiteWords(ChannelWords):
    """A message that waits on the shop's own pages."""

    subject: str = words_field("Title", "제목", MOST_SUBJECT)
    look: Literal["banner", "card", "modal"] = Field("card", json_schema_extra=labelled("Look", "모양", options=LOOKS))
    image: str = image_field()
    button: str = words_field("Button", "버튼 문구", 200)
    link: str = link_field()

    def options(self) -> dict[str, Any]:
        button = [{"name": self.button, "url": self.link}] if self.button else []
        return {"data": {"look": self.look}, **without_empty(image=self.image, link=self.link, buttons=button)}


IN_APP = Channel(
    name="in_app",
    title=Text("On-site message", "온사이트 메시지"),
    in_sentence=Text("on-site message", "온사이트 메시지"),
    to_customers=Text("message on our site", "사이트 내 메시지"),
    icon="bell",
    contact=contacts.CUSTOMER,
    words=OnSiteWords,
    preview="page",
    subject="shown",
)
