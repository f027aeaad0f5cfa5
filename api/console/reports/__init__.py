"""Reports: figures of the business as charts and tables, the overview's tiles, and what a journey came to."""
