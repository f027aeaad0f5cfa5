"""Uploaded pictures: where their pixels lie, what is known of each, and which documents show them."""
