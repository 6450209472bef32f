"""Drawings made on the server: where each line of a bar, a spark or a chart stands. In per cents, for any width."""
