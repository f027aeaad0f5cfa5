"""The first page, and the way of one's own shop in."""
