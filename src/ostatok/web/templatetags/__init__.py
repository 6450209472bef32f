"""The components of the pages, as tags."""
