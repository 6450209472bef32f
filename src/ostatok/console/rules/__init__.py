"""Rules: seen, previewed, switched."""
