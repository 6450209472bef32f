"""What each operation of the API answers to whom: a write with the least that it can be asked with."""

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from tests.faces import NOW
from tests.walk.estate import Thing

PREFIX: Final = "/api/v1"
#: Who signs in nowhere, and who does so as a customer, is nobody here.
NOBODY: Final = {"nobody": 401, "customer": 401}
#: Sessions of the owner of the south and of five roles of the north; then keys: one of the south that may do everything
#: there, of the north one that may look and one that may do everything. Codes of services, groups and contacts are the
#: same in the south: its people find their own.
CODES: Final = """
                                                       rival look clerk admin auditor owner sibling looking whole
GET    /organizations                                    200  200   200   200     200   200     200     200   200
GET    /organizations/{code}                             404  200   200   200     200   200     404     200   200
PUT    /organizations/{code}                             422  403   403   403     403   200     422     403   200
DELETE /organizations/{code}                             404  403   403   403     403   422     404     403   422
GET    /units                                            200  200   200   200     200   200     200     200   200
GET    /services                                         200  200   200   200     200   200     200     200   200
GET    /services/{code}                                  200  200   200   200     200   200     200     200   200
PUT    /services/{code}                                  200  403   403   200     403   200     200     403   200
DELETE /services/{code}                                  422  403   403   422     403   422     422     403   422
GET    /groups                                           200  200   200   200     200   200     200     200   200
GET    /groups/{code}                                    200  200   200   200     200   200     200     200   200
PUT    /groups/{code}                                    200  403   200   200     403   200     200     403   200
DELETE /groups/{code}                                    200  403   200   200     403   200     200     403   200
GET    /contacts                                         200  200   200   200     200   200     200     200   200
GET    /contacts/{code}                                  200  200   200   200     200   200     200     200   200
PUT    /contacts/{code}                                  200  403   403   200     403   200     200     403   200
DELETE /contacts/{code}                                  200  403   403   200     403   200     200     403   200
GET    /users/{email}/sign-in                            404  403   403   403     403   200     404     403   200
POST   /users/{email}/end-sessions                       404  403   403   403     403   200     404     403   200
POST   /users/{email}/disconnect                         404  403   403   403     403   200     404     403   200
POST   /users/{email}/reset-second-factor                404  403   403   403     403   200     404     403   200
GET    /users                                            200  200   200   200     200   200     200     200   200
GET    /users/{email}                                    404  200   200   200     200   200     404     200   200
PUT    /users/{email}                                    422  403   403   403     403   200     422     403   200
DELETE /users/{email}                                    404  403   403   403     403   200     404     403   200
GET    /invitations                                      200  200   200   200     200   200     200     200   200
POST   /invitations                                      201  403   403   403     403   201     201     403   201
DELETE /invitations/{id}                                 404  403   403   403     403   200     404     403   200
GET    /clients/{code}/notes                             404  200   200   200     200   200     404     200   200
POST   /clients/{code}/notes                             404  403   201   201     403   201     404     403   201
GET    /clients/{code}/people                            404  200   200   200     200   200     404     200   200
DELETE /clients/{code}/people/{email}                    404  403   200   200     403   200     404     403   200
GET    /clients                                          200  200   200   200     200   200     200     200   200
GET    /clients/{code}                                   404  200   200   200     200   200     404     200   200
PUT    /clients/{code}                                   422  403   200   200     403   200     422     403   200
DELETE /clients/{code}                                   404  403   422   422     403   422     404     403   422
GET    /accounts/{number}/balances                       404  200   200   200     200   200     404     200   200
GET    /accounts/{number}/entries                        404  200   200   200     200   200     404     200   200
GET    /accounts/{number}/history                        404  200   200   200     200   200     404     200   200
GET    /accounts/{number}/why                            404  200   200   200     200   200     404     200   200
GET    /accounts/{number}/notices                        404  200   200   200     200   200     404     200   200
GET    /accounts/{number}/deliveries                     404  200   200   200     200   200     404     200   200
GET    /accounts/{number}/rules                          404  200   200   200     200   200     404     200   200
GET    /accounts                                         200  200   200   200     200   200     200     200   200
GET    /accounts/{number}                                404  200   200   200     200   200     404     200   200
PUT    /accounts/{number}                                422  403   200   200     403   200     422     403   200
DELETE /accounts/{number}                                404  403   422   422     403   422     404     403   422
GET    /notices                                          200  200   200   200     200   200     200     200   200
POST   /deliveries/{id}/retry                            404  403   409   409     403   409     404     403   409
POST   /deliveries/replay                                200  403   200   200     403   200     200     403   200
GET    /deliveries                                       200  200   200   200     200   200     200     200   200
GET    /deliveries/dead                                  200  200   200   200     200   200     200     200   200
GET    /deliveries/{id}                                  404  200   200   200     200   200     404     200   200
GET    /deliveries/{id}/attempts                         404  200   200   200     200   200     404     200   200
GET    /deliveries/{id}/message                          404  200   200   200     200   200     404     200   200
POST   /rule-previews                                    200  403   403   200     403   200     200     403   200
GET    /rules/{name}/preview                             404  200   200   200     200   200     404     200   200
GET    /rules/{name}/count                               404  200   200   200     200   200     404     200   200
GET    /rules/{name}/alarms                              404  200   200   200     200   200     404     200   200
GET    /rules/{name}/shadow-report                       404  200   200   200     200   200     404     200   200
GET    /rules/{name}/switching                           404  200   200   200     200   200     404     200   200
GET    /rules                                            200  200   200   200     200   200     200     200   200
PUT    /rules/{name}/state                               404  403   403   200     403   200     404     403   200
GET    /rules/{name}                                     404  200   200   200     200   200     404     200   200
PUT    /rules/{name}                                     422  403   403   200     403   200     422     403   200
DELETE /rules/{name}                                     404  403   403   200     403   200     404     403   200
GET    /templates                                        200  200   200   200     200   200     200     200   200
GET    /templates/{kind}/{channel}/{language}            200  200   200   200     200   200     200     200   200
PUT    /templates/{kind}/{channel}/{language}            200  403   403   200     403   200     200     403   200
DELETE /templates/{kind}/{channel}/{language}            200  403   403   200     403   200     200     403   200
GET    /templates/{kind}/{channel}/{language}/in-force   200  200   200   200     200   200     200     200   200
GET    /templates/{kind}/{channel}/{language}/versions   200  200   200   200     200   200     200     200   200
GET    /imports                                          200  200   200   200     200   200     200     200   200
POST   /imports                                          202  403   202   202     403   202     202     403   202
GET    /imports/{id}                                     404  200   200   200     200   200     404     200   200
GET    /imports/{id}/refusals                            404  200   200   200     200   200     404     200   200
POST   /imports/{id}/cancel                              404  403   200   200     403   200     404     403   200
GET    /audit                                            200  403   403   403     200   200     200     403   200
GET    /keys                                             200  403   403   403     200   200     200     403   200
POST   /keys                                             201  403   403   403     403   201     201     403   201
DELETE /keys/{prefix}                                    404  403   403   403     403   200     404     403   200
GET    /me                                               200  200   200   200     200   200     200     200   200
POST   /template-trials                                  200  200   200   200     200   200     200     200   200
POST   /template-tests                                   201  403   403   201     403   201     409     403   409
GET    /template-variables                               200  200   200   200     200   200     200     200   200
GET    /overview                                         200  200   200   200     200   200     200     200   200
GET    /run-out                                          200  200   200   200     200   200     200     200   200
GET    /run-out-mail                                     200  200   200   200     200   200     200     200   200
PUT    /run-out-mail/{email}                             404  200   403   403     403   200     404     403   200
DELETE /run-out-mail/{email}                             404  404   404   404     404   404     404     404   404
POST   /entries                                          200  403   200   200     403   200     200     403   200
POST   /balances                                         200  403   200   200     403   200     200     403   200
"""

