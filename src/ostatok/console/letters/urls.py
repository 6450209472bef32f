"""Where the pages of this area are."""

from django.urls import path

from ostatok.console.letters import trials, views

_ONE = "templates/<int:organization>/<slug:kind>/<slug:channel>/<slug:language>/"

urlpatterns = [
    path("templates/", views.Templates.as_view(), name="templates"),
    path(_ONE, views.OneTemplate.as_view(), name="template"),
    path(f"{_ONE}try/", trials.Try.as_view(), name="try_template"),
    path(f"{_ONE}letter/", trials.LetterPage.as_view(), name="try_letter"),
    path(f"{_ONE}send/", trials.SendToMe.as_view(), name="send_template"),
    path(f"{_ONE}versions/<int:version>/", views.Version.as_view(), name="template_version"),
    path(f"{_ONE}reset/", views.Reset.as_view(), name="reset_template"),
]
