"""The document of a message template: what is said on each channel, in each language, and what unset variables do.

Templates live beside journeys and are edited without a new version of any: a message that uses one says what the
template says when it is sent. So a template, too, is changed as a draft and then put into use as a whole.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, create_model

from orchestrator.core.channels.content import ChannelWords
from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.journey.template_use import TemplateFacts
from orchestrator.core.journey.variable_flow import needed_by_document
from orchestrator.core.labels import labelled
from orchestrator.core.steps.message import CLASS_TITLES
from orchestrator.core.text import Frozen, LocalText, Text, in_locale
from orchestrator.core.values import MessageClass

MOST_LANGUAGES = 20
LOCALE = r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}$"
PATH = r"^[A-Za-z_][A-Za-z0-9_]*(\.[^\s.{}\"']{1,100}){1,9}$"

LocaleName = Annotated[str, StringConstraints(pattern=LOCALE)]
PathName = Annotated[str, StringConstraints(pattern=PATH, max_length=300)]
Unset = Literal["default", "skip", "hold", "blank"]

UNSET_TEXT: dict[str, Text] = {
    "default": Text("Text to use instead"),
    "skip": Text("Do not send"),
    "hold": Text("Wait up to a day for it"),
    "blank": Text("Leave it blank"),
}


class VariableRule(Frozen):
    """What a variable without a value does to the message."""

    unset: Unset = Field("default", json_schema_extra=labelled(Text("If it has no value"), options=UNSET_TEXT))
    default: LocalText = Field(
        default_factory=dict,
        max_length=MOST_LANGUAGES,
        json_schema_extra=labelled(Text("Text to use instead"), editor="local_text"),
    )


def _by_language(label: Text) -> Any:
    return Field(default_factory=dict, max_length=MOST_LANGUAGES, json_schema_extra=labelled(label))


_FIELDS: dict[str, Any] = {
    name: (dict[LocaleName, channel.words], _by_language(channel.title))  # type: ignore[name-defined]
    for name, channel in CHANNELS.items()
}
_WHAT = "By channel, the words in each language. Named as channels are."
Channels = create_model("Channels", __base__=Frozen, __doc__=_WHAT, **_FIELDS)


class TemplateDocument(Frozen):
    """A template, complete. The class is the author's word; the stricter of it and the step's counts."""

    name: LocalText = Field(
        min_length=1,
        max_length=MOST_LANGUAGES,
        json_schema_extra=labelled(Text("Name"), editor="local_text"),
    )
    message_class: MessageClass = Field(
        "advertising",
        alias="class",
        json_schema_extra=labelled(
            Text("Class"),
            options=CLASS_TITLES,
            help=Text("Advertising needs consent and follows frequency caps, quiet hours and night-time rules."),
        ),
    )
    tags: tuple[Annotated[str, StringConstraints(min_length=1, max_length=60)], ...] = Field(
        (),
        max_length=20,
        json_schema_extra=labelled(
            Text("Tags"),
            editor="tags",
            help=Text("Frequency caps and reports can count by tag."),
        ),
    )
    variables: dict[PathName, VariableRule] = Field(
        default_factory=dict,
        max_length=200,
        description="By dotted path, such as customer.first_name.",
        json_schema_extra=labelled(Text("Variables without a value")),
    )
    channels: Channels = Field(default_factory=Channels, json_schema_extra=labelled(Text("Channels")))

    def on(self, channel: str) -> Mapping[str, ChannelWords]:
        """The words of one channel by language; empty where the template does not speak on it."""
        found: Mapping[str, ChannelWords] = getattr(self.channels, channel)
        return found

    @property
    def written_channels(self) -> tuple[str, ...]:
        """The channels that it has words for, in the order of forms."""
        return tuple(channel for channel in CHANNELS if self.on(channel))

    @property
    def languages(self) -> tuple[str, ...]:
        """Every language that any channel speaks, sorted."""
        return tuple(sorted({locale for channel in self.written_channels for locale in self.on(channel)}))

    def every(self) -> Iterator[tuple[str, str, ChannelWords]]:
        """Channel, language, words."""
        for channel in self.written_channels:
            for locale, words in self.on(channel).items():
                yield channel, locale, words

    def defaults(self, locale: str) -> dict[str, str]:
        """What is said for unset variables in a language, by path."""
        rules = {path: rule for path, rule in self.variables.items() if rule.unset == "default"}
        return {path: found for path, rule in rules.items() if (found := in_locale(rule.default, locale))}

    def paths(self, unset: Unset) -> frozenset[str]:
        """The variables that are under a rule."""
        return frozenset(path for path, rule in self.variables.items() if rule.unset == unset)


@dataclass(frozen=True)
class LiveTemplate:
    """What a template says now. ``revision`` is that of the document in use, which the ledger notes."""

    key: str
    revision: int
    document: TemplateDocument


def empty_live_template(key: str) -> LiveTemplate:
    """A template without content: stands for one that is not in use."""
    return LiveTemplate(key, 0, TemplateDocument(name={"en": key}, message_class="informational"))


def facts_of(document: Mapping[str, Any], live: bool, archived: bool) -> TemplateFacts:
    """From a document as it is stored."""
    channels = document.get("channels")
    written_channels = {name for name, words in channels.items() if words} if isinstance(channels, Mapping) else set()
    told = document.get("class", document.get("message_class"))
    return TemplateFacts(
        live,
        archived,
        "informational" if told == "informational" else "advertising",
        frozenset(map(str, written_channels)),
        needed_by_document(document),
    )
