"""Organizations as commands name them: by their code."""

import difflib

import click

from ostatok.parties.access import System
from ostatok.parties.models import Organization


def by_code(code: str) -> Organization:
    """The organization of that code, or a usage error (exit status 2) with the nearest code there is."""
    reachable = Organization.objects.visible_to(System())
    found = reachable.filter(code=code).first()
    if found is None:
        near = difflib.get_close_matches(code, reachable.values_list("code", flat=True)[:10_000], n=1)
        hint = f': did you mean "{near[0]}"?' if near else ""
        raise click.BadParameter(f"there is no organization {code!r}{hint}", param_hint="'--organization'")
    return found
