"""The face of clients: what they have left, what they were told, and how they are told."""
