"""A description of an operator, made true, and written back."""
