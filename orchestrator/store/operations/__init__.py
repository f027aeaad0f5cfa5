"""What is done to many runs, from a list that is frozen when it begins."""
