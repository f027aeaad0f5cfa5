"""Solapi (CoolSMS): what the registry looks for, see ``provider.py``."""

from activities.channels.providers.solapi.provider import CARRIES, TITLE, Config, build

__all__ = ["CARRIES", "TITLE", "Config", "build"]
