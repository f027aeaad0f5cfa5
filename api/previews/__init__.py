"""Parts of a journey tried out while it is drawn, and test runs of a whole one."""
