"""The demo shop: its pages, its customers and what they do."""
