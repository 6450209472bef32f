"""Where the pages of this area are."""

from django.urls import path

from ostatok.console.services import views

urlpatterns = [
    path("services/", views.Services.as_view(), name="services"),
    path("services/new/", views.ServicePage.as_view(), name="new_service"),
    path("services/<int:pk>/", views.ServicePage.as_view(), name="service"),
    path("services/<int:pk>/delete/", views.DeleteService.as_view(), name="delete_service"),
    path("units/", views.Units.as_view(), name="units"),
]
