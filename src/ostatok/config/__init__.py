"""The composition root: settings, the embedded database, and the entry point that joins them."""
