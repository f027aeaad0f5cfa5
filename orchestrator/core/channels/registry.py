"""The channels that there are, in the order of forms. A new one is a file in ``kinds/`` and its name here."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import GetPydanticSchema
from pydantic_core import core_schema

from orchestrator.core.channels.channel import Channel
from orchestrator.core.channels.kinds.alimtalk import ALIMTALK
from orchestrator.core.channels.kinds.email import EMAIL
from orchestrator.core.channels.kinds.in_app import IN_APP
from orchestrator.core.channels.kinds.kakao_brand import KAKAO_BRAND
from orchestrator.core.channels.kinds.push import PUSH
from orchestrator.core.channels.kinds.sms import SMS
from orchestrator.core.channels.kinds.web_push import WEB_PUSH
from orchestrator.core.text import Text, verbatim

CHANNELS: dict[str, Channel] = {}
"""By name."""


def register(channel: Channel) -> None:
    """From here on there is this channel. To be called before the models that name channels are imported.

    Raises ``ValueError`` where there is one of that name.
    """
    if channel.name in CHANNELS:
        raise ValueError(f"there is a channel {channel.name} already")
    CHANNELS[channel.name] = channel


for _channel in (EMAIL, SMS, ALIMTALK, KAKAO_BRAND, PUSH, WEB_PUSH, IN_APP):
    register(_channel)


def _one_of_them(*_: Any) -> core_schema.CoreSchema:
    return core_schema.literal_schema(list(CHANNELS))


if TYPE_CHECKING:
    ChannelName = str
else:
    ChannelName = Annotated[str, GetPydanticSchema(_one_of_them)]
"""Of a channel that there is: in a schema, the choice between them."""

PURPOSE_TEXT: dict[str, Text] = {
    "advertising": Text("Advertising", context="purpose"),
    "night": Text("Advertising at night"),
}
"""What a consent for a channel may be given to."""


def channel_titles() -> dict[str, Text]:
    """What each is called at the head of a form."""
    return {name: channel.title for name, channel in CHANNELS.items()}


def channel_title(name: str) -> Text:
    """The same of one; the name itself where there is no such channel (any more)."""
    return CHANNELS[name].title if name in CHANNELS else verbatim(name)


def channel_in_sentence(name: str) -> Text:
    """What it is called within a sentence; the name itself where there is no such channel (any more)."""
    return CHANNELS[name].in_sentence if name in CHANNELS else verbatim(name)


def consent_names() -> tuple[str, ...]:
    """The names of all consents that can be asked for."""
    return tuple(name for channel in CHANNELS.values() for name in channel.consents)


def channels_as_json() -> list[Mapping[str, Any]]:
    """What an editor of messages must know of each channel, in order."""
    return [_as_json(channel) for channel in CHANNELS.values()]


def _as_json(channel: Channel) -> Mapping[str, Any]:
    contact = channel.contact
    return {
        "name": channel.name,
        "title": channel.title.by_locale(),
        "icon": channel.icon,
        "contact": {"kind": contact.name, "title": contact.title.by_locale(), "example": contact.example or None},
        "classes": sorted(channel.classes),
        "fields": list(channel.fields),
        "approved": channel.approved,
        "charged_by_length": channel.charged_by_length,
        "preview": channel.preview,
    }
