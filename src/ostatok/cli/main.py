"""The command group `ostatok`, and what its commands share.

A command is a module of this package: `ostatok why` is `why.py`, `ostatok import` is `import_.py`. The module holds
one click command named `command`; nothing else need be registered. Modules whose names begin with an
underscore are no commands.

    @click.command(cls=main.Command)        # its database is open when its body runs
    @click.command(cls=main.NoDatabase)     # it needs none
    @click.group(cls=main.Group)            # of such commands
"""

import importlib
import json
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import click

import ostatok
from ostatok import cli as package

_NOT_COMMANDS: Final = {"main"}


@dataclass(frozen=True, kw_only=True)
class Composition:
    """What the composition root lends to the commands, as `obj` of the click context.

    `open_database` chooses a database, starts the embedded one if need be and sees to it that its schema is
    current; `migrate` brings the schema up to date and returns the names of the migrations it applied; `environment`
    is what a process started from here must find in its environment to meet the same database.
    """

    open_database: Callable[[], None]
    migrate: Callable[[], Sequence[str]]
    environment: Callable[[], Mapping[str, str]]


class Command(click.Command):
    """A command that works on the database: it is opened after the arguments were understood."""

    def invoke(self, ctx: click.Context) -> Any:
        """Open the database, then run the command. Without a Composition (under test) it is open already."""
        composition = ctx.find_object(Composition)
        if composition:
            composition.open_database()
        return super().invoke(ctx)


class NoDatabase(click.Command):
    """A command that needs no database, or opens it by itself: `@click.command(cls=NoDatabase)`."""


class Group(click.Group):
    """A group whose commands work on the database."""

    command_class = Command
    group_class = type


class Modules(Group):
    """The group of the commands that are modules of this package, imported when asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's signature)
        """Return the names of all commands."""
        return sorted(_modules())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Return the command of that name, if there is one."""
        module = _modules().get(cmd_name)
        if module is None:
            return None
        command: click.Command = importlib.import_module(f"{package.__name__}.{module}").command
        return command


def _modules() -> dict[str, str]:
    """Return the modules of the commands by the names of the commands."""
    names = (module.name for module in pkgutil.iter_modules(package.__path__))
    return {
        name.rstrip("_").replace("_", "-"): name
        for name in names
        if not name.startswith("_") and name not in _NOT_COMMANDS
    }


def _print_as_json(ctx: click.Context, _parameter: click.Parameter, value: bool) -> bool:
    ctx.meta["json"] = value
    return value


#: Decorates every command that prints a result: `--json` makes `report` print JSON.
json_option: Final = click.option(
    "--json", is_flag=True, expose_value=False, callback=_print_as_json, help="Print one JSON document."
)


def report(result: Mapping[str, Any] | Sequence[Any], lines: Sequence[str]) -> None:
    """Print what a command has to say: `result` as JSON under `--json`, otherwise `lines`.

    Numbers that are not whole (Decimal), dates and other values JSON does not know are written as text.
    """
    if click.get_current_context().meta.get("json"):
        click.echo(json.dumps(result, ensure_ascii=False, default=str, indent=2))
        return
    for line in lines:
        click.echo(line)


def environment() -> Mapping[str, str]:
    """What a process started by the running command must find in its environment to meet the same database."""
    composition = click.get_current_context().find_object(Composition)
    return composition.environment() if composition else {}


def counted(number: int, one: str, many: str) -> str:
    """`1 notice`, `1,200 notices`."""
    return f"{number:,} {one if number == 1 else many}"


def told(notices: int, deliveries: int) -> str:
    """`1 notice, 2 deliveries`."""
    return f"{counted(notices, 'notice', 'notices')}, {counted(deliveries, 'delivery', 'deliveries')}"


@click.group(cls=Modules, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(ostatok.__version__, prog_name="ostatok")
def cli() -> None:
    """Keep what every customer has left, and tell the right people before it runs out."""
