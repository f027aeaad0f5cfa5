"""What the wires of all of Kakao's resellers have in common: they pass Kakao's own members on."""

from collections.abc import Mapping
from typing import Any

from orchestrator.core.channels.kinds.bubbles.faults import won


def commerce(product: Mapping[str, Any]) -> dict[str, Any]:
    """A product with its prices, in whole won."""
    prices = {
        "regularPrice": product.get("price"),
        "discountPrice": product.get("sale_price"),
        "discountRate": product.get("percent_off"),
        "discountFixed": product.get("amount_off"),
    }
    return {"title": product.get("title"), **{name: won(str(text)) for name, text in prices.items() if text}}


def said(**values: Any) -> dict[str, Any]:
    """The members that something is said in."""
    return {name: value for name, value in values.items() if value}
