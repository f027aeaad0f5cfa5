"""Intake: durable writes, identities and merges, devices, tracked names."""
