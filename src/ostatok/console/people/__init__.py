"""Users, contacts and groups."""
