"""Reports over HTTP: which there are, their figures, and the same as files."""
