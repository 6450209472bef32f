"""Pages of signing in, most of them allauth's."""

from django.urls import include, path

urlpatterns = [path("", include("allauth.urls"))]
