"""Columns beside the database: sources in Parquet files, which DuckDB reads in the process that asks."""
