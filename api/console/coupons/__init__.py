"""Coupon pools."""
