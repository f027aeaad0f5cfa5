"""Coupon pools over HTTP."""
