"""Files in: what operators and their systems hand over becomes ledger, parties and rules."""
