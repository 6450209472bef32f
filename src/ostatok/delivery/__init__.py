"""The outbox: one notice to one address over one channel, sent, retried and accounted for."""
