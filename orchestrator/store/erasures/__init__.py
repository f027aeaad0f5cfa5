"""Erasing people: what goes, what stays without them, and the receipt; and everything that is known of one."""
