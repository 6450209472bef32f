"""The morning: what is late, whom to call."""
