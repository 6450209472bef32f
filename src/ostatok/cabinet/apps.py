"""Django's name for this package."""

from django.apps import AppConfig


class CabinetConfig(AppConfig):
    name = "ostatok.cabinet"
    label = "cabinet"
