"""Ways in: once, in time, and no further than whoever invites may go."""

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from ostatok.parties import invitations, tokens
from ostatok.parties.access import Actor, Key, Member, Permission, Role
from ostatok.parties.invitations import InvitationGone, InvitationRefused
from ostatok.parties.models import AuditRecord, Client, Invitation, Membership, Organization, User
from tests.parties.house import House

pytestmark = pytest.mark.django_db

NOW = datetime.fromisoformat("2026-11-22T09:00:00+00:00")
PASSWORD = "correct horse battery"


def _member(organization: Organization, role: Role = Role.OWNER) -> Member:
    return Member(user_id=organization.memberships.get().user_id, name="olga@x.test", roles={organization.pk: role})


def _invite(
    to: Organization | Client, *, by: Actor | None = None, role: Role | None = None, email: str = "Anna@X.test"
) -> tuple[Invitation, str]:
    at = to.organization if isinstance(to, Client) else to
    return invitations.invite(by or _member(at), to, email=email, role=role, origin="10.0.0.1", now=NOW)


def _client(house: House) -> Client:
    return Client.objects.get(organization=house.left)


def _accept(token: str, *, user: User | None = None, password: str = PASSWORD, at: datetime = NOW) -> User:
    return invitations.accept(token, name="Anna", password=password, user=user, origin="10.0.0.2", now=at)


def test_a_colleague_comes_in_with_the_role_offered(house: House) -> None:
    _invitation, token = _invite(house.left, role=Role.CLERK)
    user = _accept(token)
    assert (user.email, user.name, user.check_password(PASSWORD)) == ("anna@x.test", "Anna", True)
    assert user.as_actor() == Member(user_id=user.pk, name=user.email, roles={house.left.pk: Role.CLERK})
    assert user.as_customer().clients == ()


def test_a_customer_comes_in_to_its_client_and_nothing_else(house: House) -> None:
    client = _client(house)
    Client.objects.filter(pk=client.pk).update(language="kk")
    _invitation, token = _invite(Client.objects.get(pk=client.pk))
    user = _accept(token)
    assert user.as_customer().clients == (client.pk,)
    assert user.language == "kk"
    assert not Client.objects.visible_to(user.as_actor())
    assert list(Client.objects.visible_to(user.as_customer())) == [client]


def test_an_invitation_is_good_once(house: House) -> None:
    _invitation, token = _invite(house.left, role=Role.LOOK)
    user = _accept(token)
    with pytest.raises(InvitationGone) as caught:
        _accept(token, user=user)
    assert caught.value.reason == "accepted"


def test_an_invitation_is_good_for_a_week(house: House) -> None:
    made, token = _invite(house.left, role=Role.LOOK)
    assert invitations.find(token, NOW + invitations.GOOD_FOR - timedelta(seconds=1)) == made
    for late in (invitations.find, lambda token, at: _accept(token, at=at)):
        with pytest.raises(InvitationGone) as caught:
            late(token, NOW + invitations.GOOD_FOR)
        assert caught.value.reason == "expired"
    assert not User.objects.filter(email="anna@x.test")


def test_a_link_that_was_made_up_leads_nowhere(house: House) -> None:
    with pytest.raises(InvitationGone) as caught:
        invitations.find(tokens.make(), NOW)
    assert caught.value.reason == "unknown"


def test_an_invitation_taken_back_leads_nowhere(house: House) -> None:
    invitation, token = _invite(house.left, role=Role.LOOK)
    for _twice in range(2):
        invitations.revoke(_member(house.left), invitation, origin="", now=NOW)
    with pytest.raises(InvitationGone) as caught:
        _accept(token)
    assert caught.value.reason == "revoked"
    assert AuditRecord.objects.filter(action="invitation.revoked").count() == 1


def test_whoever_is_invited_again_has_one_link_that_works(house: House) -> None:
    _first, old = _invite(house.left, role=Role.LOOK)
    _second, new = _invite(house.left, role=Role.CLERK)
    with pytest.raises(InvitationGone):
        invitations.find(old, NOW)
    assert invitations.find(new, NOW).role == Role.CLERK


def test_a_user_accepts_as_who_is_signed_in(house: House) -> None:
    user = User.objects.create_user("anna@x.test", "something else")
    _invitation, token = _invite(house.left, role=Role.LOOK)
    with pytest.raises(InvitationRefused, match="sign in"):
        _accept(token)
    assert _accept(token, user=user) == user
    assert User.objects.get(pk=user.pk).check_password("something else")


def test_a_link_passed_on_lets_nobody_else_in(house: House) -> None:
    stranger = User.objects.create_user("stranger@x.test", PASSWORD)
    _invitation, token = _invite(house.left, role=Role.OWNER)
    with pytest.raises(InvitationRefused, match="another address"):
        _accept(token, user=stranger)
    assert not stranger.memberships.exists()


