"""NHN Cloud: what the registry looks for, see ``provider.py``."""

from activities.channels.providers.nhn.provider import CARRIES, TITLE, Config, build

__all__ = ["CARRIES", "TITLE", "Config", "build"]
