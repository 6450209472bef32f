"""Where the pages of this area are."""

from django.urls import path

from ostatok.console.accounts import views

urlpatterns = [
    path("accounts/", views.Accounts.as_view(), name="accounts"),
    path("accounts/<int:pk>/", views.AccountPage.as_view(), name="account"),
    path("accounts/<int:pk>/edit/", views.EditAccount.as_view(), name="edit_account"),
    path("accounts/<int:pk>/limits/", views.Limits.as_view(), name="account_limits"),
    path("accounts/<int:pk>/status/<slug:status>/", views.SetAccountStatus.as_view(), name="account_status"),
    path("accounts/<int:pk>/delete/", views.DeleteAccount.as_view(), name="delete_account"),
    path("balances/<int:pk>/export/", views.ExportStatement.as_view(), name="export_statement"),
    path("clients/<int:pk>/accounts/new/", views.NewAccount.as_view(), name="new_account"),
]
