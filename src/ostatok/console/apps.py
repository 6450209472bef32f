"""Django's name for this package."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "ostatok.console"
    label = "console"
