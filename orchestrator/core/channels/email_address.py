"""What an e-mail address is: one syntax for what comes in, for our own people, and for what is sent.

The common part of RFC 5321 and RFC 6531: a dot-atom before the ``@`` (no quotes, no comments), letters of any script
included; behind it a domain with a dot, after IDNA 2008 (RFC 5891, mapped as UTS 46 has it). No ``mailto:``, no
``Kim <kim@…>``, no address literal, no final dot, and no character that nobody sees: whoever wrote one of these meant
an address, but which one is for them to say.
"""

import re
import unicodedata
from functools import lru_cache

import idna

LONGEST_EMAIL = 254
"""Octets as it travels (RFC 5321, 4.5.3.1.3, with errata 1690)."""
_LONGEST_LOCAL = 64
_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,64}")
_ASCII_DOMAIN = re.compile(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,126}[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
)
_WRITTEN = ("L", "M", "N")
"""Kinds of character of which words of other scripts are made."""


@lru_cache(maxsize=4096)
def read_email(text: str) -> str | None:
    """The address as it is kept (NFC, its domain in small letters and in its own script), or None where it is none.

    Space around it is no part of it.
    """
    address = unicodedata.normalize("NFC", text.strip())
    local, at, domain = address.rpartition("@")
    if not at or len(address) > LONGEST_EMAIL or not _is_local(local):
        return None
    travelling = _ascii_domain(domain)
    if travelling is None or len(local.encode()) + 1 + len(travelling) > LONGEST_EMAIL:
        return None
    return f"{local}@{_own_script(travelling)}"


def is_email(address: str) -> bool:
    """Whether this is an address, with nothing around it."""
    return address == address.strip() and read_email(address) is not None


def travelling_email(address: str) -> str | None:
    """An address in ASCII, as servers that do not speak SMTPUTF8 take it; None: it has none, or is no address."""
    local, _, domain = (read_email(address) or "").rpartition("@")
    travelling = _ascii_domain(domain) if domain else None
    return f"{local}@{travelling}" if travelling is not None and local.isascii() else None


def _is_local(local: str) -> bool:
    if len(local.encode(errors="replace")) > _LONGEST_LOCAL:
        return False
    return all(_is_atom(atom) for atom in local.split("."))


def _is_atom(atom: str) -> bool:
    if atom.isascii():
        return _ATOM.fullmatch(atom) is not None
    # Full-width letters and the like are slips of a keyboard: no mailbox has them, and they look like others.
    return unicodedata.normalize("NFKC", atom) == atom and all(
        _ATOM.fullmatch(letter) if letter.isascii() else unicodedata.category(letter)[0] in _WRITTEN for letter in atom
    )


def _ascii_domain(domain: str) -> str | None:
    if not domain.isascii():
        try:
            domain = idna.encode(domain, uts46=True, std3_rules=True).decode()
        except (idna.IDNAError, UnicodeError):
            return None
    if len(domain) > 253 or not _ASCII_DOMAIN.fullmatch(domain):
        return None
    return domain.lower() if _own_script(domain.lower()) else None


def _own_script(domain: str) -> str:
    """The domain as its owners write it; empty: one of its labels says that it stands for others, and does not."""
    if "xn--" not in domain:
        return domain
    try:
        return idna.decode(domain, uts46=True, std3_rules=True)
    except (idna.IDNAError, UnicodeError):
        return ""
