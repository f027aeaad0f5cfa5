"""The checks before a journey goes live: condition, time, audience, text, link, coupon."""
