"""`ostatok bench`: measure this machine, beside its own limits."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import click

import ostatok
from ostatok.cli import main

_SCRIPTS = Path(ostatok.__file__).resolve().parents[2] / "benchmarks"
_HELPERS = {"cluster"}


@click.command(cls=main.NoDatabase)
@click.argument("questions", nargs=-1)
@main.json_option
def command(questions: Sequence[str]) -> None:
    """Answer QUESTIONS, or all there are: each prints a ratio against a limit measured in the same run.

    Every benchmark has a database of its own that is thrown away; yours is not touched. They come with
    the source, not with an installed package.
    """
    scripts = _chosen(questions)
    told = [{"question": script.stem, "answer": _run(script)} for script in scripts]
    main.report(told, [] if _shown_already() else [line for one in told for line in one["answer"]])


def _chosen(questions: Sequence[str]) -> list[Path]:
    known = {path.stem: path for path in sorted(_SCRIPTS.glob("[a-z]*.py")) if path.stem not in _HELPERS}
    if not known:
        raise click.ClickException(f"there are no benchmarks in {_SCRIPTS}: they come with the source of Ostatok")
    unknown = [question for question in questions if question not in known]
    if unknown:
        raise click.BadParameter(f"{', '.join(unknown)}: known are {', '.join(known)}", param_hint="QUESTIONS")
    return [known[question] for question in questions] if questions else list(known.values())


def _run(script: Path) -> list[str]:
    """Run one benchmark, pass its lines on as they come and return them."""
    lines = []
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            lines.append(line.rstrip("\n"))
            if _shown_already():
                click.echo(line, nl=False)
    if process.returncode:
        raise click.ClickException(f"the benchmark {script.stem} failed with exit status {process.returncode}")
    return lines


def _shown_already() -> bool:
    return not click.get_current_context().meta.get("json")
