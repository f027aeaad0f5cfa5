"""The demo shop in the store: what its customers have done already, and how all of it goes again."""
