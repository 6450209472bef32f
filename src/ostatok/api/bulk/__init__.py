"""Entries and balances in bulk: read piece by piece, posted batch by batch, however large the body is."""
