"""The providers that there are. One is found by its file, ``activities/channels/providers/<name>.py`` (or a folder),
which declares

====================  ==============================================================================================
``TITLE``             what people call it (``Text``)
``CARRIES``           the channels it can carry, known before it is set up
``Config``            a pydantic model of what has to be known to use it; the console's form is made from its schema
``build``             ``build(config, services) -> Provider``
``defaults``          optional, ``defaults(settings) -> dict``: what the environment says of its configuration
``SENDER``            optional, the field of its configuration with the number that its text messages come from
====================  ==============================================================================================

Which one carries a channel is chosen in the console; until then by the setting ``<channel>_provider``, else it is the
outbox (``active_providers.py``).
"""

import importlib
import pkgutil
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from typing import Any

from pydantic import BaseModel, SecretStr, ValidationError

import activities.channels.providers as folder
from activities.channels.contract import ConfigFault, Provider, Services
from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.text import SOURCE, Text
from orchestrator.settings import Settings

DEFAULT = "outbox"


class NoSuchProvider(ValueError):
    """A setting names a provider that is not there, or one that does not carry the channel."""


class NotSetUp(ValueError):
    """A provider's configuration is incomplete or wrong. ``fields``: by name, what is wrong with each; under the empty
    name, with the whole."""

    def __init__(self, name: str, fields: Mapping[str, Text]) -> None:
        super().__init__(
            f"{name} is not set up: " + " ".join(f"{field}: {what.to(SOURCE)}" for field, what in fields.items())
        )
        self.fields = dict(fields)


_FAULTS = {
    "missing": Text("Fill this in."),
    "string_too_short": Text("Fill this in."),
    "too_short": Text("Fill this in."),
    "string_pattern_mismatch": Text("This is not in the expected format."),
    "literal_error": Text("Choose one of those offered."),
}
_NUMBER = Text("Enter a number within the limits.")


def _fault(fault: Mapping[str, Any]) -> Text:
    """What is wrong, in words; a ``ConfigFault`` brings its own."""
    own = (fault.get("ctx") or {}).get("error")
    if isinstance(own, ConfigFault):
        return own.text
    number = fault["type"].startswith(("int_", "float_", "greater_", "less_"))
    return _NUMBER if number else _FAULTS.get(fault["type"], Text("Check the value."))


@dataclass(frozen=True, slots=True)
class Kind:
    """What a provider's file declares."""

    name: str
    title: Text
    carries: frozenset[str]
    config: type[BaseModel]
    _build: Callable[[Any, Services], Provider]
    _defaults: Callable[[Settings], Mapping[str, Any]]
    sender_field: str = ""

    @property
    def secrets(self) -> frozenset[str]:
        """The fields of its configuration that nobody reads again."""
        fields = self.config.model_fields.items()
        return frozenset(name for name, field in fields if field.annotation is SecretStr)

    def defaults(self, settings: Settings) -> Mapping[str, Any]:
        """What the environment says of its configuration, secrets included."""
        return self._defaults(settings)

    def configured(self, given: Mapping[str, Any], settings: Settings) -> BaseModel:
        """Its configuration: ``given``, laid over what the environment says. Raises :class:`NotSetUp`."""
        try:
            return self.config.model_validate({**self._defaults(settings), **given})
        except ValidationError as wrong:
            faults = {str(fault["loc"][0]) if fault["loc"] else "": _fault(fault) for fault in wrong.errors()}
            raise NotSetUp(self.name, faults) from None

    def build(self, given: Mapping[str, Any], services: Services) -> Provider:
        """The provider. Raises :class:`NotSetUp`."""
        return self._build(self.configured(given, services.settings), services)


def find_kind(name: str) -> Kind:
    """The provider called ``name``. Raises :class:`NoSuchProvider`."""
    module = f"{folder.__name__}.{name}"
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or find_spec(module) is None:
        raise NoSuchProvider(f"there is no provider called {name!r}")
    found: Any = importlib.import_module(module)
    if not hasattr(found, "Config") or not hasattr(found, "build"):
        raise NoSuchProvider(f"there is no provider called {name!r}")
    defaults = getattr(found, "defaults", _nothing)
    return Kind(name, found.TITLE, found.CARRIES, found.Config, found.build, defaults, getattr(found, "SENDER", ""))


def _nothing(settings: Settings) -> Mapping[str, Any]:
    """What the environment says of a provider that is set up in the console alone."""
    return {}


@lru_cache(maxsize=1)
def provider_kinds() -> Mapping[str, Kind]:
    """All of them, by name; the outbox last."""
    found: dict[str, Kind] = {}
    for module in sorted(pkgutil.iter_modules(folder.__path__), key=lambda one: (one.name == DEFAULT, one.name)):
        try:
            found[module.name] = find_kind(module.name)
        except NoSuchProvider:
            continue
    return found


def chosen_by_settings(settings: Settings) -> dict[str, str]:
    """The provider of each channel, as long as nobody has chosen another in the console."""
    chosen = {channel: str(getattr(settings, f"{channel}_provider", DEFAULT)) for channel in CHANNELS}
    for channel, name in chosen.items():
        if channel not in find_kind(name).carries:
            raise NoSuchProvider(f"{name} does not carry {channel}: change SOJOURN_{channel.upper()}_PROVIDER")
    return chosen
