"""The tree of organizations."""
