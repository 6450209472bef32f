"""What each page answers to whom. A row is missing: the walk fails."""

from collections.abc import Iterator, Mapping
from typing import Final

from tests.walk.estate import Estate, Thing

#: `GET` of a page about a thing of the north, `POST` of an empty form. Sibling and rival are a clerk and an owner of an
#: organization beside that of all the others.
CODES: Final = """
                                        nobody customer sibling rival look clerk admin auditor owner
GET  home                                  302      302     302   302  302   302   302     302   302
GET  console:dashboard                     302      404     200   200  200   200   200     200   200
GET  console:run_out                       302      404     200   200  200   200   200     200   200
GET  console:export_run_out                302      404     200   200  403   200   200     200   200
GET  console:run_out_mail                  302      404     200   200  200   200   200     200   200
POST console:run_out_mail                  302      404     200   200  200   200   200     200   200
GET  console:stop_run_out_mail             302      404     404   404  404   404   404     404   200
POST console:stop_run_out_mail             302      404     404   404  404   404   404     404   302
GET  console:organizations                 302      404     200   200  200   200   200     200   200
GET  console:new_root                      302      404     403   403  403   403   403     403   403
POST console:new_root                      302      404     403   403  403   403   403     403   403
GET  console:organization                  302      404     404   404  200   200   200     200   200
GET  console:edit_organization             302      404     403   404  403   403   403     403   200
POST console:edit_organization             302      404     403   404  403   403   403     403   200
GET  console:new_organization              302      404     403   404  403   403   403     403   200
POST console:new_organization              302      404     403   404  403   403   403     403   200
GET  console:delete_organization           302      404     403   404  403   403   403     403   200
POST console:delete_organization           302      404     403   404  403   403   403     403   200
GET  console:clients                       302      404     200   200  200   200   200     200   200
GET  console:export_clients                302      404     200   200  403   200   200     200   200
GET  console:new_client                    302      404     200   200  403   200   200     403   200
POST console:new_client                    302      404     200   200  403   200   200     403   200
GET  console:client                        302      404     404   404  200   200   200     200   200
GET  console:client_why                    302      404     404   404  200   200   200     200   200
GET  console:edit_client                   302      404     404   404  403   200   200     403   200
POST console:edit_client                   302      404     404   404  403   200   200     403   200
GET  console:client_status                 302      404     404   404  403   200   200     403   200
POST console:client_status                 302      404     404   404  403   302   302     403   302
GET  console:delete_client                 302      404     404   404  403   200   200     403   200
POST console:delete_client                 302      404     404   404  403   200   200     403   200
GET  console:client_note                   302      404     404   404  403   200   200     403   200
POST console:client_note                   302      404     404   404  403   200   200     403   200
GET  console:post_entry                    302      404     404   404  403   200   200     403   200
POST console:post_entry                    302      404     404   404  403   200   200     403   200
GET  console:reverse_entry                 302      404     404   404  403   200   200     403   200
POST console:reverse_entry                 302      404     404   404  403   302   302     403   302
GET  console:client_access                 302      404     404   404  200   200   200     200   200
GET  console:invite_to_cabinet             302      404     404   404  403   200   200     403   200
POST console:invite_to_cabinet             302      404     404   404  403   200   200     403   200
GET  console:take_access                   302      404     404   404  403   200   200     403   200
POST console:take_access                   302      404     404   404  403   302   302     403   302
GET  console:revoke_cabinet_invitation     302      404     404   404  403   200   200     403   200
POST console:revoke_cabinet_invitation     302      404     404   404  403   302   302     403   302
GET  console:accounts                      302      404     200   200  200   200   200     200   200
GET  console:account                       302      404     404   404  200   200   200     200   200
GET  console:edit_account                  302      404     404   404  403   200   200     403   200
POST console:edit_account                  302      404     404   404  403   200   200     403   200
GET  console:account_limits                302      404     404   404  403   200   200     403   200
POST console:account_limits                302      404     404   404  403   302   302     403   302
GET  console:account_status                302      404     404   404  403   200   200     403   200
POST console:account_status                302      404     404   404  403   302   302     403   302
GET  console:delete_account                302      404     404   404  403   200   200     403   200
POST console:delete_account                302      404     404   404  403   200   200     403   200
GET  console:export_statement              302      404     404   404  403   200   200     200   200
GET  console:new_account                   302      404     404   404  403   200   200     403   200
POST console:new_account                   302      404     404   404  403   200   200     403   200
GET  console:services                      302      404     200   200  200   200   200     200   200
GET  console:new_service                   302      404     403   200  403   403   200     403   200
POST console:new_service                   302      404     403   200  403   403   200     403   200
GET  console:service                       302      404     403   404  403   403   200     403   200
POST console:service                       302      404     403   404  403   403   200     403   200
GET  console:delete_service                302      404     403   404  403   403   200     403   200
POST console:delete_service                302      404     403   404  403   403   200     403   200
GET  console:units                         302      404     200   200  200   200   200     200   200
GET  console:users                         302      404     200   200  200   200   200     200   200
GET  console:invite_user                   302      404     403   200  403   403   403     403   200
POST console:invite_user                   302      404     403   200  403   403   403     403   200
GET  console:revoke_invitation             302      404     403   404  403   403   403     403   200
POST console:revoke_invitation             302      404     403   404  403   403   403     403   302
GET  console:change_role                   302      404     403   404  403   403   403     403   200
POST console:change_role                   302      404     403   404  403   403   403     403   200
GET  console:take_role                     302      404     403   404  403   403   403     403   200
POST console:take_role                     302      404     403   404  403   403   403     403   302
GET  console:user_sign_in                  302      404     403   404  403   403   403     403   200
POST console:user_sign_in                  302      404     403   404  403   403   403     403   200
GET  console:contacts                      302      404     200   200  200   200   200     200   200
GET  console:new_contact                   302      404     403   200  403   403   200     403   200
POST console:new_contact                   302      404     403   200  403   403   200     403   200
GET  console:contact                       302      404     403   404  403   403   200     403   200
POST console:contact                       302      404     403   404  403   403   200     403   200
GET  console:delete_contact                302      404     403   404  403   403   200     403   200
POST console:delete_contact                302      404     403   404  403   403   302     403   302
GET  console:groups                        302      404     200   200  200   200   200     200   200
GET  console:new_group                     302      404     200   200  403   200   200     403   200
POST console:new_group                     302      404     200   200  403   200   200     403   200
GET  console:group                         302      404     404   404  403   200   200     403   200
POST console:group                         302      404     404   404  403   200   200     403   200
GET  console:delete_group                  302      404     404   404  403   200   200     403   200
POST console:delete_group                  302      404     404   404  403   302   302     403   302
GET  console:keys                          302      404     403   200  403   403   403     200   200
GET  console:new_key                       302      404     403   200  403   403   403     403   200
POST console:new_key                       302      404     403   200  403   403   403     403   200
GET  console:revoke_key                    302      404     403   404  403   403   403     403   200
POST console:revoke_key                    302      404     403   404  403   403   403     403   302
GET  console:rules                         302      404     200   200  200   200   200     200   200
GET  console:new_rule                      302      404     403   200  403   403   200     403   200
POST console:new_rule                      302      404     403   200  403   403   200     403   200
GET  console:try_new_rule                  302      404     403   404  403   403   404     403   404
POST console:try_new_rule                  302      404     403   404  403   403   404     403   404
GET  console:rule                          302      404     404   404  200   200   200     200   200
GET  console:edit_rule                     302      404     403   404  403   403   200     403   200
POST console:edit_rule                     302      404     403   404  403   403   200     403   200
GET  console:try_rule                      302      404     403   404  403   403   404     403   404
POST console:try_rule                      302      404     403   404  403   403   200     403   200
GET  console:rule_preview                  302      404     404   404  200   200   200     200   200
GET  console:rule_switching                302      404     404   404  200   200   200     200   200
GET  console:switch_rule                   302      404     403   404  403   403   200     403   200
POST console:switch_rule                   302      404     403   404  403   403   200     403   200
GET  console:delete_rule                   302      404     403   404  403   403   200     403   200
POST console:delete_rule                   302      404     403   404  403   403   302     403   302
GET  console:rule_shadow                   302      404     404   404  200   200   200     200   200
GET  console:export_shadow                 302      404     404   404  403   200   200     200   200
GET  console:deliveries                    302      404     200   200  200   200   200     200   200
GET  console:dead_deliveries               302      404     200   200  200   200   200     200   200
GET  console:replay                        302      404     200   200  403   200   200     403   200
POST console:replay                        302      404     200   200  403   200   200     403   200
GET  console:delivery                      302      404     404   404  200   200   200     200   200
GET  console:delivery_letter               302      404     404   404  200   200   200     200   200
GET  console:retry_delivery                302      404     404   404  403   200   200     403   200
POST console:retry_delivery                302      404     404   404  403   200   200     403   200
GET  console:templates                     302      404     200   200  200   200   200     200   200
GET  console:template                      302      404     404   404  200   200   200     200   200
POST console:template                      302      404     403   404  403   403   302     403   302
GET  console:try_template                  302      404     405   405  405   405   405     405   405
POST console:try_template                  302      404     404   404  200   200   200     200   200
GET  console:try_letter                    302      404     405   405  405   405   405     405   405
POST console:try_letter                    302      404     404   404  200   200   200     200   200
GET  console:send_template                 302      404     403   405  403   403   405     403   405
POST console:send_template                 302      404     403   404  403   403   200     403   200
GET  console:template_version              302      404     404   404  200   200   200     200   200
POST console:template_version              302      404     403   404  403   403   302     403   302
GET  console:reset_template                302      404     403   404  403   403   200     403   200
POST console:reset_template                302      404     403   404  403   403   302     403   302
GET  console:imports                       302      404     200   200  200   200   200     200   200
GET  console:upload                        302      404     200   200  403   200   200     403   200
POST console:upload                        302      404     200   200  403   200   200     403   200
GET  console:import_sample                 302      404     200   200  200   200   200     200   200
GET  console:import                        302      404     404   404  200   200   200     200   200
GET  console:import_progress               302      404     404   404  200   200   200     200   200
GET  console:import_refused                302      404     404   404  403   200   200     200   200
GET  console:cancel_import                 302      404     404   404  403   200   200     403   200
POST console:cancel_import                 302      404     404   404  403   302   302     403   302
GET  console:audit                         302      404     403   200  403   403   403     200   200
GET  console:export_audit                  302      404     403   200  403   403   403     200   200
GET  cabinet:start                         302      200     404   404  404   404   404     404   404
GET  cabinet:accounts                      302      200     404   404  404   404   404     404   404
GET  cabinet:account                       302      200     404   404  404   404   404     404   404
GET  cabinet:statement_file                302      200     404   404  404   404   404     404   404
GET  cabinet:notices                       302      200     404   404  404   404   404     404   404
GET  cabinet:letter                        302      200     404   404  404   404   404     404   404
GET  cabinet:letter_html                   302      200     404   404  404   404   404     404   404
GET  cabinet:settings                      302      200     404   404  404   404   404     404   404
GET  set_language                          302      302     302   302  302   302   302     302   302
GET  theme                                 405      405     405   405  405   405   405     405   405
GET  healthz                               200      200     200   200  200   200   200     200   200
GET  readyz                                200      200     200   200  200   200   200     200   200
GET  metrics                               404      404     404   404  404   404   404     404   404
"""

