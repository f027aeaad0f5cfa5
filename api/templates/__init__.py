"""Message templates over HTTP."""
