"""The channels by which a customer can be reached: one value each, registered in ``registry.py``."""
