"""Where the pages of this area are."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
