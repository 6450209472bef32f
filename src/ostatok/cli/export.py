"""`ostatok export`: write what is there as a description."""

import click
from django.utils import timezone

from ostatok.cli import _organizations, _whoever, main
from ostatok.intake.description import exporting, source
from ostatok.parties import audit


@click.command(cls=main.Command)
@click.option("--organization", "code", metavar="CODE", help="Only this organization and those below it.")
@main.json_option
def command(code: str | None) -> None:
    """Write organizations, services, people, clients, accounts, rules and templates as `ostatok apply` reads them.

    Applied where it came from, the description changes nothing. Balances and entries are not in it, nor passwords. That
    it was written is audited.
    """
    organization = _organizations.by_code(code) if code else None
    actor = _whoever.runs_this()
    audit.record(actor, "description.exported", code or "everything", organization, {}, "cli", timezone.now())
    pieces = exporting.export(actor, organization)
    if click.get_current_context().meta.get("json"):
        main.report(source.read("".join(pieces)) or {}, [])
        return
    for piece in pieces:
        click.echo(piece, nl=False)
