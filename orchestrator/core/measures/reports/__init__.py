"""Reports, one file each or for a few that belong together; each tells them as ``REPORTS``."""
