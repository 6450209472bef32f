"""The way to a page: what stands above it, each with its address."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Crumb:
    """A page above; without `url`, the page itself."""

    label: str | Promise
    url: str = ""


def crumb(label: str | Promise, name: str, *args: Any) -> Crumb:
    """A crumb of the console's page of that name."""
    return Crumb(label, reverse(f"console:{name}", args=args))