def test_who_was_deactivated_does_not_come_back_by_invitation(house: House) -> None:
    User.objects.create_user("anna@x.test", None, is_active=False)
    _invitation, token = _invite(house.left, role=Role.LOOK)
    with pytest.raises(InvitationRefused):
        _accept(token)


def test_a_user_made_without_a_password_sets_it_by_the_link(house: House) -> None:
    made = User.objects.create_user("anna@x.test", None)
    _invitation, token = _invite(house.left, role=Role.LOOK)
    assert _accept(token) == made
    assert User.objects.get(pk=made.pk).check_password(PASSWORD)


def test_a_weak_password_uses_nothing_up(house: House) -> None:
    _invitation, token = _invite(house.left, role=Role.LOOK)
    with pytest.raises(ValidationError):
        _accept(token, password="12345")
    assert not User.objects.filter(email="anna@x.test")
    assert _accept(token).email == "anna@x.test"


def test_a_role_given_meanwhile_stays(house: House) -> None:
    _invitation, token = _invite(house.left, role=Role.LOOK)
    user = User.objects.create_user("anna@x.test", PASSWORD)
    Membership.objects.create(user=user, organization=house.left, role=Role.OWNER)
    _accept(token, user=user)
    assert user.memberships.get().role == Role.OWNER


def test_whoever_is_in_is_not_invited(house: House) -> None:
    for to, role in ((house.left, Role.LOOK), (_client(house), None)):
        with pytest.raises(InvitationRefused, match="in already"):
            _invite(to, role=role, email="left@staff.test")


@pytest.mark.parametrize("role", list(Role))
def test_colleagues_are_invited_by_who_may_change_users(house: House, role: Role) -> None:
    member = _member(house.left, role)
    if role is Role.OWNER:
        assert _invite(house.left, by=member, role=Role.OWNER)
    else:
        with pytest.raises(InvitationRefused):
            _invite(house.left, by=member, role=Role.LOOK)


@pytest.mark.parametrize("role", list(Role))
def test_customers_are_invited_by_who_may_change_clients(house: House, role: Role) -> None:
    member = _member(house.left, role)
    if role in (Role.CLERK, Role.SERVICE_ADMINISTRATOR, Role.OWNER):
        invitation, _token = _invite(_client(house), by=member)
        invitations.revoke(member, invitation, origin="", now=NOW)
    else:
        with pytest.raises(InvitationRefused):
            _invite(_client(house), by=member)


def test_nobody_gives_a_role_that_may_do_more_than_itself(house: House) -> None:
    rights = frozenset({Permission.SEE, Permission.CHANGE_USERS})
    program = Key(key_id=1, name="people", organization_id=house.left.pk, permissions=rights)
    assert _invite(house.left, by=program, role=Role.LOOK)
    with pytest.raises(InvitationRefused):
        _invite(house.left, by=program, role=Role.CLERK)


def test_nobody_invites_into_an_organization_out_of_reach(house: House) -> None:
    outsider = _member(house.right)
    for to, role in ((house.left, Role.LOOK), (_client(house), None)):
        with pytest.raises(InvitationRefused):
            _invite(to, by=outsider, role=role)
    invitation, _token = _invite(house.left, role=Role.LOOK)
    with pytest.raises(InvitationRefused):
        invitations.revoke(outsider, invitation, origin="", now=NOW)


def test_an_address_that_is_none_is_not_invited(house: House) -> None:
    with pytest.raises(InvitationRefused, match="e-mail"):
        _invite(house.left, role=Role.LOOK, email="anna at x")


def test_an_invitation_is_to_a_role_or_to_a_client(house: House) -> None:
    for to, role in ((house.left, None), (_client(house), Role.LOOK)):
        with pytest.raises(InvitationRefused):
            _invite(to, role=role)
    invitation, _token = _invite(house.left, role=Role.LOOK)
    for change in ({"role": ""}, {"client": _client(house)}, {"accepted_at": NOW, "revoked_at": NOW}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Invitation.objects.filter(pk=invitation.pk).update(**change)


def test_the_organization_of_an_invitation_is_its_clients(house: House) -> None:
    invitation, _token = _invite(_client(house))
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.filter(pk=invitation.pk).update(organization=house.right)


def test_the_audit_tells_of_invitations_without_token_or_customers_address(house: House) -> None:
    _invitation, token = _invite(_client(house))
    user = _accept(token)
    created, accepted = AuditRecord.objects.filter(action__startswith="invitation.").order_by("id")
    assert (created.action, created.subject, created.actor) == ("invitation.created", "c1", "olga@x.test")
    assert (accepted.action, accepted.subject, accepted.actor) == ("invitation.accepted", "c1", f"customer {user.pk}")
    everything = str(list(AuditRecord.objects.values()))
    assert token not in everything
    assert "anna@x.test" not in everything
