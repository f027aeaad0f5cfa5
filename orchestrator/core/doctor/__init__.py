"""What is wrong with an installation, and whether one of its stores came back from an earlier time."""
