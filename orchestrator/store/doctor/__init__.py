"""What the database says of itself, to be held against what Temporal says."""
