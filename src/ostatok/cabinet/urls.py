"""Where the pages of this face are."""

from django.urls import path

from ostatok.cabinet import accounts, notices, settings, start

app_name = "cabinet"
urlpatterns = [
    path("", start.Start.as_view(), name="start"),
    path("accounts/", accounts.Accounts.as_view(), name="accounts"),
    path("accounts/<int:pk>/", accounts.OneAccount.as_view(), name="account"),
    path("accounts/<int:pk>/statement.csv", accounts.StatementFile.as_view(), name="statement_file"),
    path("notices/", notices.Notices.as_view(), name="notices"),
    path("notices/letters/<int:pk>/", notices.Letter.as_view(), name="letter"),
    path("notices/letters/<int:pk>/html/", notices.LetterAsItLooks.as_view(), name="letter_html"),
    path("settings/", settings.Settings.as_view(), name="settings"),
]
