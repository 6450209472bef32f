"""One module a section: what its items mean, and what may be removed."""
