"""Ostatok keeps what every customer has left, and tells the right people before it runs out."""

__version__ = "0.1.0"
