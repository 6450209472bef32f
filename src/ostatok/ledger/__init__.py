"""What is left: services, accounts, balances, append-only entries, and the posting that moves them."""
