"""People of the workspace, their sessions, and tokens of programs."""
