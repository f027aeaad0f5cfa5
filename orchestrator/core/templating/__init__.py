"""Templates in a sandbox: Jinja's syntax, none of Python's reach."""
