"""Where the pages of this area are."""

from django.urls import path

from ostatok.console.organizations import views

urlpatterns = [
    path("organizations/", views.Organizations.as_view(), name="organizations"),
    path("organizations/new/", views.NewOrganization.as_view(), name="new_root"),
    path("organizations/<int:pk>/", views.OrganizationPage.as_view(), name="organization"),
    path("organizations/<int:pk>/edit/", views.EditOrganization.as_view(), name="edit_organization"),
    path("organizations/<int:pk>/new/", views.NewOrganization.as_view(), name="new_organization"),
    path("organizations/<int:pk>/delete/", views.DeleteOrganization.as_view(), name="delete_organization"),
]
