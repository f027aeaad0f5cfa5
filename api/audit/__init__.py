"""Who changed what: kept of every change, listed, exported."""
