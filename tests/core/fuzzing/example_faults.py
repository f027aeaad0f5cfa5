"""Slips of an author, planted into the example journeys one at a time: the file, what stood there, and what stands
there instead."""

EXAMPLE_FAULTS: dict[str, tuple[str, str, str]] = {
    "the reminder waits two hours": ("cart-recovery", "window: 1h", "window: 2h"),
    "who buys the cart is reminded all the same": ("cart-recovery", "    ends: true\n", "    ends: false\n"),
    "another cart's order counts as this one's": (
        "cart-recovery",
        "    where: {kind: property, name: cart_id, value: {ref: entry.cart_id}}\n    value",
        "    value",
    ),
    "who has ordered is reminded": (
        "cart-recovery",
        "      only_if: {kind: history, event: Order Completed, within: 1d, op: eq, value: 0}\n",
        "",
    ),
    "the reminder has no second channel": ("cart-recovery", "      fallback: [email]\n", ""),
    "a changed cart is reminded of at once": (
        "cart-recovery",
        "{from: still-filling, port: updated, to: still-filling}",
        "{from: still-filling, port: updated, to: reminder}",
    ),
    "one cart lets in twice a day": (
        "cart-recovery",
        "reentry: {mode: cool_down, cool_down: 1d}",
        "reentry: {mode: after_end}",
    ),
    "a birthday is greeted once in a life": (
        "birthday",
        "settings: {target: next-birthday}",
        "settings: {target: forgotten}",
    ),
    "the greeting comes in the evening": ("birthday", 'at: "10:00"', 'at: "19:00"'),
    "a first order is asked for after a week": ("lifecycle", "      window: 3d\n", "      window: 7d\n"),
    "both variants are the benefit": (
        "lifecycle",
        "{from: benefit-test, port: control, to: first-order-last}",
        "{from: benefit-test, port: control, to: benefit}",
    ),
    "who orders late is sent away": (
        "lifecycle",
        "{from: return-later, port: bought, to: returned}",
        "{from: return-later, port: bought, to: goodbye}",
    ),
}