#: Pages about nobody but oneself.
OWN: Final = """
                                             nobody customer owner
GET  account_login                              200      302   302
POST account_login                              200      302   302
GET  account_logout                             302      200   200
POST account_logout                             302      302   302
GET  account_inactive                           200      200   200
GET  account_signup                             200      200   200
GET  account_reauthenticate                     302      200   302
POST account_reauthenticate                     302      200   302
GET  account_email                              302      200   200
POST account_email                              302      302   302
GET  account_email_verification_sent            200      200   200
GET  account_confirm_email                      200      200   200
POST account_confirm_email                      404      404   404
GET  account_change_password                    302      200   302
POST account_change_password                    302      200   302
GET  account_set_password                       302      302   200
POST account_set_password                       302      302   200
GET  account_reset_password                     200      200   200
POST account_reset_password                     200      200   200
GET  account_reset_password_done                200      200   200
GET  account_reset_password_from_key_done       200      200   200
GET  account_reset_password_from_key            200      200   200
POST account_reset_password_from_key            200      200   200
GET  mfa_index                                  302      200   200
GET  mfa_authenticate                           302      302   302
POST mfa_authenticate                           302      302   302
GET  mfa_reauthenticate                         302      302   200
POST mfa_reauthenticate                         302      302   200
GET  mfa_activate_totp                          302      302   302
POST mfa_activate_totp                          302      302   302
GET  mfa_deactivate_totp                        302      404   302
POST mfa_deactivate_totp                        302      404   302
GET  mfa_view_recovery_codes                    302      404   404
GET  mfa_generate_recovery_codes                302      302   302
POST mfa_generate_recovery_codes                302      302   302
GET  mfa_list_webauthn                          302      200   200
GET  mfa_add_webauthn                           302      302   302
POST mfa_add_webauthn                           302      302   302
GET  mfa_login_webauthn                         302      302   302
POST mfa_login_webauthn                         302      302   302
GET  mfa_reauthenticate_webauthn                302      302   302
POST mfa_reauthenticate_webauthn                302      302   302
GET  mfa_edit_webauthn                          302      302   302
POST mfa_edit_webauthn                          302      302   302
GET  mfa_remove_webauthn                        302      302   302
POST mfa_remove_webauthn                        302      302   302
GET  account_person                             302      200   200
POST account_person                             302      200   200
GET  account_invitation                         200      403   403
POST account_invitation                         200      403   403
GET  oidc_connection                            302      404   200
POST oidc_connection                            302      404   302
GET  oidc_login                                 502      302   302
GET  oidc_callback                              400      302   302
GET  usersessions_list                          302      200   200
POST usersessions_list                          302      302   302
"""

