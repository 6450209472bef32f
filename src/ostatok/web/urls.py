"""What every page may ask for: its language and its colours."""

from django.urls import include, path

from ostatok.web import theme

urlpatterns = [
    path("language/", include("django.conf.urls.i18n")),
    path("theme/", theme.choose, name="theme"),
]
