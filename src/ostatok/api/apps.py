"""Django's name for this package."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "ostatok.api"
    label = "api"
