"""What the API answers and takes of journeys."""
