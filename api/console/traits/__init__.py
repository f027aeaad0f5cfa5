"""Pages of computed traits."""
