from django.apps import AppConfig
from django.db.backends.signals import connection_created

from ostatok.parties import wall


class PartiesConfig(AppConfig):
    name = "ostatok.parties"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        connection_created.connect(wall.raise_again, dispatch_uid="wall")
