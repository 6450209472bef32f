"""Signing in: for staff with a second factor, for clients by invitation."""
