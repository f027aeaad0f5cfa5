"""What a customer is: traits, consents, and how a run's changes change them."""
