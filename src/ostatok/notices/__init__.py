"""Occasions worth telling, and the words they are told in."""
