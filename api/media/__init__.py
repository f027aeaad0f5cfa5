"""Pictures over HTTP: uploaded, listed, and served to everybody who reads a message."""
