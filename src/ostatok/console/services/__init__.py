"""Services and their units."""
