"""Files of customers that are imported, row by row, and those rows that were refused."""
