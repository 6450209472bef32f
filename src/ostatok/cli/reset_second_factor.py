"""`ostatok reset-second-factor`: for somebody who has lost the device and the recovery codes."""

import click
from django.utils import timezone

from ostatok.cli import _whoever, main
from ostatok.parties.access import System
from ostatok.parties.models import User
from ostatok.web.signing_in import second_factor


@click.command(cls=main.Command)
@click.argument("email")
@main.json_option
def command(email: str) -> None:
    """Take the second factor and the recovery codes of the user EMAIL away, and end the sessions.

    Be sure who asks: from then on the password alone lets in, until a new second factor is set up.
    """
    user = User.objects.visible_to(System()).filter(email=User.objects.normalize_email(email)).first()
    if user is None:
        raise click.BadParameter(f"there is no user {email!r}", param_hint="'EMAIL'")
    had = second_factor.reset(user, actor=_whoever.runs_this(), origin="cli", now=timezone.now())
    line = "The second factor is reset; a mail says so." if had else "There was no second factor; sessions were ended."
    main.report({"email": user.email, "reset": had}, [line])
