"""What was sent, what was not, and why."""
