"""Django's name for this package."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "ostatok.intake"
    label = "intake"
