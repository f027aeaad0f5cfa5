"""Reports over the store: sources as SQL, running a text on PostgreSQL or on columns in files, what is kept of it."""
