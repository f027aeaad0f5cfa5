"""Settings: secrets."""
