"""The face of operators: pages on which everything of their organizations is seen and changed."""
