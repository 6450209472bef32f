"""What each operation of the API answers to whom, asked with nothing but its path: a write with an empty object."""

from collections.abc import Mapping
from typing import Any, Final

from tests.walk.estate import Thing

#: Nobody, a customer's and an owner's session, a key of the south that may do everything there, a key of the north that
#: may look and one that may do everything. Codes of services, groups and contacts are the same in the south: its key
#: finds its own.
CODES: Final = """
                                                                  nobody customer owner sibling looking whole
GET    /api/v1/organizations                                         401      401   200     200     200   200
GET    /api/v1/organizations/{code}                                  401      401   200     404     200   200
PUT    /api/v1/organizations/{code}                                  401      401   200     422     403   200
DELETE /api/v1/organizations/{code}                                  401      401   422     404     403   422
GET    /api/v1/units                                                 401      401   200     200     200   200
GET    /api/v1/services                                              401      401   200     200     200   200
GET    /api/v1/services/{code}                                       401      401   200     200     200   200
PUT    /api/v1/services/{code}                                       401      401   200     200     403   200
DELETE /api/v1/services/{code}                                       401      401   422     422     403   422
GET    /api/v1/groups                                                401      401   200     200     200   200
GET    /api/v1/groups/{code}                                         401      401   200     200     200   200
PUT    /api/v1/groups/{code}                                         401      401   200     200     403   200
DELETE /api/v1/groups/{code}                                         401      401   200     200     403   200
GET    /api/v1/contacts                                              401      401   200     200     200   200
GET    /api/v1/contacts/{code}                                       401      401   200     200     200   200
PUT    /api/v1/contacts/{code}                                       401      401   200     200     403   200
DELETE /api/v1/contacts/{code}                                       401      401   200     200     403   200
POST   /api/v1/users/{email}/end-sessions                            401      401   200     404     403   200
POST   /api/v1/users/{email}/reset-second-factor                     401      401   200     404     403   200
GET    /api/v1/users                                                 401      401   200     200     200   200
GET    /api/v1/users/{email}                                         401      401   200     404     200   200
PUT    /api/v1/users/{email}                                         401      401   200     200     403   200
DELETE /api/v1/users/{email}                                         401      401   200     404     403   200
GET    /api/v1/invitations                                           401      401   200     200     200   200
POST   /api/v1/invitations                                           401      401   422     422     422   422
DELETE /api/v1/invitations/{id}                                      401      401   200     404     403   200
GET    /api/v1/clients/{code}/notes                                  401      401   200     404     200   200
POST   /api/v1/clients/{code}/notes                                  401      401   422     422     422   422
GET    /api/v1/clients/{code}/people                                 401      401   200     404     200   200
DELETE /api/v1/clients/{code}/people/{email}                         401      401   200     404     403   200
GET    /api/v1/clients                                               401      401   200     200     200   200
GET    /api/v1/clients/{code}                                        401      401   200     404     200   200
PUT    /api/v1/clients/{code}                                        401      401   200     422     403   200
DELETE /api/v1/clients/{code}                                        401      401   422     404     403   422
GET    /api/v1/accounts/{number}/balances                            401      401   200     404     200   200
GET    /api/v1/accounts/{number}/entries                             401      401   200     404     200   200
GET    /api/v1/accounts/{number}/history                             401      401   422     422     422   422
GET    /api/v1/accounts/{number}/why                                 401      401   200     404     200   200
GET    /api/v1/accounts/{number}/notices                             401      401   200     404     200   200
GET    /api/v1/accounts/{number}/deliveries                          401      401   200     404     200   200
GET    /api/v1/accounts/{number}/rules                               401      401   200     404     200   200
GET    /api/v1/accounts                                              401      401   200     200     200   200
GET    /api/v1/accounts/{number}                                     401      401   200     404     200   200
PUT    /api/v1/accounts/{number}                                     401      401   200     422     403   200
DELETE /api/v1/accounts/{number}                                     401      401   422     404     403   422
GET    /api/v1/notices                                               401      401   200     200     200   200
POST   /api/v1/deliveries/{id}/retry                                 401      401   409     404     403   409
POST   /api/v1/deliveries/replay                                     401      401   200     200     403   200
GET    /api/v1/deliveries                                            401      401   200     200     200   200
GET    /api/v1/deliveries/{id}                                       401      401   200     404     200   200
GET    /api/v1/deliveries/{id}/attempts                              401      401   200     404     200   200
GET    /api/v1/deliveries/{id}/message                               401      401   200     404     200   200
POST   /api/v1/rule-previews                                         401      401   422     422     403   422
GET    /api/v1/rules/{name}/preview                                  401      401   200     404     200   200
GET    /api/v1/rules/{name}/shadow-report                            401      401   200     404     200   200
GET    /api/v1/rules                                                 401      401   200     200     200   200
PUT    /api/v1/rules/{name}/state                                    401      401   422     422     422   422
GET    /api/v1/rules/{name}                                          401      401   200     404     200   200
PUT    /api/v1/rules/{name}                                          401      401   200     422     403   200
DELETE /api/v1/rules/{name}                                          401      401   200     404     403   200
GET    /api/v1/templates                                             401      401   200     200     200   200
GET    /api/v1/templates/{kind}/{channel}/{language}                 401      401   200     200     200   200
PUT    /api/v1/templates/{kind}/{channel}/{language}                 401      401   200     200     403   200
DELETE /api/v1/templates/{kind}/{channel}/{language}                 401      401   200     200     403   200
GET    /api/v1/templates/{kind}/{channel}/{language}/versions        401      401   200     200     200   200
GET    /api/v1/imports                                               401      401   200     200     200   200
POST   /api/v1/imports                                               401      401   422     422     422   422
GET    /api/v1/imports/{id}                                          401      401   200     404     200   200
GET    /api/v1/imports/{id}/refusals                                 401      401   200     404     200   200
POST   /api/v1/imports/{id}/cancel                                   401      401   200     404     403   200
GET    /api/v1/audit                                                 401      401   200     200     403   200
GET    /api/v1/keys                                                  401      401   200     200     403   200
POST   /api/v1/keys                                                  401      401   422     422     422   422
DELETE /api/v1/keys/{prefix}                                         401      401   200     404     403   200
GET    /api/v1/me                                                    401      401   200     200     200   200
POST   /api/v1/template-trials                                       401      401   422     422     422   422
GET    /api/v1/template-variables                                    401      401   200     200     200   200
GET    /api/v1/overview                                              401      401   200     200     200   200
GET    /api/v1/run-out                                               401      401   200     200     200   200
GET    /api/v1/run-out-mail                                          401      401   200     200     200   200
PUT    /api/v1/run-out-mail/{email}                                  401      401   422     422     422   422
DELETE /api/v1/run-out-mail/{email}                                  401      401   404     404     404   404
POST   /api/v1/entries                                               401      401   400     400     403   400
POST   /api/v1/balances                                              401      401   400     400     403   400
"""


def rows() -> Mapping[tuple[str, str], dict[str, int]]:
    """The codes by method and path, by face."""
    head, *lines = (line.split() for line in CODES.strip().splitlines())
    return {(method, path): dict(zip(head, map(int, codes), strict=True)) for method, path, *codes in lines}


def values(path: str, things: Mapping[str, Thing]) -> Mapping[str, Any]:
    """What stands for the braces of a path: a thing of the north."""
    known: Mapping[str, Mapping[str, Any]] = {
        "organizations": {"code": things["organization"].code},
        "services": {"code": "ad"},
        "groups": {"code": "vip"},
        "contacts": {"code": "boss"},
        "clients": {"code": things["client"].code, "email": "anna@romashka.test"},
        "run-out-mail": {"email": things["membership"].user.email},
        "users": {"email": things["membership"].user.email},
        "accounts": {"number": things["account"].number},
        "rules": {"name": things["rule"].name},
        "templates": {"kind": "balance_band", "channel": "email", "language": "ru"},
        "imports": {"id": things["import"].pk},
        "deliveries": {"id": things["delivery"].pk},
        "invitations": {"id": things["invitation"].pk},
        "keys": {"prefix": things["key"].prefix},
    }
    return known.get(path.split("/")[3], {})
