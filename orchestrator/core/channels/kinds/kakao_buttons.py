"""Buttons below messages on KakaoTalk, whichever channel and provider: what they are made of, and what Kakao refuses.

Sources: those of ``kakao_limits``.
"""

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

from orchestrator.core.channels.content import MOST_LINK, WordsProblem, link_field, without_empty
from orchestrator.core.labels import labelled
from orchestrator.core.text import Frozen, Text

MOST_BUTTONS = 5
BUTTON_NAME = 14
BUTTON_KINDS: dict[str, Text] = {
    "WL": Text("Web link"),
    "AL": Text("App link"),
    "DS": Text("Track the parcel"),
    "AC": Text("Add the channel"),
    "BK": Text("Bot keyword"),
    "MD": Text("Forward the message"),
    "BC": Text("Talk to a person"),
    "BT": Text("Talk to a bot"),
}


class KakaoButton(Frozen):
    """A button below a message on KakaoTalk."""

    kind: Literal["WL", "AL", "DS", "AC", "BK", "MD", "BC", "BT"] = Field(
        "WL", json_schema_extra=labelled(Text("Kind"), options=BUTTON_KINDS)
    )
    name: str = Field(min_length=1, max_length=200, json_schema_extra=labelled(Text("Name")))
    link_mobile: str = link_field(Text("Link (mobile)"))
    link_pc: str = link_field(Text("Link (PC)"), advanced=True)
    scheme_ios: str = Field("", max_length=MOST_LINK, json_schema_extra=labelled(Text("App link (iOS)"), advanced=True))
    scheme_android: str = Field(
        "", max_length=MOST_LINK, json_schema_extra=labelled(Text("App link (Android)"), advanced=True)
    )

    def as_option(self) -> dict[str, Any]:
        """As providers are given it."""
        links = {"url": self.link_mobile, "url_pc": self.link_pc}
        apps = {"ios": self.scheme_ios, "android": self.scheme_android}
        return {"kind": self.kind, "name": self.name, **without_empty(**links, **apps)}


def buttons_field(**more: Any) -> Any:
    """Buttons, as the field of a model; ``more``: of :func:`labelled`."""
    new = {"kind": "WL", "name": "", "link_mobile": "https://"}
    words = labelled(Text("Buttons"), item=Text("Button"), new=new, **more)
    return Field((), max_length=20, json_schema_extra=words)


def button_problems(buttons: tuple[KakaoButton, ...], most: int, letters: int) -> Iterator[WordsProblem]:
    """What Kakao would refuse of them: more than ``most``, or a name of more than ``letters``."""
    if len(buttons) > most:
        yield WordsProblem("too_many_buttons", "buttons", {"count": len(buttons), "limit": most})
    for n, button in enumerate(buttons):
        if len(button.name) > letters:
            yield WordsProblem("button_name_too_long", f"buttons.{n}.name", {"name": button.name, "limit": letters})
        link = {"WL": button.link_mobile, "AL": button.scheme_ios or button.scheme_android}.get(button.kind, "-")
        if not link.strip():
            part = "link_mobile" if button.kind == "WL" else "scheme_ios"
            yield WordsProblem("button_without_link", f"buttons.{n}.{part}", {"name": button.name})
