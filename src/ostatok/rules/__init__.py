"""What decides: rules, their audience, and the alarms that remember what was already told."""