_DAY: Final = "2026-11-21T12:00:00Z"
#: What is sent; an empty object else.
BODIES: Final[Mapping[tuple[str, str], Any]] = {
    ("POST", "/invitations"): {"email": "novaya@colleague.test", "role": "look"},
    ("POST", "/clients/{code}/notes"): {"kind": "called"},
    ("POST", "/keys"): {
        "name": "reports",
        "permissions": ["see"],
        "expires_at": f"{NOW.year + 1}-01-01T00:00:00Z",
    },
    ("POST", "/rule-previews"): {
        "trigger": {"kind": "balance_below", "amount": "50", "unit": "min"},
        "recipients": [{"to": "client", "channel": "email"}],
    },
    ("PUT", "/rules/{name}/state"): {"state": "shadow"},
    ("POST", "/template-trials"): {"kind": "balance_band", "language": "ru"},
    ("POST", "/template-tests"): {"kind": "balance_band", "language": "ru"},
    ("PUT", "/run-out-mail/{email}"): {"at": "08:00"},
    ("POST", "/entries"): [],
    ("POST", "/balances"): [],
    ("POST", "/imports"): f"account,service,kind,amount,occurred_at,ref\n100001,ad,charge,1,{_DAY},r1\n",
}
#: What is asked for beside the path.
QUERIES: Final[Mapping[tuple[str, str], str]] = {
    ("GET", "/accounts/{number}/history"): "?service=ad",
    ("POST", "/imports"): "?kind=entries",
}


def rows() -> Mapping[tuple[str, str], dict[str, int]]:
    """The codes by method and path, by face."""
    head, *lines = (line.split() for line in CODES.strip().splitlines())
    return {
        (method, PREFIX + path): NOBODY | dict(zip(head, map(int, codes), strict=True))
        for method, path, *codes in lines
    }


def values(path: str, things: Mapping[str, Thing]) -> Mapping[str, Any]:
    """What stands for the braces of a path: a thing of the north."""
    known: Mapping[str, Mapping[str, Any]] = {
        "organizations": {"code": things["organization"].code},
        "services": {"code": "ad"},
        "groups": {"code": "vip"},
        "contacts": {"code": "boss"},
        "clients": {"code": things["client"].code, "email": "anna@romashka.test"},
        "users": {"email": things["membership"].user.email},
        "run-out-mail": {"email": things["membership"].user.email},
        "accounts": {"number": things["account"].number},
        "rules": {"name": things["rule"].name},
        "templates": {"kind": "balance_band", "channel": "email", "language": "ru"},
        "imports": {"id": things["import"].pk},
        "deliveries": {"id": things["delivery"].pk},
        "invitations": {"id": things["invitation"].pk},
        "keys": {"prefix": things["key"].prefix},
    }
    return known.get(path.split("/")[3], {})


def asked(method: str, path: str, things: Mapping[str, Thing]) -> dict[str, Any]:
    """A request about a thing of the north, as `ask` takes it."""
    told = {name: quote(str(value), safe="") for name, value in values(path, things).items()}
    short = path.removeprefix(PREFIX)
    request = {"method": method, "path": path.format(**told) + QUERIES.get((method, short), "")}
    if method in ("GET", "DELETE"):
        return request
    body = BODIES.get((method, short), {})
    if isinstance(body, str):
        return request | {"data": body, "content_type": "text/csv"}
    return request | {"data": json.dumps(body), "content_type": "application/json"}
