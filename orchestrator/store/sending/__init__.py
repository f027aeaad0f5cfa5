"""The ledger of sends, and all that is known of a message afterwards."""
