"""What a run asks of the store."""
