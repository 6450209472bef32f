from django.apps import AppConfig


class PartiesConfig(AppConfig):
    name = "ostatok.parties"
    default_auto_field = "django.db.models.BigAutoField"
