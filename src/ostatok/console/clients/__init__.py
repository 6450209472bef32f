"""Clients: found, seen, changed."""
