"""Django's name for this package."""

from importlib import import_module

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "ostatok.web"
    label = "web"

    def ready(self) -> None:
        """Connect what watches signing in, now that all models are there."""
        import_module("ostatok.web.signing_in.receivers")
