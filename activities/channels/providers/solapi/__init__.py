"""Solapi (CoolSMS): what the registry looks for, see ``provider.py``."""

from activities.channels.providers.solapi.provider import CARRIES, SENDER, TITLE, Config, build

__all__ = ["CARRIES", "SENDER", "TITLE", "Config", "build"]
