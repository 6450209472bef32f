"""Random descriptions of a whole operator, valid by construction, for hypothesis."""

from typing import Any

import yaml
from hypothesis import strategies as st

ORGANIZATIONS = ("op", "res", "shop")
SERVICES = {"voice": "min", "net": "PLN", "power": "kWh", "sms": "sms"}
GROUPS = ("vip", "Группа А")
USERS = ("anna@op.test", "jan@op.test")

_LETTERS = st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\t'\"{}[]:#&*!|>%@`,-~ ")
#: Text as people type it, and as they should not: quotes, colons, line ends, null, numbers with leading zeros.
texts = st.text(_LETTERS, max_size=20).map(str.strip) | st.sampled_from(
    ["null", "~", "0771", "yes", "12:30", "1e3", "- a"]
)
names = texts.filter(bool)
amounts = st.decimals(0, 10**6, places=2, allow_nan=False).map(str)
durations = st.sampled_from(["24h", "90m", "7d", "1s", "1h30m"])


def described(data: dict[str, Any]) -> str:
    """The text of a description."""
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False)


@st.composite
def descriptions(draw: st.DrawFn) -> dict[str, Any]:
    """Organizations, and some of everything else in them."""
    return {
        "organizations": draw(_organizations()),
        "services": [
            {"organization": "op", "code": code, "unit": unit, **draw(_some(_SERVICE))}
            for code, unit in SERVICES.items()
        ],
        "groups": [{"organization": "op", "code": code, "name": draw(names)} for code in GROUPS],
        "contacts": draw(_contacts()),
        "users": [{"email": email, **draw(_some(_USER))} for email in USERS],
        "clients": (clients := draw(_clients())),
        "accounts": draw(_accounts(clients)),
        "rules": draw(_rules()),
    }


