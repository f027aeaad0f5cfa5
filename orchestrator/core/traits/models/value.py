"""What a customer will bring: expected orders by how often they order, times what their orders are worth."""

import numpy as np

from orchestrator.core.traits.models.bg_nbd import BgNbd
from orchestrator.core.traits.models.fitting import Numbers

DISCOUNT = 0.1
"""A year's, where nobody says another: what comes in a year is worth a tenth less."""


def customer_value(
    orders: BgNbd,
    worth: Numbers,
    x: Numbers,
    t_x: Numbers,
    t: Numbers,
    periods: int,
    per_year: float,
    discount: float = DISCOUNT,
) -> Numbers:
    """The value of what customers will order within so many periods, as of now.

    Fader, Hardie and Lee (2005), RFM and CLV, Journal of Marketing Research 42(4), section 2, in discrete periods: the
    orders of each period times the mean value, discounted to now from the period's end.

    Args:
        worth: the mean value of each customer's next orders.
        periods: whole ones, from now on, each one unit of ``t``.
        per_year: periods in a year.
        discount: of a year, as a share.

    Returns:
        In the currency of ``worth``; NaN where that is.
    """
    total, before = np.zeros_like(x), np.zeros_like(x)
    for period in range(1, periods + 1):
        until = orders.expected_orders(float(period), x, t_x, t)
        total = total + (until - before) / (1 + discount) ** (period / per_year)
        before = until
    return np.asarray(total * worth, dtype=np.float64)
