"""Runs, the outbox, entries, and the decisions behind them."""