def _some(fields: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """A name always, and any of the other fields."""
    needed = {name: values for name, values in fields.items() if name in {"name", "roles"}}
    return st.fixed_dictionaries(
        needed, optional={name: values for name, values in fields.items() if name not in needed}
    )


_urls = st.sampled_from(["", "https://pay.test/?a=1&b=2"])
_languages = st.sampled_from(["en", "ru", "pl", "kk"])
_ORGANIZATION = {
    "name": names,
    "tax_id": st.from_regex(r"[0-9]{0,12}", fullmatch=True),
    "email": st.sampled_from(["", "ops@op.test"]),
    "phone": texts,
    "timezone": st.sampled_from(["UTC", "Asia/Almaty", "Europe/Warsaw"]),
    "language": _languages,
    "top_up_url": _urls,
    "may_send_pin": st.booleans(),
}
_SERVICE = {"name": names, "full_name": texts, "rearm_from": amounts, "top_up_url": _urls}
_USER = {
    "name": texts,
    "language": _languages,
    "roles": st.lists(
        st.fixed_dictionaries(
            {"organization": st.sampled_from(ORGANIZATIONS), "role": st.sampled_from(["look", "clerk", "owner"])}
        ),
        min_size=1,
        unique_by=lambda role: role["organization"],
    ),
}
_CLIENT = {
    "name": names,
    "tax_id": st.from_regex(r"[0-9]{0,12}", fullmatch=True),
    "email": st.sampled_from(["", "client@x.test"]),
    "phone": texts,
    "language": st.sampled_from(["", "ru", "kk"]),
    "timezone": st.sampled_from(["", "Asia/Almaty"]),
    "status": st.sampled_from(["active", "suspended", "closed"]),
    "tags": st.lists(st.sampled_from(["a", "б", "new york"]), max_size=2),
    "groups": st.lists(st.sampled_from(GROUPS), unique=True),
    "bank_account": texts,
}


@st.composite
def _organizations(draw: st.DrawFn) -> list[dict[str, Any]]:
    parents = {"res": "op", "shop": draw(st.sampled_from(["op", "res"]))}
    items = [{"code": code, **draw(_some(_ORGANIZATION))} for code in ORGANIZATIONS]
    return draw(st.permutations([item | {"parent": parents.get(item["code"])} for item in items]))


@st.composite
def _contacts(draw: st.DrawFn) -> list[dict[str, Any]]:
    points = st.lists(
        st.fixed_dictionaries(
            {"kind": st.just("phone"), "address": st.from_regex(r"\+[0-9]{5}", fullmatch=True), "label": texts}
        ),
        max_size=2,
        unique_by=lambda point: point["address"],
    )
    return [
        {"organization": "op", "code": "duty", "name": draw(names), "position": draw(texts), "points": draw(points)}
    ]


@st.composite
def _clients(draw: st.DrawFn) -> list[dict[str, Any]]:
    codes = draw(st.lists(st.sampled_from(["c1", "007", "null", "Ж-1"]), unique=True))
    return [
        {"organization": draw(st.sampled_from(ORGANIZATIONS)), "code": code, **draw(_some(_CLIENT))} for code in codes
    ]


_limits = st.dictionaries(st.sampled_from(["credit_limit", "held", "package"]), amounts)


@st.composite
def _accounts(draw: st.DrawFn, clients: list[dict[str, Any]]) -> list[dict[str, Any]]:
    items = []
    for number, client in enumerate(clients):
        codes = draw(st.lists(st.sampled_from(sorted(SERVICES)), unique=True))
        services = [draw(st.sampled_from([code, {"code": code, **draw(_limits)}])) for code in codes]
        items.append(
            {
                "organization": client["organization"],
                "number": f"00{number}",
                "client": client["code"],
                "address": draw(texts),
                "billing": draw(st.sampled_from(["prepaid", "postpaid"])),
                "services": services,
            }
        )
    return items


_thresholds = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["balance_below", "balance_above"]),
        "amount": amounts,
        "unit": st.sampled_from(["min", "h", "PLN", "kWh"]),
    }
)
_bands = st.sampled_from([[[20, 10], [10, 5], [5, 0]], [[50, 25.5], [10, None]], [[100, None]]])
_triggers = st.one_of(
    _thresholds,
    st.just({"kind": "balance_exhausted"}),
    st.just({"kind": "balance_exhausted", "unit": "kWh"}),
    st.fixed_dictionaries({"kind": st.just("forecast_below"), "days": st.integers(1, 365)}),
    st.just({"kind": "forecast_below", "days": 7, "unit": "PLN"}),
    _bands.map(lambda bands: {"kind": "balance_band", "bands": bands}),
)
_conditions: dict[str, st.SearchStrategy[Any]] = {
    "service": st.lists(st.sampled_from(sorted(SERVICES)), min_size=1, unique=True),
    "group": st.sampled_from(GROUPS),
    "status": st.lists(st.sampled_from(["active", "closed"]), min_size=1, unique=True),
    "billing": st.just("prepaid"),
    "tag": st.lists(st.sampled_from(["a", "б", "null"]), min_size=1, unique=True),
}
_audiences = st.fixed_dictionaries({}, optional={**_conditions, "not": st.fixed_dictionaries({}, optional=_conditions)})
_recipients = st.lists(
    st.sampled_from(
        [
            {"to": "client", "channel": "email"},
            {"to": "organization"},
            {"to": "contact", "contact": "duty"},
            {"to": "boss@x.test"},
        ]
    ),
    max_size=3,
)
_QUOTA = {
    "max_qty": st.integers(1, 5),
    "period": durations,
    "cooldown": durations,
    "first": st.sampled_from(["now", "next_check"]),
}


@st.composite
def _rules(draw: st.DrawFn) -> list[dict[str, Any]]:
    items = []
    for name in draw(st.lists(names, max_size=3, unique=True)):
        trigger = draw(_triggers)
        quota = draw(st.fixed_dictionaries({}, optional=_QUOTA))
        if "period" not in quota:
            quota.pop("first", None)
        if "amount" in trigger and draw(st.booleans()):
            quota["hysteresis"] = draw(amounts)
        optional = {
            "mark": st.sampled_from(["last_top_up", "balance_after", "package"]),
            "keep_for": durations,
            "sort_order": st.integers(0, 3),
            "state": st.sampled_from(["active", "shadow", "inactive"]),
        }
        items.append(
            {
                "organization": draw(st.sampled_from(["op", "res"])),
                "name": name,
                "trigger": trigger,
                "audience": draw(_audiences),
                "recipients": draw(_recipients),
                "quota": quota,
                **draw(st.fixed_dictionaries({}, optional=optional)),
            }
        )
    return items
