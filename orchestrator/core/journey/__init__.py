"""A journey as it is drawn: its graph, the compiler and what it checks, versions and their differences."""
