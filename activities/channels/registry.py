"""Which provider carries which channel. A provider is found by its file, ``activities/channels/<name>.py``.

The setting ``<channel>_provider`` names it; a channel without such a setting goes to the outbox.
"""

import importlib
import re
from collections.abc import Mapping
from importlib.util import find_spec

from sqlalchemy.ext.asyncio import AsyncEngine

from activities.channels.contract import Provider
from orchestrator.core.channels import CHANNELS
from orchestrator.settings import Settings

DEFAULT = "outbox"
_NOT_PROVIDERS = frozenset({"contract", "registry"})


class NoSuchProvider(ValueError):
    """A setting names a provider that is not there, or one that does not carry the channel."""


def build_provider(name: str, settings: Settings, engine: AsyncEngine) -> Provider:
    """The provider called ``name``."""
    module = f"activities.channels.{name}"
    if name in _NOT_PROVIDERS or not re.fullmatch(r"[a-z][a-z0-9_]*", name) or find_spec(module) is None:
        raise NoSuchProvider(f"there is no provider called {name!r}")
    provider: Provider = importlib.import_module(module).build(settings, engine)
    return provider


def build_providers(settings: Settings, engine: AsyncEngine) -> Mapping[str, Provider]:
    """The provider of each channel, as the settings choose; one that carries several channels is made once."""
    chosen = {channel: getattr(settings, f"{channel}_provider", DEFAULT) for channel in CHANNELS}
    made = {name: build_provider(name, settings, engine) for name in set(chosen.values())}
    for channel, name in chosen.items():
        if channel not in made[name].capabilities.channels:
            raise NoSuchProvider(f"{name} does not carry {channel}: change SOJOURN_{channel.upper()}_PROVIDER")
    return {channel: made[name] for channel, name in chosen.items()}
