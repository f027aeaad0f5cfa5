"""Benchmarks: figures that a newcomer can take again with ``make bench``. See README.md."""
