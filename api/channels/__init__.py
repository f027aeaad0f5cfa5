"""What providers and the snippet on the shop's pages tell us."""
