"""Where the pages of this area are."""

from django.urls import path

from ostatok.console.people import contacts, groups, inviting, sign_in, users

urlpatterns = [
    path("users/", users.Users.as_view(), name="users"),
    path("users/invite/", inviting.InviteUser.as_view(), name="invite_user"),
    path("users/invitations/<int:pk>/revoke/", inviting.RevokeInvitation.as_view(), name="revoke_invitation"),
    path("users/<int:pk>/role/", users.ChangeRole.as_view(), name="change_role"),
    path("users/<int:pk>/remove/", users.TakeRole.as_view(), name="take_role"),
    path("users/<int:pk>/sign-in/", sign_in.UserSignIn.as_view(), name="user_sign_in"),
    path("contacts/", contacts.Contacts.as_view(), name="contacts"),
    path("contacts/new/", contacts.ContactPage.as_view(), name="new_contact"),
    path("contacts/<int:pk>/", contacts.ContactPage.as_view(), name="contact"),
    path("contacts/<int:pk>/delete/", contacts.DeleteContact.as_view(), name="delete_contact"),
    path("groups/", groups.Groups.as_view(), name="groups"),
    path("groups/new/", groups.GroupPage.as_view(), name="new_group"),
    path("groups/<int:pk>/", groups.GroupPage.as_view(), name="group"),
    path("groups/<int:pk>/delete/", groups.DeleteGroup.as_view(), name="delete_group"),
]
