"""Where the pages of this area are."""

from django.urls import path

from ostatok.console.dashboard import mailing, views

urlpatterns = [
    path("", views.Dashboard.as_view(), name="dashboard"),
    path("run-out/", views.RunOutList.as_view(), name="run_out"),
    path("run-out/export/", views.ExportRunOut.as_view(), name="export_run_out"),
    path("run-out/mail/", mailing.RunOutMail.as_view(), name="run_out_mail"),
    path("run-out/mail/<int:pk>/stop/", mailing.StopRunOutMail.as_view(), name="stop_run_out_mail"),
]
