"""The event log: what was stored, what waits to be routed, events of the product's own."""