#: Pages that are the same for whoever comes, signed in or not.
OPEN: Final = frozenset({"home", "set_language", "theme", "healthz", "readyz", "metrics"})
#: What is a file, or a word for machines.
NO_PAGES: Final = frozenset(
    {
        "healthz",
        "readyz",
        "cabinet:letter",
        "cabinet:letter_html",
        "cabinet:statement_file",
        "console:delivery_letter",
        "console:export_audit",
        "console:export_clients",
        "console:export_run_out",
        "console:export_shadow",
        "console:export_statement",
        "console:import_progress",
        "console:import_refused",
        "console:import_sample",
        "console:rule_switching",
    }
)


#: Which thing the number in a path is of.
_ABOUT: Final = {
    "console:organization": "organization",
    "console:edit_organization": "organization",
    "console:new_organization": "organization",
    "console:delete_organization": "organization",
    "console:client": "client",
    "console:client_why": "client",
    "console:edit_client": "client",
    "console:client_status": "client",
    "console:delete_client": "client",
    "console:client_note": "client",
    "console:post_entry": "client",
    "console:client_access": "client",
    "console:invite_to_cabinet": "client",
    "console:take_access": "client",
    "console:revoke_cabinet_invitation": "cabinet_invitation",
    "console:account": "account",
    "console:edit_account": "account",
    "console:account_limits": "account",
    "console:account_status": "account",
    "console:delete_account": "account",
    "console:export_statement": "balance",
    "console:new_account": "client",
    "console:service": "service",
    "console:delete_service": "service",
    "console:revoke_invitation": "invitation",
    "console:change_role": "membership",
    "console:take_role": "membership",
    "console:user_sign_in": "membership",
    "console:contact": "contact",
    "console:delete_contact": "contact",
    "console:group": "group",
    "console:delete_group": "group",
    "console:revoke_key": "key",
    "console:rule": "rule",
    "console:edit_rule": "rule",
    "console:try_rule": "rule",
    "console:rule_preview": "rule",
    "console:rule_switching": "rule",
    "console:switch_rule": "rule",
    "console:delete_rule": "rule",
    "console:rule_shadow": "rule",
    "console:export_shadow": "rule",
    "console:stop_run_out_mail": "subscription",
    "console:delivery": "delivery",
    "console:delivery_letter": "delivery",
    "console:retry_delivery": "delivery",
    "console:import": "import",
    "console:import_progress": "import",
    "console:import_refused": "import",
    "console:cancel_import": "import",
    "cabinet:account": "account",
    "cabinet:statement_file": "account",
    "cabinet:letter": "delivery",
    "cabinet:letter_html": "delivery",
}
_NO_SUCH: Final = 1


