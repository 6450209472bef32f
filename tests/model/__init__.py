"""What the rules mean, in plain Python.

Nothing here knows of Django or SQL: entries are judged one by one, in loops, with `Decimal`. The product must raise
exactly the notices that this model raises. Read it in this order:

- `words`: entries, rules, notices and the closed lists they use;
- `triggers`: when a threshold is crossed and a band entered;
- `book`: entries change balances and epochs, or are refused;
- `quotas`: which occasions become notices;
- `watch`: the state of one rule on one balance;
- `ledger`: all of it together, with the methods of `protocol.Product`.

`steps` and `histories`, with `random_rules` and `random_entries`, make random histories of such calls, `compare` says
what must be the same after them, and `story` tells short ones by hand.
"""
