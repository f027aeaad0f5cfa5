"""What is done to runs by hand, to one or to thousands."""