def rows() -> Mapping[tuple[str, str], dict[str, int]]:
    """The codes by method and route, by face."""
    return dict((*_read(CODES), *_read(OWN)))


def values(name: str, place: Estate, code: str) -> Mapping[str, object]:
    """What stands in the path of a page about a thing of that organization."""
    things = place.things[code]
    balance = things["balance"]
    return {
        **_number(name, things),
        "token": place.tokens[code],
        "organization": things["organization"].pk,
        "channel": "email",
        "kind": "entries" if name == "console:import_sample" else "balance_band",
        "language": "ru",
        "version": 1,
        "status": "closed",
        "user": things["customer"].pk,
        "balance": balance.pk,
        "seq": balance.seq,
        "key": "no-such-key",
        "uidb36": "1",
    }


def _number(name: str, things: Mapping[str, Thing]) -> Mapping[str, object]:
    """The number of the thing that a page of ours is about; what the pages of allauth are about is not there."""
    if name in _ABOUT:
        return {"pk": things[_ABOUT[name]].pk}
    return {} if name.startswith(("console:", "cabinet:")) else {"pk": _NO_SUCH}


def _read(table: str) -> Iterator[tuple[tuple[str, str], dict[str, int]]]:
    head, *lines = (line.split() for line in table.strip().splitlines())
    for method, name, *codes in lines:
        yield (method, name), dict(zip(head, map(int, codes), strict=True))
