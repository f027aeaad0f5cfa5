"""The channels by which a customer can be reached, and what is true of each whoever carries it.

A provider (``activities/channels/``) carries messages of one or more of these; joining one needs no change here.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from orchestrator.core.text import Text
from orchestrator.core.values import MessageClass

ContactKind = Literal["email", "phone", "push_token", "web_push", "customer"]

_EMAIL = re.compile(r"[^\s@<>(),:;\"\\\[\]]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{0,61}[^\W_]")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_TOKEN = re.compile(r"[!-~]{8,4096}")
_SUBSCRIPTION = re.compile(r"\{.*\"endpoint\"\s*:\s*\"https?://.*\}", re.DOTALL)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def _email(address: str) -> bool:
    dots = address.startswith(".") or ".." in address or ".@" in address
    return len(address) <= 254 and not dots and _EMAIL.fullmatch(address) is not None


VALID: dict[ContactKind, Callable[[str], bool]] = {
    "email": _email,
    "phone": lambda number: _E164.fullmatch(number) is not None,
    "push_token": lambda token: _TOKEN.fullmatch(token) is not None,
    "web_push": lambda subscription: len(subscription) <= 4096 and _SUBSCRIPTION.fullmatch(subscription) is not None,
    "customer": lambda customer: _UUID.fullmatch(customer) is not None,
}
"""Whether an address has the form that its kind asks for (whether anybody answers, only sending tells).

E-mail: the common part of RFC 5321 (no quoted local parts, no address literals), at most 254 characters; letters of any
script. Phone: ITU-T E.164. Push: any printable token. Web push: a browser's ``PushSubscription`` as JSON. Customer: our
own id, which is all that a message on the shop's own pages needs.
"""


CHANNEL_TITLES: dict[str, Text] = {
    "email": Text("E-mail"),
    "sms": Text("SMS"),
    "push": Text("App push"),
    "alimtalk": Text("Alimtalk"),
    "kakao_brand": Text("Brand Message"),
    "web_push": Text("Web push"),
    "in_app": Text("On-site message"),
}
PURPOSE_TEXT: dict[str, Text] = {
    "advertising": Text("Advertising", context="purpose"),
    "night": Text("Advertising at night"),
}


@dataclass(frozen=True, slots=True)
class ChannelFacts:
    """``contact``: what must be known of a customer. ``classes``: what the channel's owner lets through it."""

    contact: ContactKind
    subject: bool = False
    html: bool = False
    classes: frozenset[MessageClass] = frozenset({"advertising", "informational"})
    marks_itself: bool = False
    """Whether the channel's owner labels advertising and offers the way out, where the provider says that it is one."""


CHANNELS: dict[str, ChannelFacts] = {
    "email": ChannelFacts("email", subject=True, html=True),
    "sms": ChannelFacts("phone", subject=True),
    "push": ChannelFacts("push_token", subject=True),
    # Kakao carries Alimtalk for information only; its advertising has products of its own.
    "alimtalk": ChannelFacts("phone", classes=frozenset({"informational"})),
    # Successor of FriendTalk, which ended on 2025-12-31.
    "kakao_brand": ChannelFacts("phone", marks_itself=True),
    "web_push": ChannelFacts("web_push", subject=True),
    "in_app": ChannelFacts("customer", subject=True),
}
