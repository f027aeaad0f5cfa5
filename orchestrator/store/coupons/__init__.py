"""Coupon pools and codes: stock, taking, redemption."""
