"""NHN Cloud: what the registry looks for, see ``provider.py``."""

from activities.channels.providers.nhn.provider import CARRIES, SENDER, TITLE, Config, build

__all__ = ["CARRIES", "SENDER", "TITLE", "Config", "build"]
