"""Where the pages of this area are."""

from django.urls import path

from ostatok.console.audit import views

urlpatterns = [
    path("audit/", views.Audit.as_view(), name="audit"),
    path("audit/export/", views.ExportAudit.as_view(), name="export_audit"),
]
