"""Where the pages of this area are."""

from django.urls import path

from ostatok.console.keys import views

urlpatterns = [
    path("keys/", views.Keys.as_view(), name="keys"),
    path("keys/new/", views.IssueKey.as_view(), name="new_key"),
    path("keys/<int:pk>/revoke/", views.RevokeKey.as_view(), name="revoke_key"),
]
