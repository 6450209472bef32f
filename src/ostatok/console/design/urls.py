"""The addresses of the living page; config includes them in debug mode only."""

from django.urls import path

from ostatok.console.design import views

urlpatterns = [path("", views.design, name="design"), path("<slug:shell>/", views.shell, name="design_shell")]
