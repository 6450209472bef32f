"""Where the pages of this area are."""

from django.urls import path

from ostatok.console.clients import cabinet_access, editing, lists, notes, page, posting

urlpatterns = [
    path("clients/", lists.Clients.as_view(), name="clients"),
    path("clients/export/", lists.ExportClients.as_view(), name="export_clients"),
    path("clients/new/", editing.NewClient.as_view(), name="new_client"),
    path("clients/<int:pk>/", page.ClientPage.as_view(), name="client"),
    path("clients/<int:pk>/why/", page.WhyPage.as_view(), name="client_why"),
    path("clients/<int:pk>/edit/", editing.EditClient.as_view(), name="edit_client"),
    path("clients/<int:pk>/status/<slug:status>/", editing.SetStatus.as_view(), name="client_status"),
    path("clients/<int:pk>/delete/", editing.DeleteClient.as_view(), name="delete_client"),
    path("clients/<int:pk>/note/", notes.AddNote.as_view(), name="client_note"),
    path("clients/<int:pk>/entry/", posting.PostEntry.as_view(), name="post_entry"),
    path("entries/<int:balance>/<int:seq>/reverse/", posting.ReverseEntry.as_view(), name="reverse_entry"),
    path("clients/<int:pk>/access/", cabinet_access.Access.as_view(), name="client_access"),
    path("clients/<int:pk>/access/invite/", cabinet_access.InviteToCabinet.as_view(), name="invite_to_cabinet"),
    path("clients/<int:pk>/access/<int:user>/revoke/", cabinet_access.TakeAccess.as_view(), name="take_access"),
    path(
        "clients/invitations/<int:pk>/revoke/",
        cabinet_access.RevokeCabinetInvitation.as_view(),
        name="revoke_cabinet_invitation",
    ),
]
