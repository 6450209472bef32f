"""Where the pages of this face are."""

from django.urls import URLPattern

app_name = "cabinet"
urlpatterns: list[URLPattern] = []
