"""What stands around the text of an approved Alimtalk: a heading, a highlight, a list, more below.

It belongs to the approved template: the provider knows it by the template's code, and only its ``#{variables}`` are
filled. It is written down here so that the preview and the outbox show what the customer sees.
Source: Kakao's guide to Alimtalk templates (emphasised title, picture, item list; extra text; channel added).
"""

from collections.abc import Iterator
from typing import Any

from pydantic import Field

from orchestrator.core.channels.content import WordsProblem, link_field, without_empty
from orchestrator.core.labels import labelled
from orchestrator.core.text import Frozen, Text

LIMITS = {
    "title": 50,
    "subtitle": 50,
    "header": 16,
    "highlight_title": 30,
    "highlight_text": 19,
    "summary_title": 6,
    "summary_text": 14,
    "extra": 500,
}
ITEM_TITLE = 6
ITEM_TEXT = 23
ITEMS = (2, 10)


def _approved(label: Text, **more: Any) -> Any:
    return Field("", max_length=1_000, json_schema_extra=labelled(label, **more))


class ApprovedItem(Frozen):
    """A row of the list: what it is, and its value."""

    title: str = _approved(Text("Name", context="row"))
    text: str = _approved(Text("Value", context="row"))


class AlimtalkFrame(Frozen):
    """All of it as approved; what is empty is not there."""

    title: str = _approved(Text("Emphasised title"), help=Text("Large, above the text, such as a number or a state."))
    subtitle: str = _approved(Text("Small line below it"))
    header: str = _approved(Text("Header"), help=Text("The first line of a message with a list."))
    image: str = link_field(Text("Picture"), help=Text("As approved with the template; shown in previews only."))
    highlight_title: str = _approved(Text("Highlight: title"))
    highlight_text: str = _approved(Text("Highlight: description"))
    items: tuple[ApprovedItem, ...] = Field(
        (),
        max_length=20,
        json_schema_extra=labelled(Text("Item list"), item=Text("Row"), new={"title": "", "text": ""}),
    )
    summary_title: str = _approved(Text("Last row: name"))
    summary_text: str = _approved(Text("Last row: value"))
    extra: str = _approved(Text("Extra text"), help=Text("Small, below the text."))
    adds_channel: bool = Field(
        False,
        json_schema_extra=labelled(Text("Asks to add the channel"), help=Text("Kakao shows its own words and button.")),
    )

    def as_parts(self) -> dict[str, Any]:
        """As plain JSON, without what is not there."""
        return without_empty(**self.model_dump(mode="json"))

    def problems(self) -> Iterator[WordsProblem]:
        """What would not have been approved."""
        for name, most in LIMITS.items():
            if len(getattr(self, name)) > most and "#{" not in getattr(self, name):
                yield WordsProblem("part_too_long", f"frame.{name}", {"limit": most})
        for n, item in enumerate(self.items):
            for name, most in (("title", ITEM_TITLE), ("text", ITEM_TEXT)):
                text = getattr(item, name)
                if not text:
                    yield WordsProblem("part_missing", f"frame.items.{n}.{name}", {})
                elif len(text) > most and "#{" not in text:
                    yield WordsProblem("part_too_long", f"frame.items.{n}.{name}", {"limit": most})
        if self.items and not ITEMS[0] <= len(self.items) <= ITEMS[1]:
            about = {"count": len(self.items), "least": ITEMS[0], "most": ITEMS[1]}
            yield WordsProblem("how_many", "frame.items", about)
