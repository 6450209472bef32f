"""Who takes part: organizations (a tree), users and roles, contacts, clients, groups; the access doors; audit."""
