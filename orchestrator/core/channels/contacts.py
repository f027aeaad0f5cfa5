"""The kinds of contact by which channels reach a customer, and when an address has the form that its kind asks for.

Whether anybody answers at an address, only sending tells.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from orchestrator.core.channels.email_address import is_email
from orchestrator.core.text import Text, verbatim

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_TOKEN = re.compile(r"[!-~]{8,4096}")
_SUBSCRIPTION = re.compile(r"\{.*\"endpoint\"\s*:\s*\"https?://.*\}", re.DOTALL)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def is_phone(number: str) -> bool:
    """ITU-T E.164."""
    return _E164.fullmatch(number) is not None


def is_push_token(token: str) -> bool:
    """Any printable token; its form is the push service's own."""
    return _TOKEN.fullmatch(token) is not None


def is_subscription(subscription: str) -> bool:
    """A browser's ``PushSubscription`` as JSON."""
    return len(subscription) <= 4096 and _SUBSCRIPTION.fullmatch(subscription) is not None


def is_customer_id(customer: str) -> bool:
    """Our own id of a customer."""
    return _UUID.fullmatch(customer) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactKind:
    """What must be known of a customer to reach them.

    ``kept``: where it stands: a ``column`` of the customer, a ``device`` of theirs (of several the one seen last), or
    the customer's own ``id``. ``attribute``: the attribute of the same name stands in where no device was told of.
    ``example``: an address that may be shown in a form; empty: there is none that a person would type.
    """

    name: str
    title: Text
    valid: Callable[[str], bool]
    kept: Literal["column", "device", "id"]
    attribute: bool = False
    example: str = ""


EMAIL = ContactKind(
    name="email",
    title=Text("e-mail address"),
    valid=is_email,
    kept="column",
    example="kim@example.com",
)
PHONE = ContactKind(
    name="phone",
    title=Text("phone number"),
    valid=is_phone,
    kept="column",
    example="+821012345678",
)
PUSH_TOKEN = ContactKind(
    name="push_token",
    title=Text("push token"),
    valid=is_push_token,
    kept="device",
    attribute=True,
)
WEB_PUSH = ContactKind(
    name="web_push",
    title=Text("web push subscription"),
    valid=is_subscription,
    kept="device",
)
CUSTOMER = ContactKind(name="customer", title=Text("customer"), valid=is_customer_id, kept="id")

CONTACTS: Mapping[str, ContactKind] = {kind.name: kind for kind in (EMAIL, PHONE, PUSH_TOKEN, WEB_PUSH, CUSTOMER)}
"""By name, as contacts are kept and told."""
OWN_CONTACTS = tuple(kind.name for kind in CONTACTS.values() if kind.kept == "column")
"""Those that are fields of the customer."""


def contact_title(name: str) -> Text:
    """What a kind is called within a sentence; its name where there is no such kind (any more)."""
    return CONTACTS[name].title if name in CONTACTS else verbatim(name)


def contacts_of(
    customer: str, columns: Mapping[str, Any], devices: Mapping[str, str], attributes: Mapping[str, Any]
) -> dict[str, str | None]:
    """What is known of one customer, by kind of contact.

    Args:
        customer: Their id.
        columns: Their fields, by name; more than contacts may stand there.
        devices: Of each kind of device, the address of the one seen last.
    """
    found: dict[str, str | None] = {}
    for kind in CONTACTS.values():
        told = attributes.get(kind.name) if kind.attribute else None
        match kind.kept:
            case "column":
                found[kind.name] = columns.get(kind.name)
            case "device":
                found[kind.name] = devices.get(kind.name) or (told if isinstance(told, str) else None)
            case "id":
                found[kind.name] = customer
    return found
