"""`ostatok migrate`: bring the schema of the database up to date."""

import click

from ostatok.cli import main


@click.command(cls=main.NoDatabase)
@main.json_option
@click.pass_obj
def command(composition: main.Composition) -> None:
    """Bring the schema of the database up to date.

    Safe to repeat, and from several hosts at once. The embedded database needs no such command: every command
    sees to it.
    """
    applied = composition.migrate()
    main.report({"applied": applied}, [*applied, f"{len(applied)} applied" if applied else "nothing to do"])
