"""Users, contacts and groups; invitations to the console and to cabinets."""

from typing import Any

from django.core import mail
from django.test import Client as Browser

from ostatok.parties.access import Role
from ostatok.parties.models import AuditRecord, ClientGroup, ClientUser, Contact, Invitation, Membership
from tests import faces
from tests.console.reading import at, said, seen
from tests.faces import MARKER, World


def _points(*points: tuple[str, str]) -> dict[str, Any]:
    fields: dict[str, Any] = {"points-TOTAL_FORMS": len(points), "points-INITIAL_FORMS": 0}
    for index, (kind, address) in enumerate(points):
        fields |= {f"points-{index}-kind": kind, f"points-{index}-address": address, f"points-{index}-label": ""}
    return fields


def _role(world: World, role: Role) -> Membership:
    return Membership.objects.get(user=world.staff["north", role], organization=world.north)


def test_the_list_of_users_names_roles_and_nobody_of_the_sibling(clerk: Browser) -> None:
    page = seen(clerk, at("users"))
    assert "Наталья look" in page
    assert "Service administrator" in page
    assert MARKER not in page
    assert "Nobody fits" in seen(clerk, at("users"), text="south.test")


def test_an_owner_invites_a_colleague_by_mail(owner: Browser, world: World) -> None:
    form = {"email": "New@Colleague.test", "organization": world.north.pk, "role": "clerk"}
    assert "on its way to new@colleague.test" in said(owner.post(at("invite_user"), form, follow=True))
    assert [message.to for message in mail.outbox] == [["new@colleague.test"]]
    invitation = Invitation.objects.get(email="new@colleague.test")
    assert "Invited, not here yet new@colleague.test" in seen(owner, at("users"))
    page = at("revoke_invitation", invitation.pk)
    assert "stops working at once" in seen(owner, page)
    owner.post(page)
    assert "Invited, not here yet" not in seen(owner, at("users"))


def test_a_role_is_changed_and_taken_away(owner: Browser, world: World) -> None:
    membership = _role(world, Role.LOOK)
    said(owner.post(at("change_role", membership.pk), {"role": "clerk"}, follow=True))
    membership.refresh_from_db()
    assert membership.role == Role.CLERK
    page = at("take_role", membership.pk)
    assert "At the next click" in seen(owner, page)
    owner.post(page)
    assert not Membership.objects.filter(pk=membership.pk).exists()


def test_nobody_but_an_owner_changes_users(world: World) -> None:
    membership = _role(world, Role.LOOK)
    for role in (Role.LOOK, Role.CLERK, Role.SERVICE_ADMINISTRATOR, Role.AUDITOR):
        browser = world.member(role)
        assert browser.post(at("change_role", membership.pk), {"role": "owner"}).status_code == 403
        assert browser.post(at("take_role", membership.pk)).status_code == 403
        assert browser.get(at("invite_user")).status_code == 403


def test_an_owner_of_a_part_changes_no_role_above_it(world: World) -> None:
    faces.describe({"organizations": [{"code": "north-2", "parent": "north", "name": "Участок"}]})
    roles = [{"organization": "north", "role": "look"}, {"organization": "north-2", "role": "owner"}]
    faces.describe({"users": [{"email": "look@north.test", "roles": roles}]})
    browser, boss = faces.signed_in(world.staff["north", Role.LOOK]), _role(world, Role.OWNER)
    assert browser.get(at("take_role", boss.pk)).status_code == 403
    assert browser.post(at("take_role", boss.pk)).status_code == 403
    assert browser.post(at("change_role", boss.pk), {"role": "look"}).status_code == 403
    assert browser.post(at("user_sign_in", boss.pk), {"do": "sessions"}).status_code == 403
    boss.refresh_from_db()
    assert boss.role == Role.OWNER


def test_an_owner_of_the_sibling_finds_neither_roles_nor_invitations(world: World, owner: Browser) -> None:
    owner.post(at("invite_user"), {"email": "n@n.test", "organization": world.north.pk, "role": "look"})
    stranger = world.member(Role.OWNER, "south")
    for page in (
        at("change_role", _role(world, Role.LOOK).pk),
        at("take_role", _role(world, Role.LOOK).pk),
        at("revoke_invitation", Invitation.objects.get().pk),
    ):
        assert (stranger.get(page).status_code, stranger.post(page).status_code) == (404, 404)
    said(stranger.post(at("invite_user"), {"email": "x@x.test", "organization": world.north.pk, "role": "look"}))
    assert not Invitation.objects.filter(email="x@x.test").exists()


