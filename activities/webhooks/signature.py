"""The signature of what is called: Standard Webhooks (https://www.standardwebhooks.com, "Signature scheme")."""

import base64
import hashlib
import hmac
from collections.abc import Iterable

from orchestrator.settings import Settings


def signing_key(settings: Settings) -> bytes:
    """The key that calls are signed with: the setting's, or one that follows from the installation's secret key."""
    own = settings.webhook_secret.get_secret_value()
    if own:
        return base64.b64decode(own.removeprefix("whsec_"))
    return hmac.digest(settings.secret_key.get_secret_value().encode(), b"sojourn webhooks", hashlib.sha256)


def signed(keys: Iterable[bytes], message_id: str, body: bytes, now: float) -> dict[str, str]:
    """The headers of a call, with a signature by each key: whoever receives it takes it if they know one of them."""
    stamp = str(int(now))
    told = b".".join((message_id.encode(), stamp.encode(), body))
    signatures = (base64.b64encode(hmac.digest(key, told, hashlib.sha256)).decode() for key in keys)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(f"v1,{one}" for one in signatures),
        **({"content-type": "application/json"} if body else {}),
    }


# --- the answer ------------------------------------------------------------------------------------------------------
