"""Pictures that people upload for messages: read, made harmless and small, and made fit for a channel."""
