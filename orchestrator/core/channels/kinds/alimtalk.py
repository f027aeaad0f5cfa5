"""Alimtalk: information on KakaoTalk, in a text that Kakao has approved; only its ``#{variables}`` are ours to fill."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import Field

from orchestrator.core.channels import contacts
from orchestrator.core.channels.channel import Channel
from orchestrator.core.channels.content import MOST_BODY, ChannelWords, Content, WordsProblem, without_empty
from orchestrator.core.channels.kinds.approved_frame import AlimtalkFrame
from orchestrator.core.channels.kinds.kakao_buttons import (
    BUTTON_NAME,
    MOST_BUTTONS,
    KakaoButton,
    button_problems,
    buttons_field,
)
from orchestrator.core.channels.kinds.kakao_limits import MOST_CHARACTERS
from orchestrator.core.channels.measure import at_most
from orchestrator.core.labels import labelled
from orchestrator.core.text import Text

MOST_VARIABLES = 40
"""Of one Alimtalk (NHN Cloud KakaoTalk Bizmessage)."""
VARIABLE = re.compile(r"#\{([^{}\n]{1,50})\}")


class AlimtalkWords(ChannelWords):
    """An Alimtalk: a text that Kakao has approved, letter by letter; only its ``#{variables}`` are ours to fill."""

    code: str = Field(
        min_length=1,
        max_length=100,
        json_schema_extra=labelled(
            Text("Template code"),
            help=Text("As the sender's Kakao channel lists it."),
        ),
    )
    body: str = Field(
        min_length=1,
        max_length=MOST_BODY,
        json_schema_extra=labelled(
            Text("Approved text"),
            help=Text("Exactly as approved, with its #{variables}. A text that differs by one character is rejected."),
        ),
    )
    variables: dict[str, str] = Field(
        default_factory=dict,
        max_length=200,
        json_schema_extra=labelled(
            Text("Values of the variables"),
            help=Text("The value for each #{variable} of the text."),
        ),
    )
    buttons: tuple[KakaoButton, ...] = buttons_field()
    frame: AlimtalkFrame | None = Field(
        None,
        json_schema_extra=labelled(
            Text("Around the text"),
            help=Text("Where the template was approved with a title, a picture, a list or an extra text."),
            advanced=True,
        ),
    )

    def names(self) -> tuple[str, ...]:
        """The variables of the approved text, of what stands around it and of its buttons' links, each once."""
        links = [link for button in self.buttons for link in (button.link_mobile, button.link_pc)]
        around = texts_in(self.frame.as_parts()) if self.frame else ()
        return tuple(dict.fromkeys(name for text in (self.body, *around, *links) for name in VARIABLE.findall(text)))

    def content(self) -> Content:
        return Content(body=spliced(self.body, self.variables))

    def options(self) -> dict[str, Any]:
        buttons = [
            {name: text if name in ("kind", "name") else spliced(text, self.variables) for name, text in one.items()}
            for one in (button.as_option() for button in self.buttons)
        ]
        values = {name: self.variables.get(name, "") for name in self.names()}
        parts = _spliced_within(self.frame.as_parts(), self.variables) if self.frame else {}
        return {"template_code": self.code, **without_empty(template_variables=values, buttons=buttons, parts=parts)}

    def sources(self) -> dict[str, str]:
        return {f"variables.{name}": text for name, text in self.variables.items()}

    def problems(self) -> Iterator[WordsProblem]:
        """Every variable of the approved text has a value, and there are not too many of anything."""
        names = self.names()
        if len(names) > MOST_VARIABLES:
            yield WordsProblem("too_many_variables", "body", {"count": len(names), "limit": MOST_VARIABLES})
        for name in names:
            if not self.variables.get(name, "").strip():
                yield WordsProblem("variable_without_value", f"variables.{name}", {"name": name})
        for name in self.variables:
            if name not in names:
                yield WordsProblem("value_without_variable", f"variables.{name}", {"name": name})
        yield from button_problems(self.buttons, MOST_BUTTONS, BUTTON_NAME)
        if self.frame:
            yield from self.frame.problems()


def spliced(text: str, values: Mapping[str, str]) -> str:
    """A template of an approved text: its letters as they are, each ``#{name}`` replaced by that name's template."""
    parts, end = [], 0
    for found in VARIABLE.finditer(text):
        parts += [_literally(text[end : found.start()]), values.get(found[1], "")]
        end = found.end()
    return "".join([*parts, _literally(text[end:])])


def _spliced_within(node: Any, values: Mapping[str, str]) -> Any:
    if isinstance(node, str):
        return spliced(node, values)
    if isinstance(node, dict):
        return {name: _spliced_within(value, values) for name, value in node.items()}
    return [_spliced_within(one, values) for one in node] if isinstance(node, list) else node


def texts_in(node: Any) -> Iterator[str]:
    """Every text in plain JSON."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict | list):
        for one in node.values() if isinstance(node, dict) else node:
            yield from texts_in(one)


def _literally(text: str) -> str:
    """Text that a template must not read as its own signs."""
    return re.sub(r"\{(?=[{%#]|\Z)|(?<=[}%#])\}", lambda sign: f"{{{{ '{sign[0]}' }}}}", text)


ALIMTALK = Channel(
    name="alimtalk",
    title=Text("Alimtalk"),
    in_sentence=Text("Alimtalk"),
    to_customers=Text("KakaoTalk"),
    icon="message-square",
    contact=contacts.PHONE,
    words=AlimtalkWords,
    # Kakao approves texts in Korean alone.
    new_words={"ko": {"code": "", "body": "", "variables": {}}},
    # Kakao carries Alimtalk for information only; its advertising has products of its own.
    classes=frozenset({"informational"}),
    approved=True,
    measure=at_most(MOST_CHARACTERS, "characters", "alimtalk"),
)
