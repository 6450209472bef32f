"""`ostatok invite`: let somebody in, the first owner of an installation above all."""

import click
from django.utils import timezone

from ostatok.cli import _organizations, _whoever, main
from ostatok.parties import invitations
from ostatok.parties.access import Role, System
from ostatok.parties.models import Client, Invitation, Organization
from ostatok.web.signing_in import invitations as mailing
from ostatok.web.signing_in import mail


@click.command(cls=main.Command)
@click.argument("email")
@click.option("--organization", required=True, metavar="CODE", help="Where.")
@click.option("--role", type=click.Choice([str(role) for role in Role]), help="To work there in this role.")
@click.option("--client", metavar="CODE", help="To see the cabinet of this client of the organization.")
@click.option("--address", default="http://localhost:8000", show_default=True, help="Where the pages are reached.")
@click.option("--print-link", is_flag=True, help="Print the link instead of mailing it.")
@main.json_option
def command(
    email: str, organization: str, role: str | None, client: str | None, address: str, print_link: bool
) -> None:
    """Invite EMAIL to a role in an organization, or to the cabinet of a client of it.

    The link is good for seven days and for one use; whoever holds it gets in, so send it to nobody else.
    """
    if bool(role) == bool(client):
        raise click.UsageError("say either --role or --client")
    place = _place(organization, client)
    wanted = Role(role) if role else None
    now = timezone.now()
    invitation, token = invitations.invite(_whoever.runs_this(), place, email=email, role=wanted, origin="cli", now=now)
    url = mailing.link(token, address)
    if not print_link:
        _send(invitation, url)
    told = {"email": invitation.email, "expires_at": invitation.expires_at.isoformat()}
    main.report(
        told | ({"link": url} if print_link else {}),
        [url if print_link else f"The invitation is on its way to {invitation.email}."],
    )


def _place(organization: str, client: str | None) -> Organization | Client:
    found = _organizations.by_code(organization)
    if client is None:
        return found
    one = Client.objects.visible_to(System()).filter(organization=found, code=client).first()
    if one is None:
        raise click.BadParameter(f"there is no client {client!r} in {organization!r}", param_hint="'--client'")
    return one


def _send(invitation: Invitation, url: str) -> None:
    try:
        mailing.send_link(invitation, url)
    except mail.FAILURES as error:
        raise click.ClickException(
            f"the mail could not be sent ({type(error).__name__}): invite again with --print-link"
        ) from None
