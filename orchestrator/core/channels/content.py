"""What is said on a channel in one language: the words that a template has for it, and the content of a step's own.

Every text is a Jinja template. ``content()`` gives the parts that all channels have in common; ``options()`` gives the
rest as plain JSON, its texts still to be filled (``core.messages.render``), named as providers get it: as the fields of
``OutgoingMessage``. What is empty is left out.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pydantic import Field, model_validator

from orchestrator.core.email.blocks import EmailBlocks, Theme
from orchestrator.core.labels import labelled
from orchestrator.core.text import Frozen, Text

MOST_BODY = 50_000
MOST_LINK = 2_000
MOST_SUBJECT = 5_000
"""Characters of the template of one line."""


class WordsProblem(NamedTuple):
    """What is wrong with the words of one channel in one language: ``code`` of ``core.messages.template_problems``,
    ``part``: the dotted field, and what the code's sentence is filled with."""

    code: str
    part: str
    parameters: Mapping[str, Any]


class Content(Frozen):
    """What is said in one language: Jinja templates over ``customer``, ``entry``, ``event``, ``var`` and ``links``.

    An e-mail may be made of ``blocks``; ``body`` is then what the other channels of the message say.
    """

    subject: str = Field("", max_length=MOST_SUBJECT, json_schema_extra=labelled(Text("Subject"), editor="template"))
    body: str = Field("", json_schema_extra=labelled(Text("Text", context="body"), editor="template"))
    preheader: str = Field(
        "",
        max_length=MOST_SUBJECT,
        json_schema_extra=labelled(
            Text("Preview line"),
            editor="template",
            help=Text("What inboxes show next to the subject."),
        ),
    )
    blocks: EmailBlocks = Field(
        (),
        json_schema_extra=labelled(
            Text("Blocks of the e-mail"), item=Text("Block"), new={"kind": "text"}, advanced=True
        ),
    )
    theme: Theme | None = Field(
        None,
        description="Of an e-mail; none: the workspace's.",
        json_schema_extra=labelled(Text("E-mail theme"), advanced=True),
    )

    @model_validator(mode="after")
    def _says_something(self) -> "Content":
        if not self.body and not self.blocks:
            raise ValueError("a text, or blocks")
        return self


class ChannelWords(Frozen):
    """The words of one channel in one language."""

    body: str = Field(
        min_length=1, max_length=MOST_BODY, json_schema_extra=labelled(Text("Text", context="body"), editor="template")
    )

    def content(self) -> Content:
        """What every channel has: subject, text, preview line."""
        return Content(subject=getattr(self, "subject", ""), body=self.body)

    def options(self) -> dict[str, Any]:
        """What only this channel has, as its providers are given it."""
        return {}

    def sources(self) -> dict[str, str]:
        """Every template in it, by its dotted place."""
        return dict(_texts(self.model_dump(mode="json", by_alias=True), ""))

    def problems(self) -> Iterator[WordsProblem]:
        """What is wrong with them on this channel, besides what is asked of every channel's."""
        yield from ()

    def most_characters(self) -> int | None:
        """Of the text, where these words have a limit of their own; None: the channel's holds."""
        return None


_LINK = Text("Link")


def words_field(label: Text, most: int = MOST_BODY, **more: Any) -> Any:
    """A text that may stay empty, as the field of a model; ``more``: of :func:`labelled`."""
    return Field("", max_length=most, json_schema_extra=labelled(label, editor="template", **more))


def link_field(label: Text = _LINK, **more: Any) -> Any:
    """Where something leads, as the field of a model."""
    return Field("", max_length=MOST_LINK, json_schema_extra=labelled(label, editor="template", **more))


def image_field(**more: Any) -> Any:
    """The address of a picture, as the field of a model; ``more``: of :func:`labelled`."""
    help = Text("Address of the image, starting with https://.")
    words = labelled(Text("Image"), **{"help": help, "editor": "picture", **more})
    return Field("", max_length=MOST_LINK, json_schema_extra=words)


def without_empty(**values: Any) -> dict[str, Any]:
    """Options without those that say nothing."""
    return {name: value for name, value in values.items() if value}


def _texts(node: Any, place: str) -> list[tuple[str, str]]:
    if isinstance(node, str):
        return [(place, node)]
    members = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [found for name, value in members for found in _texts(value, f"{place}.{name}".lstrip("."))]
