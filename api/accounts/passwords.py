"""Passwords: hashed by argon2id, checked in a time that does not tell whether there is such a person.

Hashing takes 64 MiB and a tenth of a second on purpose; two threads of its own bound what many attempts at once take.
"""

import asyncio
import secrets
import unicodedata
from concurrent.futures import ThreadPoolExecutor

from pwdlib import PasswordHash

SHORTEST, LONGEST = 10, 200
_FEWEST_CHARACTERS = 4

_hasher = PasswordHash.recommended()
_threads = ThreadPoolExecutor(2, thread_name_prefix="argon2")
_nobodys: list[str] = []


async def hash_password(password: str) -> str:
    """The hash to be stored, with its salt and parameters in it."""
    return await asyncio.get_running_loop().run_in_executor(_threads, _hasher.hash, _normal(password))


async def check_password(password: str, stored: str | None) -> tuple[bool, str | None]:
    """Whether it is the one, and its hash by today's parameters where those have changed.

    Without a stored hash it takes as long and is never right.
    """
    return await asyncio.get_running_loop().run_in_executor(_threads, _check, _normal(password), stored)


def _normal(password: str) -> str:
    """Hangul and accents can be written in two ways that look the same: keyboards differ, the password does not."""
    return unicodedata.normalize("NFC", password[: 4 * LONGEST])


def _check(password: str, stored: str | None) -> tuple[bool, str | None]:
    if not _nobodys:
        _nobodys.append(_hasher.hash(secrets.token_urlsafe(16)))
    if stored is None:
        _hasher.verify(password, _nobodys[0])
        return False, None
    return _hasher.verify_and_update(password, stored)


def fault_of(password: str, *about: str) -> str | None:
    """What is wrong with a new password: ``short``, ``long`` or ``easy``; ``about``: what everybody knows of them."""
    if len(password) < SHORTEST:
        return "short"
    if len(password) > LONGEST:
        return "long"
    known = {word for one in about for word in (one.lower(), one.lower().partition("@")[0])}
    if len(set(password)) < _FEWEST_CHARACTERS or password.lower() in known:
        return "easy"
    return None
