"""Measures of the business: reports, each one text of SQL, and the sources and filters that they share."""
