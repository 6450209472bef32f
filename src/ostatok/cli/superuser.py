"""`ostatok superuser`: who stands for the installation on the pages, as the commands do on the host."""

import click
from django.utils import timezone

from ostatok.cli import _whoever, main
from ostatok.parties.access import System
from ostatok.parties.models import User
from ostatok.web.signing_in import records


@click.command(cls=main.Command)
@click.argument("email")
@click.option("--take-back", is_flag=True, help="Make it a user like any other again.")
@main.json_option
def command(email: str, take_back: bool) -> None:
    """Make the user EMAIL the installation's superuser, who reaches every organization and may look at all tables.

    It must have been invited before. Give this to those who could run commands on the host as well.
    """
    user = User.objects.visible_to(System()).filter(email=User.objects.normalize_email(email)).first()
    if user is None:
        raise click.BadParameter(f"there is no user {email!r}", param_hint="'EMAIL'")
    changed = user.is_superuser == take_back
    if changed:
        _set(user, not take_back)
    line = f"{user.email} is {'the installation’s superuser' if user.is_superuser else 'no superuser'}."
    main.report({"email": user.email, "superuser": user.is_superuser, "changed": changed}, [line])


def _set(user: User, superuser: bool) -> None:
    user.is_superuser = superuser
    user.save(update_fields=["is_superuser"])
    actor = _whoever.runs_this()
    records.write(actor, user, "user.changed", origin="cli", at=timezone.now(), superuser=superuser)
