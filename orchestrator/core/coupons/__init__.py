"""Coupon pools and their codes, as values."""
