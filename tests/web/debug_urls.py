"""The addresses as they are in debug mode."""

from django.urls import include, path

from ostatok.config import urls

urlpatterns = [*urls.urlpatterns, path("console/design/", include("ostatok.console.design.urls"))]
