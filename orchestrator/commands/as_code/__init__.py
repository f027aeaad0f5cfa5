"""A workspace as files: pulled, compared, planned and pushed, so that journeys go through git and review."""
