"""Where the pages of this area are."""

from django.urls import path

from ostatok.console.imports import views

urlpatterns = [
    path("imports/", views.Imports.as_view(), name="imports"),
    path("imports/new/", views.Upload.as_view(), name="upload"),
    path("imports/samples/<str:kind>.csv", views.Sample.as_view(), name="import_sample"),
    path("imports/<int:pk>/", views.OneImport.as_view(), name="import"),
    path("imports/<int:pk>/progress/", views.Progress.as_view(), name="import_progress"),
    path("imports/<int:pk>/refused/", views.Refused.as_view(), name="import_refused"),
    path("imports/<int:pk>/cancel/", views.Cancel.as_view(), name="cancel_import"),
]
