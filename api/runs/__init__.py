"""What an operator does with one run: try again, skip its message, end it."""
