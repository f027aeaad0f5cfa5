"""The checks before a draft goes live, over HTTP."""
