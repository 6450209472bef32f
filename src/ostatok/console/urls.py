"""Pages of the console, by area."""

from django.urls import include, path

app_name = "console"

AREAS = (
    "dashboard",
    "organizations",
    "clients",
    "accounts",
    "services",
    "people",
    "keys",
    "rules",
    "deliveries",
    "letters",
    "imports",
    "audit",
)

urlpatterns = [path("", include(f"ostatok.console.{area}.urls")) for area in AREAS]