def test_a_contact_is_kept_with_its_addresses(world: World) -> None:
    browser = world.member(Role.SERVICE_ADMINISTRATOR)
    form = {"organization": world.north.pk, "code": "shift", "name": "Дежурный", "position": ""}
    points = _points(("email", "shift@north.test"), ("phone", "+7 812 000-00-09"), ("email", ""))
    assert "Дежурный is saved." in said(browser.post(at("new_contact"), {**form, **points}, follow=True))
    contact = Contact.objects.get(code="shift")
    assert sorted(contact.points.values_list("address", flat=True)) == ["+7 812 000-00-09", "shift@north.test"]
    page = said(browser.post(at("contact", contact.pk), {**form, **_points(("email", "не адрес"))}))
    assert "Enter a valid email address." in page
    assert contact.points.count() == 2
    browser.post(at("delete_contact", contact.pk))
    assert not Contact.objects.filter(code="shift").exists()


def test_groups_are_counted_and_their_clients_listed(clerk: Browser, world: World) -> None:
    assert "Важные vip 1" in seen(clerk, at("groups"))
    form = {"organization": world.north.pk, "code": "tszh", "name": "ТСЖ"}
    said(clerk.post(at("new_group"), form, follow=True))
    group = ClientGroup.objects.get(organization=world.north, code="tszh")
    assert "There is a group of this code already." in said(clerk.post(at("new_group"), form))
    said(clerk.post(at("group", group.pk), {"name": "Жилищные"}, follow=True))
    clerk.post(at("delete_group", group.pk))
    assert not ClientGroup.objects.filter(code="tszh").exists()


def test_outsiders_find_no_contacts_and_no_groups(world: World) -> None:
    stranger = world.member(Role.OWNER, "south")
    contact = Contact.objects.get(organization=world.north)
    group = ClientGroup.objects.get(organization=world.north)
    for page in (at("contact", contact.pk), at("delete_contact", contact.pk), at("group", group.pk)):
        assert (stranger.get(page).status_code, stranger.post(page).status_code) == (404, 404)
    looker = world.member(Role.LOOK)
    assert looker.post(at("contact", contact.pk)).status_code == 403
    assert looker.post(at("group", group.pk)).status_code == 403


def test_a_clerk_lets_people_of_a_client_into_the_cabinet_and_shuts_them_out(clerk: Browser, world: World) -> None:
    client = world.clients["romashka"]
    page = seen(clerk, at("client_access", client.pk))
    assert "anna@romashka.test" in page
    form = {"email": "petr@romashka.test"}
    assert "is on its way" in said(clerk.post(at("invite_to_cabinet", client.pk), form, follow=True))
    assert mail.outbox[0].to == ["petr@romashka.test"]
    invitation = Invitation.objects.get(email="petr@romashka.test")
    clerk.post(at("revoke_cabinet_invitation", invitation.pk))
    assert "petr@romashka.test" not in seen(clerk, at("client_access", client.pk))
    out = at("take_access", client.pk, world.customer.pk)
    assert "Shut anna@romashka.test out?" in seen(clerk, out)
    clerk.post(out)
    assert not ClientUser.objects.filter(client=client).exists()
    assert AuditRecord.objects.filter(action="client.access_taken").exists()


def test_access_to_a_client_is_neither_an_outsiders_nor_a_lookers(
    outsider: Browser, looker: Browser, world: World
) -> None:
    client = world.clients["romashka"].pk
    for page in (at("invite_to_cabinet", client), at("take_access", client, world.customer.pk)):
        assert (outsider.get(page).status_code, outsider.post(page).status_code) == (404, 404)
        assert looker.post(page).status_code == 403
    assert ClientUser.objects.filter(client=client).exists()


def test_where_no_mail_leaves_the_link_is_shown_once(owner: Browser, world: World, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    form = {"email": "new@colleague.test", "organization": world.north.pk, "role": "clerk"}
    assert "pass the link on yourself" in said(owner.post(at("invite_user"), form))
    assert "/account/" not in seen(owner, at("users"))


def test_a_link_that_sets_the_password_of_a_user_is_for_their_mailbox_alone(
    clerk: Browser, world: World, settings: Any
) -> None:
    """Or whoever invites an owner of somebody else's, who has not signed in yet, signs in as that owner."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    roles = [{"organization": "south", "role": "owner"}]
    faces.describe({"users": [{"email": "boss@south.test", "roles": roles}]})
    answer = clerk.post(
        at("invite_to_cabinet", world.clients["romashka"].pk), {"email": "boss@south.test"}, follow=True
    )
    assert Invitation.objects.filter(email="boss@south.test").exists()
    assert "could not be sent" in said(answer)
    assert "/account/invitation/" not in said(answer)


def test_two_roles_of_one_user_are_two_rows(world: World) -> None:
    user = world.staff["north", Role.LOOK]
    faces.describe({"users": [{"email": user.email, "roles": [{"organization": "south", "role": "clerk"}]}]})
    assert seen(faces.signed_in(user), at("users")).count(user.email) >= 2


def test_where_there_is_one_organization_to_invite_to_it_is_chosen(owner: Browser, world: World) -> None:
    asked = owner.get(at("invite_user")).content.decode()
    assert f'<option value="{world.north.pk}" selected>' in asked
    assert "---------" not in asked
