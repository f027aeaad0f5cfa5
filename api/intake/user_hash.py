"""How a shop proves who is signed in on its pages: ``userHash``, the HMAC-SHA256 of the user id, in hexadecimal."""

import hashlib
import hmac

from orchestrator.settings import Settings


def identity_key(settings: Settings) -> str:
    """What the shop's server signs with: the setting's, or one that follows from the installation's secret key."""
    own = settings.identity_secret.get_secret_value()
    return (
        own
        or hmac.new(settings.secret_key.get_secret_value().encode(), b"sojourn identity", hashlib.sha256).hexdigest()
    )


def requires_user_hash(settings: Settings) -> bool:
    """Whether who speaks of a known customer from a page has to prove that it is them."""
    if settings.user_hash == "auto":
        return settings.is_exposed or bool(settings.identity_secret.get_secret_value())
    return settings.user_hash == "required"


def proven(settings: Settings, user: str, given: object) -> bool:
    """Whether the shop has signed this user id. Without a key of any kind, nothing is proven."""
    key = (
        identity_key(settings)
        if settings.identity_secret.get_secret_value() or settings.secret_key.get_secret_value()
        else ""
    )
    if not key or not isinstance(given, str):
        return False
    made = hmac.new(key.encode(), user.encode(errors="replace"), hashlib.sha256).hexdigest()
    return hmac.compare_digest(made.encode(), given.strip().lower().encode(errors="replace"))
