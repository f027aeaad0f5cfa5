"""Assignment by hash: the same customer, the same arm, whatever else changes."""

import hashlib
from collections.abc import Mapping


def bucket(salt: str, subject: str, size: int = 1 << 32) -> int:
    """A number in [0, size), evenly spread and stable for (salt, subject)."""
    digest = hashlib.blake2b(f"{salt}\x1f{subject}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") * size >> 64


def assign(experiment: str, customer_id: str, weights: Mapping[str, int]) -> str:
    """The customer's arm, with probability proportional to its weight. The weights must not all be 0."""
    point = bucket(experiment, customer_id) / (1 << 32) * sum(weights.values())
    for arm, weight in weights.items():
        if point < weight:
            return arm
        point -= weight
    return [arm for arm, weight in weights.items() if weight][-1]  # rounding at the very end of the last arm
