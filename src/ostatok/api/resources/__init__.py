"""The resources, one module each; here they are put under their paths."""

from ostatok.api.main import api
from ostatok.api.resources import (
    accounts,
    audit,
    balances,
    call_notes,
    clients,
    contacts,
    deliveries,
    entries,
    groups,
    imports,
    invitations,
    keys,
    me,
    notices,
    organizations,
    overview,
    replays,
    rule_previews,
    rules,
    services,
    templates,
    users,
    why,
)

__all__ = ["api"]

#: What is below something comes before it: its own path takes all that follows, for codes may hold a slash.
_ROUTERS = (
    ("organizations", organizations.router),
    ("units", services.units_router),
    ("services", services.router),
    ("groups", groups.router),
    ("contacts", contacts.router),
    ("users", users.router),
    ("invitations", invitations.router),
    ("clients", call_notes.router),
    ("clients", clients.router),
    ("accounts", balances.router),
    ("accounts", entries.router),
    ("accounts", why.router),
    ("accounts", notices.of_account),
    ("accounts", deliveries.of_account),
    ("accounts", rules.of_account),
    ("accounts", accounts.router),
    ("notices", notices.router),
    ("deliveries", replays.router),
    ("deliveries", deliveries.router),
    ("rule-previews", rule_previews.router),
    ("rules", rule_previews.of_rule),
    ("rules", rules.router),
    ("templates", templates.router),
    ("imports", imports.router),
    ("audit", audit.router),
    ("keys", keys.router),
    ("me", me.router),
    ("", overview.router),
)
for _path, _router in _ROUTERS:
    api.add_router(_path, _router)
